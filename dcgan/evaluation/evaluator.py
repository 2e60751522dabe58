"""Evaluation: the metrics of a generator's samples, and of real images for comparison.

`metrics` computes them, `metric_info` names them, and the digit classifier gives the features; for
the neighbours of other pictures than digits, `picture_features` adds to them.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass

import numpy as np

from dcgan.config.named_datasets import has_digits
from dcgan.data.datasets import ImageDataset, load_mnist_test
from dcgan.digit_classifier.classifier import load_digit_classifier
from dcgan.errors import DatasetError
from dcgan.evaluation import copies, metrics
from dcgan.evaluation.metric_info import FULL_EVALUATION, MIN_EVALUATED, NUM_NEAREST, Evaluation
from dcgan.evaluation.metrics import Estimate
from dcgan.evaluation.neighbors import RealNeighborhoods, find_nearest
from dcgan.evaluation.picture_features import PictureFeatures
from dcgan.evaluation.sliced_wasserstein import SlicedWasserstein


class Evaluator:
    """Measures samples against a data set; the work on the real images is done once.

    Attributes:
        num_images: Number of samples that `evaluate` takes.
        real_evaluation: The metrics of as many other real images; copies are counted among images
            that were held out, see `find_unseen_copies`.
    """

    def __init__(
        self,
        dataset: ImageDataset,
        num_images: int = FULL_EVALUATION,
        *,
        measures_neighbors: bool = True,
    ) -> None:
        """Choose the real images to compare with; equal arguments choose the same images.

        Args:
            dataset: Data that the generator learned from.
            num_images: Number of samples to compare; at most half of the data is used.
            measures_neighbors: Whether to measure precision, recall, density, coverage and, if the
                data are not digits, copies: they search the nearest neighbours of all images.

        Raises:
            DatasetError: If half of the data are fewer than `MIN_EVALUATED` images.
        """
        self.num_images = min(num_images, len(dataset) // 2)
        if self.num_images < MIN_EVALUATED:
            raise DatasetError(
                f"A measurement needs at least {2 * MIN_EVALUATED} pictures; {dataset.name} has "
                f"{len(dataset)}.",
                setting="",
            )
        self._dataset = dataset
        self._has_labelled_digits = _has_labelled_digits(dataset)
        order = np.random.default_rng(0).permutation(len(dataset))
        chosen = dataset.pixels[order[: self.num_images]]
        others = dataset.pixels[order[self.num_images : 2 * self.num_images]]
        features = load_digit_classifier().predict(chosen).features
        self._moments = metrics.moments(features)
        self._joined: PictureFeatures | None = None
        if not self._has_labelled_digits:
            self._joined = PictureFeatures(chosen, features)
            features = self._joined.join(chosen, features)
        self._neighborhoods = RealNeighborhoods(features) if measures_neighbors else None
        self._sliced = None if self._has_labelled_digits else SlicedWasserstein(chosen)
        labels = dataset.labels
        self.real_evaluation = self._measure(
            others, None if labels is None else labels[order[self.num_images : 2 * self.num_images]]
        )
        self._searches_copies = measures_neighbors and not self._has_labelled_digits
        if self._searches_copies:
            self.real_evaluation = _with_copies(self.real_evaluation, self.find_unseen_copies())

    def evaluate(self, pixels: np.ndarray, classes: np.ndarray | None = None) -> Evaluation:
        """Measure samples.

        Args:
            pixels: uint8 [0, 255], shape (num_images, height, width, channels).
            classes: The requested class of each sample, as a label of the data, shape
                (num_images,); None if the generator knows no classes.
        """
        measured = self._measure(pixels, classes)
        return (
            _with_copies(measured, self.find_copies(pixels)) if self._searches_copies else measured
        )

    def _measure(self, pixels: np.ndarray, classes: np.ndarray | None) -> Evaluation:
        features, probabilities, _ = load_digit_classifier().predict(pixels)
        estimates = {"frechet_distance": metrics.estimate_frechet(self._moments, features)}
        if self._sliced is not None:
            estimates["sliced_wasserstein"] = Estimate(self._sliced.measure(pixels))
        if self._neighborhoods is not None:
            joined = features if self._joined is None else self._joined.join(pixels, features)
            estimates |= self._neighborhoods.compare(joined)._asdict()
        if not self._has_labelled_digits:
            return Evaluation(len(features), estimates)
        shares = metrics.digit_shares(probabilities)
        digits = probabilities.argmax(axis=1)
        estimates["classifier_score"] = metrics.estimate_score(probabilities)
        estimates["confident"] = metrics.estimate_share(metrics.is_confident(probabilities))
        if classes is not None:
            requested = np.array([int(name) for name in self._dataset.class_names])[classes]
            estimates["as_asked"] = metrics.estimate_share(digits == requested)
        estimates["digit_entropy"] = Estimate(metrics.entropy(shares))
        estimates["diversity"] = Estimate(metrics.diversity(features, digits))
        return Evaluation(len(digits), estimates, tuple(shares.tolist()))

    @functools.cached_property
    def _copy_search(self) -> copies.CopySearch:
        return copies.CopySearch(self._dataset.pixels)

    def find_copies(self, pixels: np.ndarray) -> np.ndarray:
        """Find copies of training images among the first samples.

        Args:
            pixels: Samples, uint8 [0, 255], shape (num, height, width, channels).

        Returns:
            Whether each is a copy, bool, shape (min(num, copies.MAX_SEARCHED),).
        """
        return self._copy_search.find_copies(pixels[: copies.MAX_SEARCHED])

    def find_unseen_copies(self) -> np.ndarray:
        """Find the images that count as copies among real images that were not trained on.

        Without held-out images, each training image is compared with the others.

        Returns:
            Whether each image is a copy, bool, shape (num,), at most `copies.MAX_SEARCHED`.
        """
        unseen = _load_unseen_images(self._dataset)
        if unseen is not None:
            return self.find_copies(unseen)
        return self._copy_search.find_chance_copies()

    def measure_nearest_distance(self, pixels: np.ndarray) -> tuple[Estimate, Estimate]:
        """Return the median distance to the nearest training images, with its interval.

        Args:
            pixels: Samples, uint8 [0, 255], shape (num, height, width, channels).

        Returns:
            The median over the samples, and the median over unseen real images.
        """
        nearest = find_nearest_training_images(pixels, self._dataset)
        return (
            metrics.estimate_median(nearest.distances),
            metrics.estimate_median(nearest.unseen_distances),
        )


@dataclass(frozen=True, eq=False)
class NearestTrainingImages:
    """The most similar training image of each sample.

    Attributes:
        nearest: Training images, uint8 [0, 255], shape (num, height, width, channels).
        distances: Root mean square difference of the pixels in [0, 1] between each sample and its
            image, shape (num,); 0 means a copy.
        unseen_distances: Distances of at most as many real images that were not trained on. Without
            held-out images, each training image is compared with the others.
    """

    nearest: np.ndarray
    distances: np.ndarray
    unseen_distances: np.ndarray


def find_nearest_training_images(
    pixels: np.ndarray, dataset: ImageDataset
) -> NearestTrainingImages:
    """Find the training image most similar to each sample, to detect a generator that copies.

    Args:
        pixels: Samples, uint8 [0, 255], shape (num, height, width, channels).
        dataset: Data that the generator learned from.
    """
    nearest = find_nearest(pixels, dataset.pixels)
    others, left_out = _load_unseen_images(dataset), None
    if others is None:
        chosen = np.random.default_rng(0).permutation(len(dataset))[: len(pixels)]
        others, left_out = dataset.pixels[chosen], chosen[:, np.newaxis]
    unseen = find_nearest(others[: len(pixels)], dataset.pixels, left_out=left_out)
    return NearestTrainingImages(
        dataset.pixels[nearest.indices], nearest.distances, unseen.distances
    )


def _load_unseen_images(dataset: ImageDataset) -> np.ndarray | None:
    """Return real images that were not trained on, uint8; None if the data have none."""
    if _has_labelled_digits(dataset):
        height, width, channels = dataset.pixels.shape[1:]
        return load_mnist_test((height, width, channels)).pixels
    return dataset.held_out


def _has_labelled_digits(dataset: ImageDataset) -> bool:
    return has_digits(dataset.name) and dataset.labels is not None


def evaluate_samples(
    pixels: np.ndarray, classes: np.ndarray | None, evaluator: Evaluator
) -> tuple[Evaluation, Evaluation]:
    """Compute all metrics of samples.

    Args:
        pixels: uint8 [0, 255], shape (num_images, height, width, channels).
        classes: The requested class of each sample, as a label of the data, shape (num_images,);
            None if the generator knows no classes.
        evaluator: Evaluator of the data that the generator learned from.

    Returns:
        The metrics of the samples, and the metrics of other real images.
    """
    measured, real = evaluator.evaluate(pixels, classes), evaluator.real_evaluation
    if "copies" not in measured.estimates:
        measured = _with_copies(measured, evaluator.find_copies(pixels))
        real = _with_copies(real, evaluator.find_unseen_copies())
    nearest, unseen = evaluator.measure_nearest_distance(pixels[:NUM_NEAREST])
    return (
        _with_estimate(measured, "nearest_distance", nearest),
        _with_estimate(real, "nearest_distance", unseen),
    )


def _with_copies(evaluation: Evaluation, is_copy: np.ndarray) -> Evaluation:
    return _with_estimate(evaluation, "copies", metrics.estimate_share(is_copy))


def _with_estimate(evaluation: Evaluation, name: str, estimate: Estimate) -> Evaluation:
    return dataclasses.replace(evaluation, estimates={**evaluation.estimates, name: estimate})
