"""Training steps that `levers.py` and `gpu.py` measure and the product does not have."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from dcgan.backend import avoid_retracing_warnings
from dcgan.config.training_config import TrainingConfig
from dcgan.training_step.losses import discriminator_loss, generator_loss
from dcgan.training_step.parts import StepParts
from dcgan.training_step.step import TrainingStep
from dcgan.training_step.step_metrics import NUM_VALUES
from dcgan.training_step.training_images import TrainingImages


class OnePassStep(TrainingStep):
    """Steps in which both networks learn from one pass of the discriminator."""

    def update_networks(
        self, images: TrainingImages, order: tf.Tensor, position: tf.Tensor, step: tf.Tensor
    ) -> tf.Tensor:
        parts = self.parts
        real_images, classes = parts.inputs.select_batch(images, order, position)
        with tf.GradientTape(persistent=True) as tape:
            inputs = parts.inputs.draw_generator_inputs(step, step, classes)
            fake_images = parts.generator(inputs, training=True)
            augment = parts.augmentation.make_augment(images.pixels.shape[0], step)
            real_logits = self.discriminate(real_images, classes, augment)
            fake_logits = self.discriminate(fake_images, classes, augment)
            of_generator = generator_loss(fake_logits)
            of_discriminator = discriminator_loss(
                real_logits, fake_logits, self.config.label_smoothing
            )
        for model, optimizer, loss in (
            (parts.generator, parts.generator_optimizer, of_generator),
            (parts.discriminator, parts.discriminator_optimizer, of_discriminator),
        ):
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)
        rest = tf.zeros(NUM_VALUES - 2)
        return tf.concat([tf.stack([of_generator, of_discriminator]), rest], 0)


class TopFakesStep(TrainingStep):
    """Steps in which the generator learns from its better fakes only.

    The share of fakes is 1 at the first step and falls by a hundredth every 100 steps, to a half.

    Source:
        Sinha et al., "Top-k Training of GANs", 2020, arXiv:2002.06224.
    """

    def update_networks(
        self, images: TrainingImages, order: tf.Tensor, position: tf.Tensor, step: tf.Tensor
    ) -> tf.Tensor:
        parts = self.parts
        real_images, classes = parts.inputs.select_batch(images, order, position)
        inputs = parts.inputs.draw_generator_inputs(step, step, classes)
        augment = parts.augmentation.make_augment(images.pixels.shape[0], step)
        with tf.GradientTape() as tape:
            fake_images = parts.generator(inputs, training=True)
            with tape.stop_recording():
                metrics = self.update_discriminator(
                    real_images, fake_images, classes, step, step, augment
                )
            logits = self.discriminate(fake_images, classes, augment)
            share = tf.maximum(0.5, 0.99 ** tf.cast(step // 100, tf.float32))
            num = tf.cast(share * float(self.config.batch_size), tf.int32)
            loss = generator_loss(tf.math.top_k(logits[:, 0], num, sorted=False).values)
        variables = parts.generator.trainable_variables
        parts.generator_optimizer.apply(tape.gradient(loss, variables), variables)
        rest = tf.zeros(NUM_VALUES - 2)
        return tf.concat([tf.stack([loss, metrics["discriminator_loss"]]), rest], 0)


class ConstantImagesStep(TrainingStep):
    """Steps whose images are constants of the graph instead of arguments."""

    _constant: TrainingImages | None = None

    def run(
        self, images: TrainingImages, order: tf.Tensor, position: int, step: int, num_steps: int
    ) -> np.ndarray:
        if self._constant is None:
            labels = None if images.labels is None else tf.constant(images.labels.numpy())
            self._constant = TrainingImages(tf.constant(images.pixels.numpy()), labels)
        return super().run(images, order, position, step, num_steps)

    def make_steps(
        self,
        images: TrainingImages,
        order: tf.Tensor,
        position: tf.Tensor,
        step: tf.Tensor,
        num_steps: tf.Tensor,
    ) -> tf.Tensor:
        return super().make_steps(self._constant or images, order, position, step, num_steps)


class XLAStep(TrainingStep):
    """Steps that XLA compiles."""

    def __init__(
        self, config: TrainingConfig, strategy: tf.distribute.Strategy, parts: StepParts
    ) -> None:
        super().__init__(config, strategy, parts)
        function = avoid_retracing_warnings(self.make_steps)
        self.graph = tf.function(function, jit_compile=True, autograph=False)
