"""Pull one lever at a time: what a change to the default design does to real digits' distance.

    python tests/benchmarks/levers.py [--seconds 60] [--seeds 1] [--levers "R1" "bfloat16" …]

Each lever trains the `fast` design with one thing changed for the same time, one after the other
in one process. What is a setting is changed as a setting; what the product does not have is built
here from its parts. Prints the Fréchet distance (lower is better) and the speed.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import keras
import tensorflow as tf

from dcgan import networks
from dcgan.config import IMAGE_SIZE, TrainingConfig
from dcgan.datasets import ImageDataset
from dcgan.gan import DCGAN
from dcgan.losses import discriminator_loss, generator_loss
from dcgan.training import train

Rebuild = Callable[[keras.Model], keras.Model]
# From logits on real and on fake images to the losses of the generator and the discriminator.
Losses = Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]

_R1_EVERY = 16  # StyleGAN2's "lazy" regularisation (Karras et al., 2019, arXiv:1912.04958).


@dataclass(frozen=True)
class Lever:
    """One change to the default design.

    Attributes:
        settings: Of the config.
        generator, discriminator: Make the network anew from the default one.
        losses: Both networks learn at once from one pass of the discriminator, with these.
        r1: Weight γ of the gradient penalty on real images (Mescheder et al., 2018,
            arXiv:1801.04406).
        rates: What both learning rates, the generator's first, are multiplied with when this
            share of the time is over.
        halfway: Settings of the second half of the time.
    """

    settings: Mapping[str, object] = field(default_factory=dict)
    generator: Rebuild | None = None
    discriminator: Rebuild | None = None
    losses: Losses | None = None
    r1: float = 0.0
    rates: Callable[[float], tuple[float, float]] = lambda share: (1.0, 1.0)
    halfway: Mapping[str, object] = field(default_factory=dict)


class LeverGAN(DCGAN):
    """The product's DCGAN with a lever pulled."""

    def __init__(self, config: TrainingConfig, lever: Lever) -> None:
        super().__init__(config)
        self.lever = lever
        if lever.generator is not None:
            self.generator = lever.generator(self.generator)
            self.ema_generator = lever.generator(self.ema_generator)
        if lever.discriminator is not None:
            self.discriminator = lever.discriminator(self.discriminator)
        for name, model in (("generator", self.generator), ("discriminator", self.discriminator)):
            optimizer = keras.optimizers.Adam(
                getattr(config, f"{name}_learning_rate"), config.beta_1, config.beta_2
            )
            optimizer.build(model.trainable_variables)
            setattr(self, f"{name}_optimizer", optimizer)

    def train_steps(
        self, images: tf.Tensor, order: tf.Tensor, position: int, num_steps: int
    ) -> dict[str, float]:
        """Set the learning rates for this moment, then train as ever."""
        config = self.config
        share = self.seconds / config.max_seconds if config.max_seconds else 0.0
        of_generator, of_discriminator = self.lever.rates(share)
        self.generator_optimizer.learning_rate = config.generator_learning_rate * of_generator
        self.discriminator_optimizer.learning_rate = (
            config.discriminator_learning_rate * of_discriminator
        )
        return super().train_steps(images, order, position, num_steps)

    def _train_step(
        self, images: tf.Tensor, order: tf.Tensor, position: tf.Tensor, step: tf.Tensor
    ) -> tf.Tensor:
        if self.lever.r1 > 0 and step % _R1_EVERY == 0:
            self._penalise_gradients(self._real_images(images, order, position))
        if self.lever.losses is None:
            return super()._train_step(images, order, position, step)
        real_images = self._real_images(images, order, position)
        with tf.GradientTape(persistent=True) as tape:
            fake_images = self.generator(self._noise(step), training=True)
            real_logits = self.discriminator(real_images, training=True)
            fake_logits = self.discriminator(fake_images, training=True)
            of_generator, of_discriminator = self.lever.losses(real_logits, fake_logits)
        for model, optimizer, loss in (
            (self.generator, self.generator_optimizer, of_generator),
            (self.discriminator, self.discriminator_optimizer, of_discriminator),
        ):
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)
        return tf.stack([of_generator, of_discriminator, *[tf.zeros(())] * 6])

    def _penalise_gradients(self, real_images: tf.Tensor) -> None:
        variables = self.discriminator.trainable_variables
        with tf.GradientTape() as tape:
            with tf.GradientTape() as inner:
                inner.watch(real_images)
                logits = tf.reduce_sum(self.discriminator(real_images, training=True))
            slopes = inner.gradient(logits, real_images)
            squares = tf.reduce_sum(slopes**2, axis=(1, 2, 3))
            penalty = _R1_EVERY * self.lever.r1 / 2 * tf.reduce_mean(squares)
        gradients = tape.gradient(penalty, variables)
        pairs = zip(gradients, variables, strict=True)  # An offset has no slope: none, not 0.
        self.discriminator_optimizer.apply(
            [tf.zeros(v.shape) if gradient is None else gradient for gradient, v in pairs],
            variables,
        )


