"""TrainingStep: training steps of both networks, as one graph.

It owns neither weights nor state, only the compiled graph; `model.gan.DCGAN` owns the rest.
"""

from __future__ import annotations

import numpy as np

from dcgan.backend import avoid_retracing_warnings, tf
from dcgan.config.settings import MAX_DISCRIMINATOR_STEPS
from dcgan.config.training_config import TrainingConfig
from dcgan.networks.architecture import compute_logits, find_held_variables
from dcgan.training_step import penalties
from dcgan.training_step.augmentation import Augment
from dcgan.training_step.ema import update_ema
from dcgan.training_step.losses import discriminator_loss, generator_loss
from dcgan.training_step.parts import StepParts
from dcgan.training_step.step_metrics import (
    NUM_VALUES,
    compute_discriminator_metrics,
    compute_gradient_norm,
    compute_spread,
    pack_step_metrics,
)
from dcgan.training_step.training_images import TrainingImages

# The gradient penalty is applied once in this many steps, multiplied by this number: nearly the
# same effect at a sixteenth of the cost ("lazy regularization", Karras et al., 2019,
# arXiv:1912.04958, appendix B, without its small correction of Adam's settings).
_PENALTY_EVERY = 16


class TrainingStep:
    """Training steps of given networks with given settings.

    `run` makes steps. The other methods build its graph: `make_steps` for all replicas together,
    the rest for one replica and its share of the batch. To try another step, override one of them
    and pass the class to `DCGAN` as `make_step`.

    Attributes:
        config: The settings.
        strategy: TensorFlow's distribution strategy.
        parts: Networks, optimizers, inputs and augmentation.
        graph: `make_steps` as a TensorFlow function, traced by the first call of `run`.
    """

    def __init__(
        self, config: TrainingConfig, strategy: tf.distribute.Strategy, parts: StepParts
    ) -> None:
        """Prepare steps; nothing is traced yet."""
        self.config = config
        self.strategy = strategy
        self.parts = parts
        self.graph = tf.function(avoid_retracing_warnings(self.make_steps), autograph=False)

    def run(
        self,
        images: TrainingImages,
        order: tf.Tensor,
        position: int,
        step: int,
        num_steps: int,
    ) -> np.ndarray:
        """Make steps in one call into the graph.

        Args:
            images: All training images.
            order: Indices into `images`, int32, batch after batch.
            position: Index of the first step's batch in `order`.
            step: Steps before these.
            num_steps: The number of steps, at least 1.

        Returns:
            The sums of the steps' vectors of `step_metrics`, shape (NUM_VALUES,), float32.
        """
        numbers = (tf.constant(number, tf.int32) for number in (position, step, num_steps))
        sums: np.ndarray = self.graph(images, order, *numbers).numpy()
        return sums

    def make_steps(
        self,
        images: TrainingImages,
        order: tf.Tensor,
        position: tf.Tensor,
        step: tf.Tensor,
        num_steps: tf.Tensor,
    ) -> tf.Tensor:
        """Make steps, and return the sums of their metrics; the arguments are those of `run`."""
        num_images = images.pixels.shape[0]

        # TensorFlow's loop and condition: AutoGraph, which translates Python's, would take a third
        # of the time until the first step.
        def make_one(index: tf.Tensor, totals: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            metrics = self.strategy.run(
                self.update_networks, args=(images, order, position + index, step + index)
            )
            metrics = self.strategy.reduce(tf.distribute.ReduceOp.MEAN, metrics, axis=None)
            totals += metrics
            self.parts.augmentation.adapt(num_images, metrics)
            self.parts.lookahead.update(step + index + 1, num_images)
            decay = self.config.ema_decay
            update_ema(self.parts.ema_generator, self.parts.generator, decay, step + index + 1)
            if self.config.r1_penalty > 0 and not self.config.loss_kind.has_gradient_penalty:
                tf.cond(
                    tf.equal((step + index + 1) % _PENALTY_EVERY, 0),
                    lambda: self.strategy.run(
                        self.apply_penalty, args=(images, order, position + index, step + index)
                    ),
                    lambda: None,
                )
            return index + 1, totals

        start = (tf.constant(0), tf.zeros(NUM_VALUES))
        return tf.while_loop(lambda index, _: index < num_steps, make_one, start)[1]

    def update_networks(
        self, images: TrainingImages, order: tf.Tensor, position: tf.Tensor, step: tf.Tensor
    ) -> tf.Tensor:
        """Make one update of both networks on one replica's share of the batch."""
        num_rounds = self.config.discriminator_steps
        num_images = images.pixels.shape[0]
        num_batches = self.config.compute_steps_per_epoch(num_images)
        for index in range(1, num_rounds):
            # These updates also see all data once an epoch, but each starts at another batch.
            batch_in_epoch = position % num_batches
            shifted = (batch_in_epoch + index * num_batches // num_rounds) % num_batches
            batch = position - batch_in_epoch + shifted
            real_images, classes = self.parts.inputs.select_batch(images, order, batch)
            # Negative, because the main update of each step draws with its own index.
            draw_index = -(step * MAX_DISCRIMINATOR_STEPS + index)
            inputs = self.parts.inputs.draw_generator_inputs(draw_index, step, classes)
            fake_images = self.parts.generator(inputs, training=True)
            augment = self.parts.augmentation.make_augment(num_images, draw_index)
            self.update_discriminator(real_images, fake_images, classes, draw_index, step, augment)
        real_images, classes = self.parts.inputs.select_batch(images, order, position)
        # One pass of the generator serves both updates, as in PyTorch's DCGAN example: the
        # discriminator first learns from the fakes, then classifies them again.
        inputs = self.parts.inputs.draw_generator_inputs(step, step, classes)
        augment = self.parts.augmentation.make_augment(num_images, step)
        with tf.GradientTape() as tape:
            fake_images = self.parts.generator(inputs, training=True)
            with tape.stop_recording():
                discriminator_metrics = self.update_discriminator(
                    real_images, fake_images, classes, step, step, augment
                )
                real_logits = None
                if self.config.loss_kind.is_paired:
                    real_logits = self.discriminate(real_images, classes, augment)
            fake_logits = self.discriminate(fake_images, classes, augment)
            loss = generator_loss(fake_logits, real_logits, loss=self.config.loss)
            replica_loss = loss / self.strategy.num_replicas_in_sync
        gradients = tape.gradient(replica_loss, self.parts.generator.trainable_variables)
        self.parts.generator_optimizer.apply(gradients, self.parts.generator.trainable_variables)
        return pack_step_metrics(
            {
                **discriminator_metrics,
                "generator_loss": loss,
                "generator_gradient_norm": compute_gradient_norm(gradients),
                "real_spread": compute_spread(real_images),
                "fake_spread": compute_spread(fake_images),
            }
        )

    def update_discriminator(
        self,
        real_images: tf.Tensor,
        fake_images: tf.Tensor,
        classes: tf.Tensor | None,
        draw_index: tf.Tensor,
        step: tf.Tensor,
        augment: Augment,
    ) -> dict[str, tf.Tensor]:
        """Make one update of the discriminator; return its metrics by name."""
        with tf.GradientTape() as tape:
            # Two passes: BatchNorm must not see real and fake images in one batch, or the
            # discriminator could tell them apart by the batch's statistics.
            real_logits = self.discriminate(real_images, classes, augment)
            fake_logits = self.discriminate(fake_images, classes, augment)
            loss = discriminator_loss(
                real_logits, fake_logits, self.config.label_smoothing, loss=self.config.loss
            )
            penalized = loss
            if self.config.loss_kind.is_shift_invariant:
                penalized += penalties.middle_penalty(real_logits, fake_logits)
            if self.config.loss_kind.has_gradient_penalty:
                mix_weights = self.parts.inputs.draw_mix_weights(draw_index)
                penalized += penalties.wgan_gp_penalty(
                    lambda x: self.discriminate(x, classes, augment),
                    real_images,
                    fake_images,
                    mix_weights,
                )
            # Optimizers sum gradients over replicas.
            replica_loss = penalized / self.strategy.num_replicas_in_sync
        gradients = tape.gradient(replica_loss, self.parts.discriminator.trainable_variables)
        self._move_discriminator(gradients, step)
        return compute_discriminator_metrics(loss, real_logits, fake_logits, gradients)

    def apply_penalty(
        self, images: TrainingImages, order: tf.Tensor, position: tf.Tensor, step: tf.Tensor
    ) -> None:
        """Update the discriminator by R1 at its last batch of real images.

        For a loss that compares pairs, the penalty also includes R2 at the fakes of that batch.
        """
        real_images, classes = self.parts.inputs.select_batch(images, order, position)
        augment = self.parts.augmentation.make_augment(images.pixels.shape[0], step)
        batches = [real_images]
        if self.config.loss_kind.is_paired:
            inputs = self.parts.inputs.draw_generator_inputs(step, step, classes)
            batches.append(self.parts.generator(inputs, training=True))
        weight = penalties.scale_penalty_weight(self.config.r1_penalty, self.config.image_shape)
        variables = self.parts.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            penalty = sum(
                penalties.zero_centered_penalty(
                    lambda x: self.discriminate(x, classes, augment), batch, weight
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
        self._move_discriminator(gradients, step)

    def _move_discriminator(self, gradients: list[tf.Tensor], step: tf.Tensor) -> None:
        """Move the discriminator's weights, except those of held layers.

        Source:
            Mo, Cho and Shin, "Freeze the Discriminator: a Simple Baseline for Fine-Tuning GANs",
            2020, arXiv:2002.10964.
        """
        variables = self.parts.discriminator.trainable_variables
        if self.config.start_from and self.config.held_layers > 0:
            held = find_held_variables(self.parts.discriminator, self.config.held_layers)
            # Adam does not move a weight whose gradient has always been 0.
            factor = tf.cast(step >= self.config.held_steps, tf.float32)
            gradients = [
                gradient * factor if id(variable) in held else gradient
                for gradient, variable in zip(gradients, variables, strict=True)
            ]
        self.parts.discriminator_optimizer.apply(gradients, variables)

    def discriminate(
        self, images: tf.Tensor, classes: tf.Tensor | None, augment: Augment
    ) -> tf.Tensor:
        """Return the logits of images, which the discriminator never sees unaugmented.

        With augmentation, TensorFlow 2.21 prints "remapper failed" while it optimizes the graph: it
        fuses the first convolution with its LeakyReLU, although the gradient needs the number
        between them, notices this, and leaves that part as it is. The result is the same. The
        optimization can be turned off for a whole process only, and that changes the rounding of
        all other graphs.
        """
        return compute_logits(self.parts.discriminator(augment(images), training=True), classes)
