"""Compare our presets with published designs: same machine, data, classifier and time.

    python tests/benchmarks/compare_designs.py [--seconds 60 300] [--seeds 3]
        [--designs fast tutorial]

One process trains one design after the other. It prints for each the Fréchet distance of 10,000
images in the features of our digit classifier after these seconds of training (with tracing,
without measuring), as the median and range over the seeds, and images/s; of a design that learns
the classes also the share of digits that are read as asked. `--out FOLDER` saves a grid of each.

`tutorial` is TensorFlow's DCGAN tutorial, `keras` the MNIST GAN of Keras's guide "Writing a
training loop from scratch", both rewritten from their published layers and settings. Our designs
generate with their EMA weights; the others have none.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import keras
import numpy as np
import tensorflow as tf

from dcgan.config.training_config import PRESETS, TrainingConfig
from dcgan.data.datasets import ImageDataset, load_dataset, to_pixels
from dcgan.data.drawn_classes import draw_classes
from dcgan.errors import ConfigError
from dcgan.evaluation.evaluator import Evaluator
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.networks.class_inputs import ClassChoice
from dcgan.training.loop import train

Generate = Callable[[np.ndarray, ClassChoice], np.ndarray]


@dataclass(frozen=True)
class TrainedDesign:
    """A design after some seconds of training: its generator and its speed."""

    seconds: float
    generate: Generate
    latent_dim: int
    images_per_second: float
    config: TrainingConfig = field(default_factory=TrainingConfig)


@dataclass(frozen=True)
class Peer:
    """A published design.

    Attributes:
        generator, discriminator: Make a network; the generator's range is `low` to 1.
        latent_dim, batch_size: The sizes of z and of a batch.
        rates: Adam's learning rates of generator and discriminator; its other settings are the
            defaults of Keras.
        low: The lowest value of a pixel.
        label_noise: The maximum of uniform noise that is added to the discriminator's targets.
    """

    generator: Callable[[], keras.Model]
    discriminator: Callable[[], keras.Model]
    latent_dim: int
    batch_size: int
    rates: tuple[float, float]
    low: float = -1.0
    label_noise: float = 0.0


def tutorial_generator() -> keras.Model:
    """Make the generator of TensorFlow's "Deep Convolutional Generative Adversarial Network"."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((100,)),
            layers.Dense(7 * 7 * 256, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Reshape((7, 7, 256)),
            layers.Conv2DTranspose(128, 5, 1, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(64, 5, 2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(1, 5, 2, padding="same", use_bias=False, activation="tanh"),
        ]
    )


def tutorial_discriminator() -> keras.Model:
    """Make the discriminator of the tutorial of `tutorial_generator`."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(64, 5, 2, padding="same"),
            layers.LeakyReLU(),
            layers.Dropout(0.3),
            layers.Conv2D(128, 5, 2, padding="same"),
            layers.LeakyReLU(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )


def guide_generator() -> keras.Model:
    """Make the generator of Keras's guide "Writing a training loop from scratch"."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((128,)),
            layers.Dense(7 * 7 * 128),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((7, 7, 128)),
            layers.Conv2DTranspose(128, 4, 2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2DTranspose(128, 4, 2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(1, 7, padding="same", activation="sigmoid"),
        ]
    )


def guide_discriminator() -> keras.Model:
    """Make the discriminator of the guide of `guide_generator`."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(64, 3, 2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(128, 3, 2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ]
    )


PEERS = {
    "tutorial": Peer(tutorial_generator, tutorial_discriminator, 100, 256, (1e-4, 1e-4)),
    "keras": Peer(guide_generator, guide_discriminator, 128, 64, (4e-4, 3e-4), 0.0, 0.05),
}


def preset_config(design: str) -> TrainingConfig:
    """Return the settings of "fast", or of "fast/latent_dim=64/label_smoothing=0".

    Raises:
        ConfigError: If a preset, a setting or a value is not known or not allowed.
    """
    preset, *changes = design.split("/")
    overrides = {name: value for name, _, value in (change.partition("=") for change in changes)}
    return TrainingConfig.preset(preset, **overrides)


def run_preset(
    config: TrainingConfig, dataset: ImageDataset, moments: list[float], seed: int
) -> Iterator[TrainedDesign]:
    """Train with the settings of a preset; yield the design at each of these seconds."""
    config = config.replace(epochs=None, max_seconds=moments[0], seed=seed, evaluate_every=0)
    config = config.with_learned_classes(dataset.class_names)
    gan = DCGAN(config)
    for seconds in moments:
        # A change of the planned length costs only a few short chunks.
        config = config.replace(max_seconds=seconds)
        with contextlib.closing(train(gan, dataset, config)) as reports:
            for _ in reports:
                pass
        speed = gan.step * config.images_per_step / gan.seconds
        yield TrainedDesign(seconds, gan.generate, config.latent_dim, speed, config)


def run_peer(
    peer: Peer, dataset: ImageDataset, moments: list[float], seed: int
) -> Iterator[TrainedDesign]:
    """Train a published design, one call per step; yield it at each of these seconds."""
    keras.utils.set_random_seed(seed)
    generator, discriminator = peer.generator(), peer.discriminator()
    optimizers = [keras.optimizers.Adam(rate) for rate in peer.rates]
    for optimizer, model in zip(optimizers, (generator, discriminator), strict=True):
        optimizer.build(model.trainable_variables)
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    images = tf.constant(dataset.pixels)

    def noisy(targets: tf.Tensor) -> tf.Tensor:
        return targets + peer.label_noise * tf.random.uniform(tf.shape(targets))

    @tf.function
    def step(chosen: tf.Tensor) -> None:
        real = tf.cast(tf.gather(images, chosen), tf.float32) / 255 * (1 - peer.low) + peer.low
        z = tf.random.normal((peer.batch_size, peer.latent_dim))
        with tf.GradientTape(persistent=True) as tape:
            fake = generator(z, training=True)
            on_real = discriminator(real, training=True)
            on_fake = discriminator(fake, training=True)
            generator_loss = cross_entropy(tf.ones_like(on_fake), on_fake)
            discriminator_loss = cross_entropy(
                noisy(tf.ones_like(on_real)), on_real
            ) + cross_entropy(noisy(tf.zeros_like(on_fake)), on_fake)
        for optimizer, model, loss in (
            (optimizers[0], generator, generator_loss),
            (optimizers[1], discriminator, discriminator_loss),
        ):
            variables = model.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)

    def generate(z: np.ndarray, classes: ClassChoice) -> np.ndarray:
        parts = [generator(part, training=False).numpy() for part in np.array_split(z, 40)]
        values = (np.concatenate(parts) - peer.low) / (1 - peer.low)
        return to_pixels(values * 2 - 1)

    random = np.random.default_rng(seed)
    order = np.array([], np.int32)
    num_steps, elapsed = 0, 0.0
    for seconds in moments:
        while elapsed < seconds:
            started = time.perf_counter()
            if len(order) < peer.batch_size:
                order = random.permutation(len(dataset)).astype(np.int32)
            step(tf.constant(order[: peer.batch_size]))
            order = order[peer.batch_size :]
            num_steps += 1
            elapsed += time.perf_counter() - started
        yield TrainedDesign(
            seconds, generate, peer.latent_dim, num_steps * peer.batch_size / elapsed
        )


def main() -> None:
    """Train the designs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--seconds",
        type=float,
        nargs="+",
        default=[60.0],
        help="Training times to measure at.",
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--designs",
        nargs="+",
        default=[*PRESETS, *PEERS],
        help="Also a preset with other settings, as fast/latent_dim=64/label_smoothing=0.",
    )
    parser.add_argument("--out", type=Path, help="Folder for a grid of each design.")
    options = parser.parse_args()
    try:
        ours = {name: preset_config(name) for name in options.designs if name not in PEERS}
    except ConfigError as error:
        parser.error(str(error))
    width = max(map(len, options.designs))
    dataset = load_dataset("mnist")
    evaluator = Evaluator(dataset)
    floor = evaluator.real_evaluation.estimates["frechet_distance"].value
    num = evaluator.num_images
    print(f"Fréchet distance of {num:,} images; real {floor:.2f}", flush=True)  # noqa: T201
    moments = sorted(options.seconds)
    for name in options.designs:
        distances: dict[float, list[float]] = defaultdict(list)
        speeds: dict[float, list[float]] = defaultdict(list)
        as_asked: dict[float, list[float]] = defaultdict(list)
        for seed in range(options.seeds):
            if name in PEERS:
                designs = run_peer(PEERS[name], dataset, moments, seed)
            else:
                designs = run_preset(ours[name], dataset, moments, seed)
            for design in designs:
                classes = draw_classes(design.config, dataset, num)
                z = sample_latent(seed + 1000, num, design.latent_dim)
                pixels = design.generate(z, classes)
                estimates = evaluator.evaluate(pixels, classes).estimates
                distances[design.seconds].append(estimates["frechet_distance"].value)
                if "as_asked" in estimates:
                    as_asked[design.seconds].append(estimates["as_asked"].value)
                speeds[design.seconds].append(design.images_per_second)
                if options.out is not None:
                    options.out.mkdir(parents=True, exist_ok=True)
                    grid = encode_png(tile(pixels[:100], 10, 10, scale=2))
                    file_name = name.replace("/", ",")
                    file = options.out / f"{file_name}-{design.seconds:g}s-seed-{seed}.png"
                    file.write_bytes(grid)
        for seconds, values in distances.items():
            shares = as_asked[seconds]
            obedience = f", {statistics.median(shares):.1%} as asked" if shares else ""
            print(  # noqa: T201
                f"{name:{width}}{seconds:7g} s{statistics.median(values):9.2f}  "
                f"({min(values):.2f} to {max(values):.2f}) "
                f"{statistics.median(speeds[seconds]):8,.0f} images/s{obedience}",
                flush=True,
            )


if __name__ == "__main__":
    main()