def standard(real: tf.Tensor, fake: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The product's own losses."""
    return generator_loss(fake), discriminator_loss(real, fake, TrainingConfig().label_smoothing)


def relativistic(real: tf.Tensor, fake: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Each fake is held against a real image (Jolicoeur-Martineau, 2018, arXiv:1807.00734)."""
    return tf.reduce_mean(tf.nn.softplus(real - fake)), tf.reduce_mean(tf.nn.softplus(fake - real))


def hinge(real: tf.Tensor, fake: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Margins of one (Lim and Ye, 2017, arXiv:1705.02894)."""
    of_discriminator = tf.reduce_mean(tf.nn.relu(1 - real)) + tf.reduce_mean(tf.nn.relu(1 + fake))
    return -tf.reduce_mean(fake), of_discriminator


def replace_layers(
    model: keras.Model, replace: Callable[[keras.layers.Layer], keras.layers.Layer | None]
) -> keras.Model:
    """Copy a model; where `replace` gives a layer, it stands for the old one."""

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        return replace(layer) or type(layer).from_config(layer.get_config())

    return keras.models.clone_model(model, clone_function=clone)


def without_norm(model: keras.Model) -> keras.Model:
    """BatchNorm replaced by nothing but its offset."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        if isinstance(layer, networks.BatchNormalization):
            return Offset(name=layer.name)
        return None

    return replace_layers(model, replace)


def with_spectral_norm(model: keras.Model) -> keras.Model:
    """Spectral normalisation instead of BatchNorm (Miyato et al., 2018, arXiv:1802.05957)."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        if isinstance(layer, networks.BatchNormalization):
            return Offset(name=layer.name)
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            return keras.layers.SpectralNormalization(type(layer).from_config(layer.get_config()))
        return None

    return replace_layers(model, replace)


def with_layer_norm(model: keras.Model) -> keras.Model:
    """LayerNorm instead of BatchNorm."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        if isinstance(layer, networks.BatchNormalization):
            return keras.layers.LayerNormalization(name=layer.name)
        return None

    return replace_layers(model, replace)


def in_bfloat16(model: keras.Model) -> keras.Model:
    """Convolutions and dense layers in half the bits; BatchNorm and the last layer in float32."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        kinds = (keras.layers.Conv2D, keras.layers.Conv2DTranspose, keras.layers.Dense)
        if isinstance(layer, kinds) and layer.name not in ("image", "logit"):
            return type(layer).from_config({**layer.get_config(), "dtype": "mixed_bfloat16"})
        return None

    return replace_layers(model, replace)


def packed(model: keras.Model) -> keras.Model:
    """The discriminator sees two images at once (PacGAN, Lin et al., 2017, arXiv:1712.04086)."""
    pairs = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 2))
    inner = keras.models.clone_model(model, input_tensors=pairs)
    images = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1))
    return keras.Model(images, inner(Pairs()(images)))


def with_minibatch_deviation(model: keras.Model) -> keras.Model:
    """The discriminator is told how much a batch varies (Karras et al., 2017, arXiv:1710.10196)."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        return FlattenWithDeviation(name="flatten") if layer.name == "flatten" else None

    return replace_layers(model, replace)


class Offset(keras.layers.Layer):
    """A learned number a channel, added."""

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Start at 0."""
        self.offset = self.add_weight(shape=(input_shape[-1],), initializer="zeros")

    def call(self, inputs: tf.Tensor, mask: None = None) -> tf.Tensor:
        """Add it; BatchNorm, whose place it takes, is given a mask."""
        return inputs + self.offset


class Pairs(keras.layers.Layer):
    """Two images of a batch become one of two channels."""

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int | None, ...]:
        """Half as many."""
        return (None, *input_shape[1:3], 2)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Stack neighbours."""
        pairs = tf.reshape(inputs, (-1, 2, *inputs.shape[1:3]))
        return tf.transpose(pairs, (0, 2, 3, 1))


class FlattenWithDeviation(keras.layers.Flatten):
    """Flatten, and one more number: the mean standard deviation over the batch."""

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """One longer than Flatten's."""
        length = inputs.shape[1] * inputs.shape[2] * inputs.shape[3] + 1
        return keras.KerasTensor((None, length), inputs.dtype)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Append it."""
        deviation = tf.reduce_mean(tf.sqrt(tf.math.reduce_variance(inputs, axis=0) + 1e-8))
        flat = tf.reshape(inputs, (-1, inputs.shape[1] * inputs.shape[2] * inputs.shape[3]))
        return tf.concat([flat, tf.fill((tf.shape(flat)[0], 1), deviation)], axis=1)


def falling(end: float, begin: float = 0.0) -> Callable[[float], float]:
    """A factor that is 1 until `begin` of the time, then falls in a straight line to `end`."""
    return lambda share: 1 - (1 - end) * max(0.0, share - begin) / (1 - begin)


LEVERS: Mapping[str, Lever] = {
    "as it is": Lever(),
    "R1": Lever(r1=1.0),
}


def train_lever(lever: Lever, dataset: ImageDataset, config: TrainingConfig) -> LeverGAN:
    """Train with a lever pulled, as long as the config says."""
    halves = [config.replace(**lever.settings)]
    if lever.halfway and config.max_seconds is not None:
        halves = [
            halves[0].replace(max_seconds=config.max_seconds / 2),
            halves[0].replace(**lever.halfway),
        ]
    gan = LeverGAN(halves[0], lever)
    for half in halves:
        if half is not halves[0]:
            state, gan = gan.get_state(), LeverGAN(half, lever)
            gan.set_state(state)
        with contextlib.closing(train(gan, dataset, half)) as reports:
            for _ in reports:
                pass
    return gan
