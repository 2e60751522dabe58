"""GANStep: the graph of training steps, with the updates of both networks.

It owns neither weights nor state; `gan.DCGAN` adds them.
"""

from __future__ import annotations

from dcgan.backend import keras, tf
from dcgan.config.settings import MAX_DISCRIMINATOR_STEPS
from dcgan.config.training_config import TrainingConfig
from dcgan.model.networks import compute_logits, find_held_variables
from dcgan.training_step import penalties
from dcgan.training_step.augmentation import Augment, Augmentation
from dcgan.training_step.ema import update_ema
from dcgan.training_step.losses import discriminator_loss, generator_loss
from dcgan.training_step.step_inputs import StepInputs
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


class GANStep:
    """The part of a `DCGAN` that runs in a graph; its attributes are documented there."""

    config: TrainingConfig
    strategy: tf.distribute.Strategy
    generator: keras.Model
    discriminator: keras.Model
    ema_generator: keras.Model
    generator_optimizer: keras.optimizers.Optimizer
    discriminator_optimizer: keras.optimizers.Optimizer
    _inputs: StepInputs
    _augmentation: Augmentation

    def _train_chunk(
        self,
        images: TrainingImages,
        order: tf.Tensor,
        position: tf.Tensor,
        step: tf.Tensor,
        num_steps: tf.Tensor,
    ) -> tf.Tensor:
        num_images = images.pixels.shape[0]

        # TensorFlow's loop and condition: AutoGraph, which translates Python's, would take a third
        # of the time until the first step.
        def make_step(index: tf.Tensor, totals: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            metrics = self.strategy.run(
                self._train_step, args=(images, order, position + index, step + index)
            )
            metrics = self.strategy.reduce(tf.distribute.ReduceOp.MEAN, metrics, axis=None)
            totals += metrics
            self._augmentation.adapt(num_images, metrics)
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
        num_images = images.pixels.shape[0]
        num_batches = self.config.compute_steps_per_epoch(num_images)
        for index in range(1, num_rounds):
            # These updates also see all data once an epoch, but each starts at another batch.
            batch_in_epoch = position % num_batches
            shifted = (batch_in_epoch + index * num_batches // num_rounds) % num_batches
            batch = position - batch_in_epoch + shifted
            real_images, classes = self._inputs.select_batch(images, order, batch)
            # Negative, because the main update of each step draws with its own index.
            draw_index = -(step * MAX_DISCRIMINATOR_STEPS + index)
            inputs = self._inputs.draw_generator_inputs(draw_index, step, classes)
            fake_images = self.generator(inputs, training=True)
            augment = self._augmentation.make_augment(num_images, draw_index)
            self._update_discriminator(real_images, fake_images, classes, draw_index, step, augment)
        real_images, classes = self._inputs.select_batch(images, order, position)
        # One pass of the generator serves both updates, as in PyTorch's DCGAN example: the
        # discriminator first learns from the fakes, then classifies them again.
        inputs = self._inputs.draw_generator_inputs(step, step, classes)
        augment = self._augmentation.make_augment(num_images, step)
        with tf.GradientTape() as tape:
            fake_images = self.generator(inputs, training=True)
            with tape.stop_recording():
                discriminator_metrics = self._update_discriminator(
                    real_images, fake_images, classes, step, step, augment
                )
                real_logits = None
                if self.config.loss_kind.is_paired:
                    real_logits = self._discriminate(real_images, classes, augment)
            fake_logits = self._discriminate(fake_images, classes, augment)
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
        draw_index: tf.Tensor,
        step: tf.Tensor,
        augment: Augment,
    ) -> dict[str, tf.Tensor]:
        with tf.GradientTape() as tape:
            # Two passes: BatchNorm must not see real and fake images in one batch, or the
            # discriminator could tell them apart by the batch's statistics.
            real_logits = self._discriminate(real_images, classes, augment)
            fake_logits = self._discriminate(fake_images, classes, augment)
            loss = discriminator_loss(
                real_logits, fake_logits, self.config.label_smoothing, loss=self.config.loss
            )
            penalized = loss
            if self.config.loss_kind.is_shift_invariant:
                penalized += penalties.middle_penalty(real_logits, fake_logits)
            if self.config.loss_kind.has_gradient_penalty:
                mix_weights = self._inputs.draw_mix_weights(draw_index)
                penalized += penalties.wgan_gp_penalty(
                    lambda x: self._discriminate(x, classes, augment),
                    real_images,
                    fake_images,
                    mix_weights,
                )
            # Optimizers sum gradients over replicas.
            replica_loss = penalized / self.strategy.num_replicas_in_sync
        gradients = tape.gradient(replica_loss, self.discriminator.trainable_variables)
        self._move_discriminator(gradients, step)
        return compute_discriminator_metrics(loss, real_logits, fake_logits, gradients)

    def _apply_penalty(
        self, images: TrainingImages, order: tf.Tensor, position: tf.Tensor, step: tf.Tensor
    ) -> None:
        """Update the discriminator by R1 at its last batch of real images.

        For a loss that compares pairs, the penalty also includes R2 at the fakes of that batch.
        """
        real_images, classes = self._inputs.select_batch(images, order, position)
        augment = self._augmentation.make_augment(images.pixels.shape[0], step)
        batches = [real_images]
        if self.config.loss_kind.is_paired:
            inputs = self._inputs.draw_generator_inputs(step, step, classes)
            batches.append(self.generator(inputs, training=True))
        weight = penalties.scale_penalty_weight(self.config.r1_penalty, self.config.image_shape)
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            penalty = sum(
                penalties.zero_centered_penalty(
                    lambda x: self._discriminate(x, classes, augment), batch, weight
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
        variables = self.discriminator.trainable_variables
        if self.config.start_from and self.config.held_layers > 0:
            held = find_held_variables(self.discriminator, self.config.held_layers)
            # Adam does not move a weight whose gradient has always been 0.
            factor = tf.cast(step >= self.config.held_steps, tf.float32)
            gradients = [
                gradient * factor if id(variable) in held else gradient
                for gradient, variable in zip(gradients, variables, strict=True)
            ]
        self.discriminator_optimizer.apply(gradients, variables)

    def _discriminate(
        self, images: tf.Tensor, classes: tf.Tensor | None, augment: Augment
    ) -> tf.Tensor:
        """Return the logits of images, which the discriminator never sees unaugmented."""
        return compute_logits(self.discriminator(augment(images), training=True), classes)
