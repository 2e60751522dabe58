"""Measure what augmentation, and a start from a trained run, gain with few pictures.

    python tests/benchmarks/few_pictures.py [--pictures 500 200] [--steps 5000 15000] [--seeds 3]
        [--variants off auto auto/augmentations=translation,cutout] [--from RUN]
        [--dataset /tmp/letters]

Trains the `fast` design on this number of MNIST's training digits, without their classes, with each
value of `augment`, which other settings may follow. `--from` adds a variant: the last one, started
with the weights of a run, given by its folder or name. Prints for each number of steps the Fréchet
distance of 10,000 samples to the 10,000 test digits, for the median of the seeds, with the largest
and the smallest; the final probability of augmentation; and the distance of samples to their
nearest training digit, as a share of that of test digits: a generator that copies is far below
100%; and the share of samples that are copies, beside that of test digits. The pictures of another
`--dataset` are measured by the sliced Wasserstein distance to up to 2,000 of its other pictures.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_dataset, load_mnist_test
from dcgan.digit_classifier.classifier import load_digit_classifier
from dcgan.errors import DCGANError
from dcgan.evaluation import metrics
from dcgan.evaluation.copies import CopySearch
from dcgan.evaluation.neighbors import find_nearest
from dcgan.evaluation.sliced_wasserstein import SlicedWasserstein
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.recording.start_from import start_from_run
from dcgan.reports import StepReport
from dcgan.runs.library import find_run
from dcgan.training.loop import train

_NUM_COMPARED = 1000  # Samples whose nearest training picture is searched.
_MAX_OTHERS = 2000  # Other pictures of a set to which samples are compared.

Measure = Callable[[np.ndarray], float]


def choose_pictures(dataset: ImageDataset, num: int, seed: int) -> tuple[ImageDataset, np.ndarray]:
    """Return some pictures of a set, without labels, and others of the set, uint8."""
    order = np.random.default_rng(seed).permutation(len(dataset))
    pixels = dataset.pixels[order[:num]]
    chosen = replace(dataset, pixels=pixels, labels=None, class_names=(), names=())
    return chosen, dataset.pixels[order[num : num + _MAX_OTHERS]]


def make_digit_measure(test: np.ndarray) -> Measure:
    """Return the Fréchet distance to digits, as a function of samples."""
    classifier = load_digit_classifier()
    moments = metrics.moments(classifier.predict(test).features)
    return lambda pixels: (
        metrics.estimate_frechet(moments, classifier.predict(pixels).features).value
    )


def make_config(variant: str) -> TrainingConfig:
    """Return the settings of "auto", or of "auto/r1_penalty=1".

    Raises:
        ConfigError: If a setting or a value is not known or not allowed.
    """
    augment, *changes = variant.split("/")
    values = {name: value for name, _, value in (change.partition("=") for change in changes)}
    return TrainingConfig.create(
        augment=augment, class_conditional=False, evaluate_every=0, **values
    )


def train_until(
    config: TrainingConfig, pictures: ImageDataset, moments: Sequence[int]
) -> Iterator[tuple[int, DCGAN, StepReport]]:
    """Train; yield the step, the networks and the newest report at these steps."""
    gan = DCGAN(config)
    if config.start_from:
        print(f"  {start_from_run(find_run(config.start_from), gan)}", flush=True)  # noqa: T201
    steps_per_epoch = config.compute_steps_per_epoch(len(pictures))
    for moment in moments:
        config = config.replace(epochs=-(-moment // steps_per_epoch))
        with contextlib.closing(train(gan, pictures, config)) as reports:
            newest = [report for report in reports if isinstance(report, StepReport)][-1]
        yield moment, gan, newest


def main() -> None:
    """Train the variants and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, nargs="+", default=[500, 200])
    parser.add_argument("--steps", type=int, nargs="+", default=[15_000])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--variants", nargs="+", default=["off", "auto"])
    parser.add_argument("--from", dest="start_from", metavar="RUN", help="Also start from a run.")
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--out", type=Path, help="Folder for a grid of each.")
    options = parser.parse_args()
    try:
        configs = {variant: make_config(variant) for variant in options.variants}
        if options.start_from is not None:
            find_run(options.start_from)
            variant, config = list(configs.items())[-1]
            name = f"{variant}/start_from={Path(options.start_from).name}"
            configs[name] = config.replace(start_from=options.start_from)
        dataset = load_dataset(options.dataset)
    except DCGANError as error:
        parser.error(str(error))
    has_digits = options.dataset == "mnist"
    if has_digits:
        test = load_mnist_test().pixels
        measure = make_digit_measure(test)
    for num in options.pictures:
        distances, found = defaultdict(list), defaultdict(list)
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            pictures, others = choose_pictures(dataset, num, seed)
            if not has_digits:
                test = others
                measure = SlicedWasserstein(test).measure
            unseen = find_nearest(test[:_NUM_COMPARED], pictures.pixels).distances
            search = CopySearch(pictures.pixels)
            unseen_copies = search.find_copies(test[:_NUM_COMPARED]).mean()
            for variant, config in configs.items():
                trained = train_until(config.replace(seed=seed), pictures, sorted(options.steps))
                for step, gan, report in trained:
                    probability = report.augment_probability or 0.0
                    pixels = gan.generate(sample_latent(1000, len(test), config.latent_dim))
                    distance = measure(pixels)
                    nearest = find_nearest(pixels[:_NUM_COMPARED], pictures.pixels).distances
                    nearness = np.median(nearest) / np.median(unseen)
                    copies = search.find_copies(pixels[:_NUM_COMPARED]).mean()
                    distances[variant, step].append(distance)
                    found[variant, step].append((probability, nearness, copies, gan.seconds))
                    print(  # noqa: T201
                        f"  {num} pictures, {variant}, seed {seed}, step {step}: {distance:.1f}, "
                        f"p {probability:.2f}, nearest {nearness:.0%}, copies {copies:.1%} (test "
                        f"{unseen_copies:.1%}), recognizes "
                        f"{report.real_accuracy:.0%} of real images and {report.fake_accuracy:.0%} "
                        f"of fakes, {gan.seconds:.0f} s",
                        flush=True,
                    )
                    if options.out is not None:
                        options.out.mkdir(parents=True, exist_ok=True)
                        name = f"{num}-{variant.replace('/', ',')}-{seed}-{step}.png"
                        grid = encode_png(tile(pixels[:100], 10, 10, scale=2))
                        (options.out / name).write_bytes(grid)
        for (variant, step), values in distances.items():
            probability, nearness, copies, seconds = map(
                statistics.median, zip(*found[variant, step], strict=True)
            )
            print(  # noqa: T201
                f"{num} pictures, {variant}, step {step}: {statistics.median(values):.1f} "
                f"({min(values):.1f} to {max(values):.1f}), p {probability:.2f}, "
                f"nearest {nearness:.0%}, copies {copies:.1%}, {seconds:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
