"""Measure single changes of the default design with paired seeds.

    python tests/benchmarks/levers.py [--seconds 60] [--seeds 5] [--tell] [--levers "kernel 3" …]
    python tests/benchmarks/levers.py --epochs 3 …

Each lever trains the `fast` design with one change for the same time, in one process, one after the
other for each seed in turn. With `--epochs` it trains for as many steps instead, so that a busy
computer changes its speed but not its distance. A lever changes settings, or has networks of
`lever_designs.py` or steps of `lever_steps.py`, which the product does not have. Prints the median
of the Fréchet distance (lower is better), the median and range of its differences from the
unchanged design with the same seed, and the speed; with `--tell` also the shares that trees can
tell from real digits.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import math
import os
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(1, str(Path(__file__).resolve().parent))

import keras
import tensorflow as tf
from lever_designs import (
    Rebuild,
    in_bfloat16,
    with_layer_norm,
    with_minibatch_deviation,
    with_reachable_ends,
    with_spectral_norm,
    with_subpixels,
    without_norm,
)
from lever_steps import ConstantImagesStep, OnePassStep, TopFakesStep

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_dataset
from dcgan.data.drawn_classes import draw_classes
from dcgan.evaluation.evaluator import Evaluator
from dcgan.evaluation.two_sample_test import VIEWS, choose_sizes, run_two_sample_test
from dcgan.latent.sampling import sample_latent
from dcgan.model.devices import choose_strategy
from dcgan.model.gan import DCGAN
from dcgan.networks.plain_layers import to_plain_keras
from dcgan.training.loop import train
from dcgan.training_step.adam import FusedAdam
from dcgan.training_step.parts import StepParts, build_parts
from dcgan.training_step.step import TrainingStep
from dcgan.training_step.step_metrics import StepMetrics
from dcgan.training_step.training_images import TrainingImages


@dataclass(frozen=True)
class Lever:
    """One change to the default design.

    Attributes:
        settings: Changed settings.
        generator, discriminator: Rebuild the network from the default one.
        optimizer: The optimizer of both networks.
        rates: Function from the elapsed share of the training to the factors of the generator's and
            the discriminator's learning rate.
        halfway: Settings of the second half of the time; not measured by epochs.
        chunk_steps: The most steps in one call of the graph.
        step: The class of the steps.
    """

    settings: Mapping[str, object] = field(default_factory=dict)
    generator: Rebuild | None = None
    discriminator: Rebuild | None = None
    optimizer: type[keras.optimizers.Adam] = FusedAdam
    rates: Callable[[float], tuple[float, float]] = lambda share: (1.0, 1.0)
    halfway: Mapping[str, object] = field(default_factory=dict)
    chunk_steps: int | None = None
    step: type[TrainingStep] = TrainingStep


class LeverGAN(DCGAN):
    """The product's DCGAN with one change."""

    def __init__(self, config: TrainingConfig, lever: Lever) -> None:
        strategy = choose_strategy(config.strategy)
        super().__init__(config, strategy, build_lever(config, strategy, lever), lever.step)
        self.lever = lever

    def train_steps(
        self, images: TrainingImages, order: tf.Tensor, position: int, num_steps: int
    ) -> StepMetrics:
        """Set the current learning rates, then train."""
        config = self.config
        if config.epochs is None:
            share = self.seconds / (config.max_seconds or math.inf)
        else:
            steps_per_epoch = config.compute_steps_per_epoch(images.pixels.shape[0])
            share = self.step / (config.epochs * steps_per_epoch)
        of_generator, of_discriminator = self.lever.rates(share)
        self.generator_optimizer.learning_rate = config.generator_learning_rate * of_generator
        self.discriminator_optimizer.learning_rate = (
            config.discriminator_learning_rate * of_discriminator
        )
        most = self.lever.chunk_steps or num_steps
        parts = []
        for begin in range(0, num_steps, most):
            size = min(most, num_steps - begin)
            parts.append(super().train_steps(images, order, position + begin, size))
        names = parts[0].means
        means = {name: statistics.fmean(part.means[name] for part in parts) for name in names}
        return parts[-1]._replace(means=means)


