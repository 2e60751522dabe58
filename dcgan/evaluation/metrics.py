"""Metrics: how good generated images are, in numbers that can be reproduced.

Most metrics compare samples with real images in the features of the digit classifier. Pages show
each metric beside its value for other real images, the best that can be expected. Few images give a
Fréchet distance that is too high, so compare only metrics of the same number of images and of the
same classifier.

Uses NumPy only, in double precision; does not know networks.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

_BLOCK = 500  # Rows of a distance matrix that are in memory at once.
_JACKKNIFE_BLOCKS = 10
_Z95 = 1.96  # Two-sided 95 % of a normal distribution.

# Numbers of neighbours of Kynkäänniemi et al., 2019 (precision, recall), and of Naeem et al., 2020
# (density, coverage).
PRECISION_NEIGHBORS = 3
DENSITY_NEIGHBORS = 5
MIN_CONFIDENCE = 0.9  # Threshold of the highest probability for a readable sample.
# A digit with a smaller share than this is missing; real digits have a share of 0.1.
MISSING_SHARE = 0.01


@dataclass(frozen=True)
class Estimate:
    """A metric of a finite number of samples.

    Attributes:
        value: The metric.
        low, high: Its 95 % confidence interval over the sampling of z, for a fixed network and
            fixed real images; NaN if unknown.
    """

    value: float
    low: float = math.nan
    high: float = math.nan


class Moments(NamedTuple):
    """Moments of features.

    Attributes:
        mean: Shape (num_features,), float64.
        covariance: Shape (num_features, num_features), float64.
    """

    mean: np.ndarray
    covariance: np.ndarray


def moments(features: np.ndarray) -> Moments:
    """Compute mean and unbiased covariance of features, shape (num, num_features), num ≥ 2.

    Raises:
        ValueError: If there are fewer than two rows.
    """
    if len(features) < 2:
        raise ValueError(f"a covariance takes two images at least, got {len(features)}.")
    values = features.astype(np.float64)
    mean = values.mean(axis=0)
    centered = values - mean
    return Moments(mean, centered.T @ centered / (len(values) - 1))


def frechet_distance(a: Moments, b: Moments) -> float:
    """Compute the Fréchet distance of two normal distributions; 0 for equal ones.

    |μa - μb|² + tr(Ca + Cb - 2 (Ca^½ Cb Ca^½)^½), after Dowson and Landau, 1982, in the form
    of Heusel et al., 2017, arXiv:1706.08500, who use the features of Inception. The square root
    of the symmetric product has real eigenvalues.
    """
    root = _symmetric_root(a.covariance)
    product = root @ b.covariance @ root
    eigenvalues = np.linalg.eigvalsh((product + product.T) / 2)
    cross = np.sqrt(eigenvalues.clip(min=0)).sum()
    shift = ((a.mean - b.mean) ** 2).sum()
    distance = shift + np.trace(a.covariance) + np.trace(b.covariance) - 2 * cross
    return max(0.0, float(distance))  # Rounding errors can make it negative.


def _symmetric_root(matrix: np.ndarray) -> np.ndarray:
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(eigenvalues.clip(min=0))) @ vectors.T


def estimate_frechet(real: Moments, fake_features: np.ndarray) -> Estimate:
    """Compute the Fréchet distance of samples from real images, with its interval."""
    return _jackknife(lambda features: frechet_distance(real, moments(features)), fake_features)


def classifier_score(probabilities: np.ndarray) -> float:
    """Compute exp of the mean KL divergence of p(digit | image) from p(digit), in [1, 10].

    The inception score of Salimans et al., 2016, arXiv:1606.03498, with the digit classifier
    instead of Inception: 10 if every sample is clearly one digit and all are equally frequent.

    Args:
        probabilities: Shape (num, num_digits), rows sum to 1.
    """
    p = probabilities.astype(np.float64)
    marginal = p.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * (np.log(p) - np.log(marginal)), 0.0)
    return float(np.exp(terms.sum(axis=1).mean()))


def estimate_score(probabilities: np.ndarray) -> Estimate:
    """Compute the classifier score with its interval."""
    return _jackknife(classifier_score, probabilities)


def _jackknife(metric: Callable[[np.ndarray], float], rows: np.ndarray) -> Estimate:
    """Estimate the interval of a metric by leaving out each tenth of the rows in turn."""
    value = metric(rows)
    block = np.arange(len(rows)) * _JACKKNIFE_BLOCKS // len(rows)
    partial = np.array([metric(rows[block != index]) for index in range(_JACKKNIFE_BLOCKS)])
    factor = (_JACKKNIFE_BLOCKS - 1) / _JACKKNIFE_BLOCKS
    error = math.sqrt(factor * float(((partial - partial.mean()) ** 2).sum()))
    return Estimate(value, value - _Z95 * error, value + _Z95 * error)


def estimate_share(mask: np.ndarray) -> Estimate:
    """Compute the share of True values with Wilson's interval (1927), which is within [0, 1]."""
    num, share = len(mask), float(mask.mean())
    middle = share + _Z95**2 / (2 * num)
    half = _Z95 * math.sqrt(share * (1 - share) / num + _Z95**2 / (4 * num**2))
    scale = 1 + _Z95**2 / num
    # Rounding errors can put the bound of a share of 0 or 1 on the wrong side.
    low, high = min(share, (middle - half) / scale), max(share, (middle + half) / scale)
    return Estimate(share, max(0.0, low), min(1.0, high))


