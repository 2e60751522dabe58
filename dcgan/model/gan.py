"""DCGAN: two networks, two optimizers, the EMA generator and the training step.

It owns all weights. Data and duration belong to `training`, results to `runs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np

from dcgan.backend import avoid_retracing_warnings, building_layers, keras, tf
from dcgan.config.settings import MAX_DISCRIMINATOR_STEPS
from dcgan.config.training_config import TrainingConfig
from dcgan.model.class_inputs import ClassChoice, make_generator_inputs
from dcgan.model.devices import choose_strategy
from dcgan.model.networks import build_discriminator, build_generator, compute_logits
from dcgan.model.sampler import choose_batch_size, compile_generator, generate_in_batches
from dcgan.model.state import check_state, is_optimizer_array
from dcgan.training_step import penalties
from dcgan.training_step.adam import FusedAdam
from dcgan.training_step.ema import update_ema
from dcgan.training_step.losses import discriminator_loss, generator_loss
from dcgan.training_step.step_inputs import StepInputs
from dcgan.training_step.step_metrics import (
    NUM_VALUES,
    StepMetrics,
    compute_discriminator_metrics,
    compute_gradient_norm,
    compute_spread,
    compute_update_ratio,
    copy_weights,
    pack_step_metrics,
    unpack_step_metrics,
)
from dcgan.training_step.training_images import TrainingImages

# The gradient penalty is applied once in this many steps, multiplied by this number: nearly the
# same effect at a sixteenth of the cost ("lazy regularization", Karras et al., 2019,
# arXiv:1912.04958, appendix B, without its small correction of Adam's settings).
_PENALTY_EVERY = 16


class DCGAN:
    """A generator and a discriminator that learn from each other.

    Attributes:
        config: The settings; `change_config` changes some of them.
        strategy: TensorFlow's distribution strategy, by default chosen from the config.
        generator: Maps latent vectors to images in [-1, 1].
        discriminator: Maps images in [-1, 1] to logits.
        ema_generator: The generator with averaged weights, which makes the samples.
        step: Training steps so far; each updates both networks.
        seconds: Training time so far, updated by `training.train`.

    Every random number of training, except Dropout's, is a pure function of the seed and the step.
    So the state holds no random generator except Dropout's, and a resumed run draws the same
    numbers as an uninterrupted one.
    """

    def __init__(
        self, config: TrainingConfig, strategy: tf.distribute.Strategy | None = None
    ) -> None:
        """Build both networks and their optimizers, with the initial weights of the seed."""
        self.config = config
        self.strategy = strategy or choose_strategy(config.strategy)
        self.step = 0
        self.seconds = 0.0
        with self.strategy.scope(), building_layers():  # Optimizers have a dtype too.
            self.generator = build_generator(config)
            self.discriminator = build_discriminator(config)
            self.ema_generator = build_generator(config)
            self.generator_optimizer = FusedAdam(
                config.generator_learning_rate, config.beta_1, config.beta_2
            )
            self.discriminator_optimizer = FusedAdam(
                config.discriminator_learning_rate, config.beta_1, config.beta_2
            )
            # Built before tracing: a strategy does not see variables made inside a tf.function.
            self.generator_optimizer.build(self.generator.trainable_variables)
            self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.ema_generator.set_weights(self.generator.get_weights())
        self._inputs = StepInputs(config, self.strategy.num_replicas_in_sync)
        self._build_step()
        self._generate = compile_generator(self.ema_generator, config)
        self._batch_size = choose_batch_size(self.ema_generator)

    def train_steps(
        self, images: TrainingImages, order: tf.Tensor, position: int, num_steps: int
    ) -> StepMetrics:
        """Make several steps; the last one alone, to measure its change of the weights.

        Args:
            images: All training images, with labels if the config has classes.
            order: Indices into `images`, int32: the batches of one epoch or of several epochs,
                one after the other.
            position: Index of the first step's batch in `order`.
            num_steps: The number of steps, at least 1.

        Returns:
            The metrics of these steps.
        """
        totals = np.zeros(NUM_VALUES)
        if num_steps > 1:
            totals += self._run_chunk(images, order, position, num_steps - 1)
        before = copy_weights(self.generator), copy_weights(self.discriminator)
        totals += self._run_chunk(images, order, position + num_steps - 1, 1)
        return unpack_step_metrics(
            totals / num_steps,
            compute_update_ratio(before[0], copy_weights(self.generator)),
            compute_update_ratio(before[1], copy_weights(self.discriminator)),
        )

    def _run_chunk(
        self, images: TrainingImages, order: tf.Tensor, position: int, num_steps: int
    ) -> np.ndarray:
        """Make steps in one call into the graph; return the sums of their metrics."""
        updates_before = self._count_updates()
        try:
            totals: np.ndarray = self._graph(
                images,
                order,
                tf.constant(position, tf.int32),
                tf.constant(self.step, tf.int32),
                tf.constant(num_steps, tf.int32),
            ).numpy()
        finally:  # A notebook's stop button interrupts this call after the steps were made.
            self.step += self._count_updates() - updates_before
        return totals

    def change_config(self, config: TrainingConfig) -> None:
        """Replace settings that may change during training, such as the learning rates.

        Args:
            config: The new settings. They may differ from the current ones only in
                `list_settings_that_change("live")` and in the settings of length and reports.
        """
        before, self.config = self.config, config
        self.generator_optimizer.learning_rate = config.generator_learning_rate
        self.discriminator_optimizer.learning_rate = config.discriminator_learning_rate
        if config.discriminator_steps != before.discriminator_steps:
            self._build_step()  # The number of updates is part of the graph.

    def _count_updates(self) -> int:
        """Return the number of the generator's updates since its optimizer was made."""
        return int(np.asarray(self.generator_optimizer.iterations))

    def _build_step(self) -> None:
        """Make a new graph, which the next step traces with the current config."""
        self._graph = tf.function(avoid_retracing_warnings(self._train_chunk), autograph=False)

    def generate(self, z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
        """Generate images with the EMA generator, a bounded number at once.

        Args:
            z: Latent batch, shape (num, latent_dim), float32.
            classes: The class of each image, or the weights of the classes, (num, num_classes).

        Returns:
            Pixels, uint8 [0, 255], shape (num, height, width, channels).
        """
        inputs = make_generator_inputs(z, classes, self.config)
        return generate_in_batches(self._generate, inputs, self._batch_size)

    def get_state(self) -> dict[str, np.ndarray]:
        """Copy everything that training needs to continue, as arrays by name.

        These are the weights of both networks (with BatchNorm's statistics and Dropout's random
        state) and of the EMA generator, the states of both optimizers, the step and the seconds.
        `set_state` of a DCGAN with the same config restores them, also in the middle of an epoch.
        """
        state = {name: np.asarray(variable) for name, variable in self._name_variables().items()}
        state["step"] = np.array(self.step, np.int64)
        state["seconds"] = np.array(self.seconds, np.float64)
        return state

    def set_state(self, state: Mapping[str, np.ndarray]) -> Self:
        """Restore a state from `get_state`, or a slim one, which resets the optimizers.

        The learning rates are not restored: the config has them.

        Raises:
            ValueError: If an array is missing, unknown or of another shape; in that case
                nothing is changed.
        """
        variables = self._name_variables()
        is_slim = not any(is_optimizer_array(name) for name in state)
        reset = {name for name in variables if is_slim and is_optimizer_array(name)}
        check_state(
            state, {name: tuple(v.shape) for name, v in variables.items() if name not in reset}
        )
        for name, variable in variables.items():
            if name.endswith("/learning_rate"):
                continue
            variable.assign(np.zeros(variable.shape) if name in reset else state[name])
        self.step = int(state["step"])
        self.seconds = float(state["seconds"])
        return self

    def _name_variables(self) -> dict[str, keras.Variable]:
        """Return all variables by their names in a state."""
        owners = {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "ema_generator": self.ema_generator,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }
        return {
            f"{owner_name}/{index:02d}/{variable.name}": variable
            for owner_name, owner in owners.items()
            for index, variable in enumerate(owner.variables)
        }

    def _train_chunk(
        self,
        images: TrainingImages,
        order: tf.Tensor,
        position: tf.Tensor,
        step: tf.Tensor,
        num_steps: tf.Tensor,
    ) -> tf.Tensor:
        # TensorFlow's loop and condition: AutoGraph, which translates Python's, would take a third
        # of the time until the first step.
        def make_step(index: tf.Tensor, totals: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            metrics = self.strategy.run(
                self._train_step, args=(images, order, position + index, step + index)
            )
            totals += self.strategy.reduce(tf.distribute.ReduceOp.MEAN, metrics, axis=None)
            decay = self.config.ema_decay
            update_ema(self.ema_generator, self.generator, decay, step + index + 1)
            if self.config.r1_penalty > 0 and not self.config.loss_kind.has_gradient_penalty:
                tf.cond(
                    tf.equal((step + index + 1) % _PENALTY_EVERY, 0),
                    lambda: self.strategy.run(
                        self._apply_penalty, args=(images, order, position + index, step + index)
                    ),
                    lambda: None,
                )
            return index + 1, totals

        start = (tf.constant(0), tf.zeros(NUM_VALUES))
        return tf.while_loop(lambda index, _: index < num_steps, make_step, start)[1]

    def _train_step(
        self, images: TrainingImages, order: tf.Tensor, position: tf.Tensor, step: tf.Tensor
    ) -> tf.Tensor:
        """Make one update of both networks on one replica's share of the batch."""
        num_rounds = self.config.discriminator_steps
        num_batches = self.config.compute_steps_per_epoch(images.pixels.shape[0])
        for index in range(1, num_rounds):
            # These updates also see all data once an epoch, but each starts at another batch.
            batch_in_epoch = position % num_batches
            shifted = (batch_in_epoch + index * num_batches // num_rounds) % num_batches
            batch = position - batch_in_epoch + shifted
            real_images, classes = self._inputs.select_batch(images, order, batch)
            # Negative, because the main update of each step uses its index as the draw.
            draw = -(step * MAX_DISCRIMINATOR_STEPS + index)
            inputs = self._inputs.draw_generator_inputs(draw, step, classes)
            fake_images = self.generator(inputs, training=True)
            self._update_discriminator(real_images, fake_images, classes, draw)
        real_images, classes = self._inputs.select_batch(images, order, position)
        # One pass of the generator serves both updates, as in PyTorch's DCGAN example: the
        # discriminator first learns from the fakes, then classifies them again.
        inputs = self._inputs.draw_generator_inputs(step, step, classes)
        with tf.GradientTape() as tape:
            fake_images = self.generator(inputs, training=True)
            with tape.stop_recording():
                discriminator_metrics = self._update_discriminator(
                    real_images, fake_images, classes, step
                )
                has_pairs = self.config.loss_kind.is_paired
                real_logits = self._discriminate(real_images, classes) if has_pairs else None
            fake_logits = self._discriminate(fake_images, classes)
            loss = generator_loss(fake_logits, real_logits, loss=self.config.loss)
            replica_loss = loss / self.strategy.num_replicas_in_sync
        gradients = tape.gradient(replica_loss, self.generator.trainable_variables)
        self.generator_optimizer.apply(gradients, self.generator.trainable_variables)
        return pack_step_metrics(
            {
                **discriminator_metrics,
                "generator_loss": loss,
                "generator_gradient_norm": compute_gradient_norm(gradients),
                "real_spread": compute_spread(real_images),
                "fake_spread": compute_spread(fake_images),
            }
        )

    def _update_discriminator(
        self,
        real_images: tf.Tensor,
        fake_images: tf.Tensor,
        classes: tf.Tensor | None,
        draw: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        with tf.GradientTape() as tape:
            # Two passes: BatchNorm must not see real and fake images in one batch, or the
            # discriminator could tell them apart by the batch's statistics.
            real_logits = self._discriminate(real_images, classes)
            fake_logits = self._discriminate(fake_images, classes)
            loss = discriminator_loss(
                real_logits, fake_logits, self.config.label_smoothing, loss=self.config.loss
            )
            penalized = loss
            if self.config.loss_kind.is_shift_invariant:
                penalized += penalties.middle_penalty(real_logits, fake_logits)
            if self.config.loss_kind.has_gradient_penalty:
                mix_weights = self._inputs.draw_mix_weights(draw)
                penalized += penalties.wgan_gp_penalty(
                    lambda x: self._discriminate(x, classes), real_images, fake_images, mix_weights
                )
            # Optimizers sum gradients over replicas.
            replica_loss = penalized / self.strategy.num_replicas_in_sync
        gradients = tape.gradient(replica_loss, self.discriminator.trainable_variables)
        self.discriminator_optimizer.apply(gradients, self.discriminator.trainable_variables)
        return compute_discriminator_metrics(loss, real_logits, fake_logits, gradients)

    def _apply_penalty(
        self, images: TrainingImages, order: tf.Tensor, position: tf.Tensor, step: tf.Tensor
    ) -> None:
        """Update the discriminator by R1 at its last batch of real images.

        For a loss that compares pairs, the penalty also includes R2 at the fakes of that batch.
        """
        real_images, classes = self._inputs.select_batch(images, order, position)
        batches = [real_images]
        if self.config.loss_kind.is_paired:
            inputs = self._inputs.draw_generator_inputs(step, step, classes)
            batches.append(self.generator(inputs, training=True))
        weight = penalties.scale_penalty_weight(self.config.r1_penalty, self.config.image_shape)
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            penalty = sum(
                penalties.zero_centered_penalty(
                    lambda x: self._discriminate(x, classes), batch, weight
                )
                for batch in batches
            )
            replica_loss = penalty * _PENALTY_EVERY / self.strategy.num_replicas_in_sync
        gradients = tape.gradient(replica_loss, variables)
        # Biases that only shift the logits do not change their slope, so they have no gradient.
        gradients = [
            tf.zeros(variable.shape) if gradient is None else gradient
            for gradient, variable in zip(gradients, variables, strict=True)
        ]
        self.discriminator_optimizer.apply(gradients, variables)

    def _discriminate(self, images: tf.Tensor, classes: tf.Tensor | None) -> tf.Tensor:
        return compute_logits(self.discriminator(images, training=True), classes)