def build_lever(
    config: TrainingConfig, strategy: tf.distribute.Strategy, lever: Lever
) -> StepParts:
    """Build networks and optimizers with the change of a lever."""
    parts = build_parts(config, strategy)
    generator, discriminator = parts.generator, parts.discriminator
    ema_generator = parts.ema_generator
    if lever.generator is not None:
        generator, ema_generator = lever.generator(generator), lever.generator(ema_generator)
    if lever.discriminator is not None:
        discriminator = lever.discriminator(discriminator)
    optimizers = []
    for model, rate in (
        (generator, config.generator_learning_rate),
        (discriminator, config.discriminator_learning_rate),
    ):
        optimizers.append(lever.optimizer(rate, config.beta_1, config.beta_2))
        optimizers[-1].build(model.trainable_variables)
    return dataclasses.replace(
        parts,
        generator=generator,
        discriminator=discriminator,
        ema_generator=ema_generator,
        generator_optimizer=optimizers[0],
        discriminator_optimizer=optimizers[1],
    )


UNCHANGED = "as it is"

# By the label in the printed table.
LEVERS: Mapping[str, Lever] = {
    UNCHANGED: Lever(),
    # Networks.
    "generator's channels 32, 16": Lever({"generator_filters": (32, 16)}),
    "generator's channels 64, 32": Lever({"generator_filters": (64, 32)}),
    "generator with a third convolution": Lever({"generator_filters": (48, 48, 24)}),
    "generator's hidden layer 512": Lever({"generator_units": 512}),
    "no hidden layer in the generator": Lever({"generator_units": 0}),
    "discriminator's channels 32, 64": Lever({"discriminator_filters": (32, 64)}),
    "discriminator with a third convolution": Lever({"discriminator_filters": (16, 32, 64)}),
    "no hidden layer in the discriminator": Lever({"discriminator_units": 0}),
    "pixels that are means of four": Lever(generator=with_subpixels),
    "tanh that reaches black and white": Lever(generator=with_reachable_ends),
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
    "β1 0.5": Lever({"beta_1": 0.5}),
    "β1 0.9": Lever({"beta_1": 0.9}),
    "β2 0.99": Lever({"beta_2": 0.99}),
    "batches of 32": Lever({"batch_size": 32}),
    "batches of 128": Lever({"batch_size": 128}),
    "batches of 128 in the second half": Lever(halfway={"batch_size": 128}),
    "two discriminator steps": Lever({"discriminator_steps": 2}),
    "no EMA": Lever({"ema_decay": 0.0}),
    "no lookahead": Lever({"lookahead": 0}),
    "EMA 0.9997": Lever({"ema_decay": 0.9997}),
    # Losses and penalties.
    "no label smoothing": Lever({"label_smoothing": 0.0}),
    "dropout 0.3": Lever({"dropout": 0.3}),
    "no R1 penalty": Lever({"r1_penalty": 0.0}),
    "R1 penalty 1": Lever({"r1_penalty": 1.0}),
    "minibatch standard deviation": Lever(discriminator=with_minibatch_deviation),
    "both networks learn from one pass": Lever(step=OnePassStep),
    "the generator learns from its better fakes": Lever(step=TopFakesStep),
    "hinge loss": Lever({"loss": "hinge"}),
    "WGAN-GP": Lever({"loss": "wgan_gp"}),
    "relativistic pairing": Lever({"loss": "relativistic"}),
    # Speed alone.
    "Adam of Keras, not fused": Lever(optimizer=keras.optimizers.Adam),
    "bfloat16": Lever(generator=in_bfloat16, discriminator=in_bfloat16),
    "one step a call": Lever(chunk_steps=1),
    "images as a constant of the graph": Lever(step=ConstantImagesStep),
}