def estimate_median(values: np.ndarray) -> Estimate:
    """Compute the median, with the interval between two order statistics.

    The number of values below the true median is binomial, whatever their distribution (Conover,
    "Practical Nonparametric Statistics", 1999, section 3.2).

    Args:
        values: Shape (num,), not empty.
    """
    half = _Z95 / (2 * math.sqrt(len(values)))
    low, middle, high = np.quantile(values, [max(0.0, 0.5 - half), 0.5, min(1.0, 0.5 + half)])
    return Estimate(float(middle), float(low), float(high))


class NeighborhoodMetrics(NamedTuple):
    """Metrics of the neighbourhoods of samples and real images.

    Attributes:
        precision: Share of samples within a neighbourhood of a real image: they look real.
        recall: Share of real images within a neighbourhood of a sample: they could be generated.
        density: Mean number of real neighbourhoods around a sample, relative to its expectation;
            1 for real images, more if samples are concentrated where real images are dense.
        coverage: Share of real images with a sample in their neighbourhood.
    """

    precision: Estimate
    recall: Estimate
    density: Estimate
    coverage: Estimate


class RealNeighborhoods:
    """Neighbourhoods of real images, computed once for all samples.

    Precision and recall after Kynkäänniemi et al., 2019, arXiv:1904.06991, with 3 neighbours;
    density and coverage after Naeem et al., 2020, arXiv:2002.09797, with 5.
    """

    def __init__(self, real: np.ndarray) -> None:
        """Compute the neighbourhoods of features, shape (num, num_features), more than 5 rows.

        Raises:
            ValueError: If there are too few rows.
        """
        self._real = _check_features(real)
        self._radius, self._wide_radius = _compute_radii(
            self._real, (PRECISION_NEIGHBORS, DENSITY_NEIGHBORS)
        )

    def compare(self, fake: np.ndarray) -> NeighborhoodMetrics:
        """Compare features of samples, shape (num, num_features), more than 5 rows.

        Raises:
            ValueError: If there are too few rows.
        """
        fake = _check_features(fake)
        (fake_radius,) = _compute_radii(fake, (PRECISION_NEIGHBORS,))
        is_precise = np.zeros(len(fake), bool)
        num_around = np.zeros(len(fake))
        is_recalled = np.zeros(len(self._real), bool)
        is_covered = np.zeros(len(self._real), bool)
        for rows in _split_blocks(len(fake)):
            distances = _squared_distances(fake[rows], self._real)
            is_precise[rows] = (distances <= self._radius).any(axis=1)
            is_inside = distances <= self._wide_radius
            num_around[rows] = is_inside.sum(axis=1)
            is_covered |= is_inside.any(axis=0)
            is_recalled |= (distances <= fake_radius[rows, np.newaxis]).any(axis=0)
        per_sample = num_around / DENSITY_NEIGHBORS
        density, error = float(per_sample.mean()), float(per_sample.std() / math.sqrt(len(fake)))
        return NeighborhoodMetrics(
            precision=estimate_share(is_precise),
            recall=estimate_share(is_recalled),
            density=Estimate(density, density - _Z95 * error, density + _Z95 * error),
            coverage=estimate_share(is_covered),
        )


def _check_features(features: np.ndarray) -> np.ndarray:
    if len(features) <= DENSITY_NEIGHBORS:
        raise ValueError(
            f"neighbours take more than {DENSITY_NEIGHBORS} images, got {len(features)}."
        )
    return features.astype(np.float64)


