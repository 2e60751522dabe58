"""Evaluation: samples of a generator held against real images, figure by figure.

What the figures are is `metrics`'s, what they are called `figures`'s, whose eyes they use
`judge`'s; here they are put together, each with its floor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dcgan.data.datasets import DIGIT_SETS, ImageDataset, load_mnist_test
from dcgan.errors import DatasetError
from dcgan.evaluation import metrics
from dcgan.evaluation.digit_classifier import Sight, load_judge
from dcgan.evaluation.metric_info import NUM_NEAREST, Evaluation
from dcgan.evaluation.metrics import Estimate

NUM_IMAGES = 10_000  # Of a full evaluation.
MIN_IMAGES = 20  # Fewer have no covariance worth the name.


class Evaluator:
    """Measures samples against a data set; what concerns the real images is done once.

    Attributes:
        num_images: How many samples it takes: what was asked for, or half of the data.
        floor: What as many other real images get.
    """

    def __init__(self, dataset: ImageDataset, num_images: int = NUM_IMAGES) -> None:
        """Choose the real images, the same for each evaluator of this data set and number.

        Raises:
            DatasetError: If the data are too few to be split in halves of `MIN_IMAGES`.
        """
        self.num_images = min(num_images, len(dataset) // 2)
        if self.num_images < MIN_IMAGES:
            raise DatasetError(
                f"An evaluation compares {MIN_IMAGES} images at least with as many others; "
                f"{dataset.name} has {len(dataset)}."
            )
        self._dataset = dataset
        self._has_digits = _has_digits(dataset)
        order = np.random.default_rng(0).permutation(len(dataset))
        chosen = dataset.pixels[order[: self.num_images]]
        others = dataset.pixels[order[self.num_images : 2 * self.num_images]]
        features = load_judge().look(chosen).features
        self._moments = metrics.moments(features)
        self._manifold = metrics.RealManifold(features)
        self.floor = self.evaluate(others)

    def evaluate(self, pixels: np.ndarray) -> Evaluation:
        """Measure samples, uint8, shape (num_images, height, width, channels)."""
        return self._measure(load_judge().look(pixels))

    def _measure(self, sight: Sight) -> Evaluation:
        estimates = {"frechet_distance": metrics.estimate_frechet(self._moments, sight.features)}
        estimates |= self._manifold.compare(sight.features)._asdict()
        if not self._has_digits:
            return Evaluation(len(sight.features), estimates)
        shares = metrics.digit_shares(sight.probabilities)
        digits = sight.probabilities.argmax(axis=1)
        estimates["classifier_score"] = metrics.estimate_score(sight.probabilities)
        estimates["confident"] = metrics.estimate_share(metrics.is_confident(sight.probabilities))
        estimates["digit_entropy"] = Estimate(metrics.entropy(shares))
        estimates["diversity"] = Estimate(metrics.diversity(sight.features, digits))
        return Evaluation(len(digits), estimates, tuple(shares.tolist()))

    def nearest_distance(self, pixels: np.ndarray) -> tuple[Estimate, Estimate | None]:
        """Return what `look_for_copies` finds as medians, each with its smallest and largest."""
        found = look_for_copies(pixels, self._dataset)
        unseen = found.unseen_distances
        return _middle(found.distances), None if unseen is None else _middle(unseen)


def _middle(distances: np.ndarray) -> Estimate:
    return Estimate(float(np.median(distances)), float(distances.min()), float(distances.max()))


@dataclass(frozen=True, eq=False)
class Likeness:
    """Samples beside the training images most like them.

    Attributes:
        nearest: The training image most like each sample, uint8, shape (num, height, width,
            channels).
        distances: Of each sample to it, as in `metrics.Nearest`, shape (num,); 0 is a copy.
        unseen_distances: Of as many real images that nobody learned from; None where the data
            have none.
    """

    nearest: np.ndarray
    distances: np.ndarray
    unseen_distances: np.ndarray | None


def look_for_copies(pixels: np.ndarray, dataset: ImageDataset) -> Likeness:
    """Find the training image most like each sample: a generator that learned them by heart copies.

    Args:
        pixels: Samples, uint8, shape (num, height, width, channels).
        dataset: What the generator learned from.
    """
    found = metrics.nearest_images(pixels, dataset.pixels)
    unseen = None
    if _has_digits(dataset):
        height, width, channels = pixels.shape[1:]
        others = load_mnist_test((height, width, channels)).pixels[: len(pixels)]
        unseen = metrics.nearest_images(others, dataset.pixels).distances
    return Likeness(dataset.pixels[found.indices], found.distances, unseen)


def _has_digits(dataset: ImageDataset) -> bool:
    # A folder of own pictures may bear such a name too, but has no labels.
    return dataset.name in DIGIT_SETS and dataset.labels is not None


def evaluate_generator(
    draw: Callable[[np.ndarray], np.ndarray], z: np.ndarray, evaluator: Evaluator
) -> tuple[Evaluation, Evaluation]:
    """Draw samples and measure them in full.

    Args:
        draw: From latent vectors to pixels, as `Sampler.generate`.
        z: Shape (evaluator.num_images, latent_dim).
        evaluator: Of the data that the generator learned from.

    Returns:
        The samples' figures, and the floor's.
    """
    pixels = draw(z)
    ours, floor = evaluator.evaluate(pixels), evaluator.floor
    nearest, unseen = evaluator.nearest_distance(pixels[:NUM_NEAREST])
    return (
        Evaluation(
            ours.num_images, {**ours.estimates, "nearest_distance": nearest}, ours.digit_shares
        ),
        Evaluation(
            floor.num_images,
            {**floor.estimates, **({} if unseen is None else {"nearest_distance": unseen})},
            floor.digit_shares,
        ),
    )