def train_lever(
    lever: Lever, dataset: ImageDataset, config: TrainingConfig
) -> tuple[LeverGAN, int]:
    """Train with the change of a lever, as long as the config says; count the images seen."""
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


@dataclass(frozen=True)
class Measurement:
    """A trained lever: the Fréchet distance, images/s, and the shares that trees can tell."""

    distance: float
    speed: float
    told_apart: Mapping[str, float]


def measure_lever(
    lever: Lever,
    config: TrainingConfig,
    evaluator: Evaluator,
    dataset: ImageDataset,
    *,
    tell: bool,
) -> Measurement:
    """Train with the change of a lever, and measure the digits."""
    gan, num_images = train_lever(lever, dataset, config)
    num = sum(choose_sizes(len(dataset))) if tell else evaluator.num_images
    z = sample_latent(config.seed + 1000, num, gan.config.latent_dim)
    classes = draw_classes(gan.config, dataset, num)
    pixels = gan.generate(z, classes)
    of_first = None if classes is None else classes[: evaluator.num_images]
    estimates = evaluator.evaluate(pixels[: evaluator.num_images], of_first).estimates
    answers = run_two_sample_test(pixels, dataset).accuracies if tell else {}
    return Measurement(
        estimates["frechet_distance"].value,
        num_images / gan.seconds,
        {name: share.value for name, share in answers.items()},
    )


def describe(values: Sequence[float], form: str) -> str:
    """Return the median and, of several, the range."""
    middle = format(statistics.median(values), form)
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):{form}} to {max(values):{form}})"


def main() -> None:
    """Measure the levers and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="Training time of each lever.")
    parser.add_argument("--epochs", type=int, help="Train for as long, instead of by time.")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--tell",
        action="store_true",
        help="Also run the two-sample test (a minute per lever).",
    )
    parser.add_argument("--levers", nargs="+", default=list(LEVERS), choices=list(LEVERS))
    options = parser.parse_args()
    dataset = load_dataset("mnist")
    config = TrainingConfig(
        epochs=options.epochs,
        max_seconds=None if options.epochs else options.seconds,
        evaluate_every=0,
    ).with_learned_classes(dataset.class_names)
    evaluator = Evaluator(dataset)
    floor = evaluator.real_evaluation.estimates["frechet_distance"].value
    names = list(dict.fromkeys([UNCHANGED, *options.levers]))
    if options.epochs:
        names = [name for name in names if not LEVERS[name].halfway]
    measured: dict[str, list[Measurement]] = {name: [] for name in names}
    for seed in range(options.seeds):
        for name in names:
            newest = measure_lever(
                LEVERS[name], config.replace(seed=seed), evaluator, dataset, tell=options.tell
            )
            measured[name].append(newest)
            print(f"seed {seed}, {name}: {newest}", file=sys.stderr, flush=True)  # noqa: T201
    length = f"{options.epochs} epochs" if options.epochs else f"{options.seconds:g} s"
    views = list(VIEWS) if options.tell else []
    titles = "".join(f" {VIEWS[view].label} |" for view in views)
    print(  # noqa: T201
        f"{evaluator.num_images:,} digits after {length}; real {floor:.2f}\n\n"
        f"| change | Fréchet distance | difference | images/s |{titles}\n"
        f"| --- | --: | --: | --: |{' --: |' * len(views)}"
    )
    for name, measurements in measured.items():
        pairs = zip(measurements, measured[UNCHANGED], strict=True)
        differences = [changed.distance - unchanged.distance for changed, unchanged in pairs]
        cells = [
            name,
            describe([measurement.distance for measurement in measurements], ".2f"),
            "–" if name == UNCHANGED else describe(differences, "+.2f"),
            describe([measurement.speed for measurement in measurements], ",.0f"),
            *(
                describe([measurement.told_apart[view] for measurement in measured[name]], ".1%")
                for view in views
            ),
        ]
        print(f"| {' | '.join(cells)} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