def _compute_radii(points: np.ndarray, neighbors: tuple[int, ...]) -> list[np.ndarray]:
    """Return the squared distance of each point to its k-th nearest other point, for several k."""
    radii = [np.empty(len(points)) for _ in neighbors]

    def measure(rows: slice) -> None:
        distances = _squared_distances(points[rows], points)
        # The nearest point is the point itself; -1 excludes rounding errors of its distance.
        distances[np.arange(len(distances)), np.arange(len(points))[rows]] = -1.0
        distances.partition(neighbors, axis=1)
        for radius, k in zip(radii, neighbors, strict=True):
            radius[rows] = distances[:, k]

    # NumPy's partition uses one core and releases the GIL.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(measure, _split_blocks(len(points))):
            pass
    return radii


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squares = (a**2).sum(axis=1)[:, np.newaxis] + (b**2).sum(axis=1)
    return (squares - 2 * a @ b.T).clip(min=0)


def _split_blocks(num_rows: int) -> list[slice]:
    return [slice(start, start + _BLOCK) for start in range(0, num_rows, _BLOCK)]


def digit_shares(probabilities: np.ndarray) -> np.ndarray:
    """Compute the share of samples of each likeliest digit, shape (num_digits,), summing to 1."""
    num_digits = probabilities.shape[1]
    counts = np.bincount(probabilities.argmax(axis=1), minlength=num_digits)
    return counts / len(probabilities)


def entropy(shares: np.ndarray) -> float:
    """Compute the entropy of shares in bits: log2(10) = 3.32 for ten equally frequent digits."""
    some = shares[shares > 0]
    return max(0.0, float(-(some * np.log2(some)).sum()))


def is_clearly_above(share: float, other: float, num_images: int) -> bool:
    """Return whether a share of images, such as recall, is above another by more than chance.

    Args:
        share, other: Shares of images, in [0, 1].
        num_images: Number of images of each share. A difference up to two standard errors counts
            as chance.
    """
    difference = share - other
    variance = share * (1 - share) + other * (1 - other)
    # Squared, as a damaged history can have shares outside [0, 1] or no images.
    return difference > 0 and difference * difference * num_images > 4 * variance


def find_missing_digits(
    shares: Sequence[float], real_shares: Sequence[float] = ()
) -> tuple[int, ...]:
    """Return the digits that the training images contain and the generator hardly draws.

    Args:
        shares: Share of each digit among the fakes; a digit is missing below `MISSING_SHARE`.
        real_shares: Share of each digit among real images; () if unknown, and then the training
            images count as containing all digits.
    """
    return tuple(
        digit
        for digit, share in enumerate(shares)
        if share < MISSING_SHARE and (not real_shares or real_shares[digit] >= MISSING_SHARE)
    )


def is_confident(probabilities: np.ndarray) -> np.ndarray:
    """Return for each sample whether its highest probability is at least `MIN_CONFIDENCE`."""
    return np.asarray(probabilities.max(axis=1) >= MIN_CONFIDENCE)


def diversity(features: np.ndarray, digits: np.ndarray) -> float:
    """Compute the root mean square distance between two samples of the same digit, ≥ 0.

    Args:
        features: Shape (num, num_features).
        digits: The digit of each sample, integers, shape (num,).
    """
    # The mean squared distance of all pairs is twice the variance.
    within = sum(
        float(((group - group.mean(axis=0)) ** 2).sum())
        for group in (features[digits == digit].astype(np.float64) for digit in np.unique(digits))
    )
    return math.sqrt(2 * within / len(features))


class NearestIndices(NamedTuple):
    """The places of the most similar training images, and the distances to them.

    Attributes:
        indices: Index of each sample's training image, int, shape (num,).
        distances: Root mean square difference of pixels in [0, 1], shape (num,); 0 means a copy.
    """

    indices: np.ndarray
    distances: np.ndarray


def find_nearest(samples: np.ndarray, training: np.ndarray) -> NearestIndices:
    """Find the training image with the most similar pixels for each sample.

    Args:
        samples: uint8 [0, 255], shape (num, height, width, channels).
        training: uint8 [0, 255], shape (num_training, height, width, channels).
    """
    points = samples.reshape(len(samples), -1).astype(np.float32) / 255
    smallest = np.full(len(samples), np.inf, np.float32)
    indices = np.zeros(len(samples), int)
    for rows in _split_blocks(len(training)):
        images = training[rows].reshape(-1, points.shape[1]).astype(np.float32) / 255
        distances = _squared_distances(points, images)
        nearest = distances.argmin(axis=1)
        nearest_distances = distances[np.arange(len(points)), nearest]
        is_nearer = nearest_distances < smallest
        smallest[is_nearer] = nearest_distances[is_nearer]
        indices[is_nearer] = nearest[is_nearer] + rows.start
    differences = (samples - training[indices].astype(np.float32)).reshape(len(samples), -1) / 255
    return NearestIndices(indices, np.sqrt((differences**2).mean(axis=1)))
