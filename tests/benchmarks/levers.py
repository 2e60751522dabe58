"""Pull one lever at a time: how far a changed default design draws from real digits.

    python tests/benchmarks/levers.py [--seconds 60] [--seeds 1] [--levers "kernel 3" "bfloat16" …]

Each lever trains the `fast` design with one thing changed for the same time, one after the other
in one process. What is a setting is changed as a setting; what the product does not have is built
here from its parts. Prints the Fréchet distance (lower is better) and the speed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import keras
import tensorflow as tf

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_dataset
from dcgan.evaluation.evaluator import Evaluator
from dcgan.latent.sampling import sample_latent
from dcgan.model.batch_norm import BatchNormalization
from dcgan.model.gan import DCGAN
from dcgan.model.losses import discriminator_loss, generator_loss
from dcgan.model.plain_layers import to_plain_keras
from dcgan.model.step_metrics import NUM_VALUES, StepMetrics
from dcgan.settings import DIGIT_SHAPE
from dcgan.training.loop import train

Rebuild = Callable[[keras.Model], keras.Model]
# From logits on real and on fake images to the losses of the generator and the discriminator.
Losses = Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


@dataclass(frozen=True)
class Lever:
    """One change to the default design.

    Attributes:
        settings: Of the config.
        generator, discriminator: Make the network anew from the default one.
        losses: Both networks learn at once from one pass of the discriminator, with these.
        rates: What both learning rates, the generator's first, are multiplied with when this
            share of the time is over.
        halfway: Settings of the second half of the time.
        chunk_steps: At most so many steps in a call into the graph.
        has_constant_images: The images are part of the graph, not given to it.
    """

    settings: Mapping[str, object] = field(default_factory=dict)
    generator: Rebuild | None = None
    discriminator: Rebuild | None = None
    losses: Losses | None = None
    rates: Callable[[float], tuple[float, float]] = lambda share: (1.0, 1.0)
    halfway: Mapping[str, object] = field(default_factory=dict)
    chunk_steps: int | None = None
    has_constant_images: bool = False


class LeverGAN(DCGAN):
    """The product's DCGAN with a lever pulled."""

    def __init__(self, config: TrainingConfig, lever: Lever) -> None:
        super().__init__(config)
        self.lever = lever
        self._has_images = False
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
    ) -> StepMetrics:
        """Set the learning rates for this moment, then train as ever."""
        config = self.config
        share = self.seconds / config.max_seconds if config.max_seconds else 0.0
        of_generator, of_discriminator = self.lever.rates(share)
        self.generator_optimizer.learning_rate = config.generator_learning_rate * of_generator
        self.discriminator_optimizer.learning_rate = (
            config.discriminator_learning_rate * of_discriminator
        )
        if self.lever.has_constant_images and not self._has_images:
            chunk = self._train_chunk
            self._chunk = tf.function(lambda _, *rest: chunk(tf.constant(images.numpy()), *rest))
            self._has_images = True
        most = self.lever.chunk_steps or num_steps
        parts = []
        for begin in range(0, num_steps, most):
            size = min(most, num_steps - begin)
            parts.append(super().train_steps(images, order, position + begin, size))
        names = parts[0].means
        means = {name: statistics.fmean(part.means[name] for part in parts) for name in names}
        return parts[-1]._replace(means=means)

    def _train_step(
        self, images: tf.Tensor, order: tf.Tensor, position: tf.Tensor, step: tf.Tensor
    ) -> tf.Tensor:
        if self.lever.losses is None:
            return super()._train_step(images, order, position, step)
        real_images = self._select_real_images(images, order, position)
        with tf.GradientTape(persistent=True) as tape:
            fake_images = self.generator(self._draw_noise(step), training=True)
            real_logits = self.discriminator(real_images, training=True)
            fake_logits = self.discriminator(fake_images, training=True)
            of_generator, of_discriminator = self.lever.losses(real_logits, fake_logits)
        for model, optimizer, loss in (
            (self.generator, self.generator_optimizer, of_generator),
            (self.discriminator, self.discriminator_optimizer, of_discriminator),
        ):
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)
        rest = tf.zeros(NUM_VALUES - 2)
        return tf.concat([tf.stack([of_generator, of_discriminator]), rest], 0)


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
    return replace_layers(model, lambda layer: Offset(name=layer.name) if is_norm(layer) else None)


def is_norm(layer: keras.layers.Layer) -> bool:
    """Whether it is a BatchNorm."""
    return isinstance(layer, BatchNormalization)


def with_spectral_norm(model: keras.Model) -> keras.Model:
    """Spectral normalisation instead of BatchNorm (Miyato et al., 2018, arXiv:1802.05957)."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        if is_norm(layer):
            return Offset(name=layer.name)
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            return keras.layers.SpectralNormalization(type(layer).from_config(layer.get_config()))
        return None

    return replace_layers(model, replace)


def with_layer_norm(model: keras.Model) -> keras.Model:
    """LayerNorm instead of BatchNorm."""
    return replace_layers(
        model, lambda layer: LayerNorm(name=layer.name) if is_norm(layer) else None
    )


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
    pairs = keras.Input((*DIGIT_SHAPE[:2], 2))
    inner = keras.models.clone_model(model, input_tensors=pairs)
    images = keras.Input(DIGIT_SHAPE)
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


class LayerNorm(keras.layers.LayerNormalization):
    """Keras's layer, which may be given BatchNorm's mask."""

    def call(self, inputs: tf.Tensor, mask: None = None) -> tf.Tensor:
        """Normalise each sample by itself."""
        return super().call(inputs)


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


# By the words of the table that `main` prints.
LEVERS: Mapping[str, Lever] = {
    "as it is": Lever(),
    # Networks.
    "generator's channels 32, 16": Lever({"generator_filters": (32, 16)}),
    "generator's channels 64, 32": Lever({"generator_filters": (64, 32)}),
    "generator with a third convolution": Lever({"generator_filters": (48, 48, 24)}),
    "generator's hidden layer 512": Lever({"generator_units": 512}),
    "no hidden layer in the generator": Lever({"generator_units": 0}),
    "discriminator's channels 32, 64": Lever({"discriminator_filters": (32, 64)}),
    "discriminator with a third convolution": Lever({"discriminator_filters": (16, 32, 64)}),
    "no hidden layer in the discriminator": Lever({"discriminator_units": 0}),
    "kernel 3": Lever({"kernel_size": 3}),
    "kernel 5": Lever({"kernel_size": 5}),
    "latent size 8": Lever({"latent_dim": 8}),
    "latent size 64": Lever({"latent_dim": 64}),
    # Normalisation of the discriminator, and of the generator for speed.
    "no normalisation in the discriminator": Lever(discriminator=without_norm),
    "spectral normalisation in the discriminator": Lever(discriminator=with_spectral_norm),
    "LayerNorm in the discriminator": Lever(discriminator=with_layer_norm),
    "BatchNorm of Keras, not fused": Lever(generator=to_plain_keras, discriminator=to_plain_keras),
    # Optimizers and batches.
    "both learning rates twice as high": Lever(
        {"generator_learning_rate": 4e-3, "discriminator_learning_rate": 4e-3}
    ),
    "both learning rates half as high": Lever(
        {"generator_learning_rate": 1e-3, "discriminator_learning_rate": 1e-3}
    ),
    "discriminator's learning rate a quarter": Lever({"discriminator_learning_rate": 5e-4}),
    "discriminator's learning rate a quarter, no R1 penalty": Lever(
        {"discriminator_learning_rate": 5e-4, "r1_penalty": 0.0}
    ),
    "both learning rates falling to 0": Lever(rates=lambda share: (1 - share, 1 - share)),
    "the discriminator's learning rate falling to a fifth": Lever(
        rates=lambda share: (1.0, 1 - 0.8 * share)
    ),
    "β1 0": Lever({"beta_1": 0.0}),
    "β1 0.9": Lever({"beta_1": 0.9}),
    "β2 0.99": Lever({"beta_2": 0.99}),
    "batches of 32": Lever({"batch_size": 32}),
    "batches of 128": Lever({"batch_size": 128}),
    "batches of 128 in the second half": Lever(halfway={"batch_size": 128}),
    "two discriminator steps": Lever({"discriminator_steps": 2}),
    "no EMA": Lever({"ema_decay": 0.0}),
    "EMA 0.9997": Lever({"ema_decay": 0.9997}),
    # Losses and penalties.
    "no label smoothing": Lever({"label_smoothing": 0.0}),
    "dropout 0.3": Lever({"dropout": 0.3}),
    "no R1 penalty": Lever({"r1_penalty": 0.0}),
    "R1 penalty 1": Lever({"r1_penalty": 1.0}),
    "packing of two": Lever(discriminator=packed),
    "minibatch standard deviation": Lever(discriminator=with_minibatch_deviation),
    "both networks learn from one pass": Lever(losses=standard),
    "relativistic pairing": Lever(losses=relativistic),
    "hinge loss": Lever(losses=hinge),
    # Speed alone.
    "bfloat16": Lever(generator=in_bfloat16, discriminator=in_bfloat16),
    "one step a call": Lever(chunk_steps=1),
    "images as a constant of the graph": Lever(has_constant_images=True),
}


def train_lever(
    lever: Lever, dataset: ImageDataset, config: TrainingConfig
) -> tuple[LeverGAN, int]:
    """Train with a lever pulled, as long as the config says; count the images that were seen."""
    halves = [config.replace(**lever.settings)]
    if lever.halfway and config.max_seconds is not None:
        halves.insert(0, halves[0].replace(max_seconds=config.max_seconds / 2))
        halves[1] = halves[1].replace(**lever.halfway)
    gan = LeverGAN(halves[0], lever)
    num_images = 0
    for half in halves:
        if half is not halves[0]:
            gan, before = LeverGAN(half, lever), gan
            gan.set_state(before.get_state())
        first_step = gan.step
        with contextlib.closing(train(gan, dataset, half)) as reports:
            for _ in reports:
                pass
        num_images += (gan.step - first_step) * half.images_per_step
    return gan, num_images


def main() -> None:
    """Pull the levers and print a table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="Of training, each.")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--levers", nargs="+", default=list(LEVERS), choices=list(LEVERS))
    options = parser.parse_args()
    dataset = load_dataset("mnist")
    evaluator = Evaluator(dataset)
    floor = evaluator.floor.estimates["frechet_distance"].value
    print(  # noqa: T201
        f"Fréchet distance of {evaluator.num_images:,} digits after {options.seconds:g} s; "
        f"real {floor:.2f}\n\n| change | Fréchet distance | images/s |\n| --- | --: | --: |"
    )
    for name in options.levers:
        distances, speeds = [], []
        for seed in range(options.seeds):
            config = TrainingConfig(
                epochs=None, max_seconds=options.seconds, seed=seed, evaluate_every=0
            )
            gan, num_images = train_lever(LEVERS[name], dataset, config)
            z = sample_latent(seed + 1000, evaluator.num_images, gan.config.latent_dim)
            found = evaluator.evaluate(gan.generate(z)).estimates["frechet_distance"]
            distances.append(found.value)
            speeds.append(num_images / gan.seconds)
        between = f" ({min(distances):.2f}–{max(distances):.2f})" if len(distances) > 1 else ""
        print(  # noqa: T201
            f"| {name} | {statistics.median(distances):.2f}{between} "
            f"| {statistics.median(speeds):,.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
