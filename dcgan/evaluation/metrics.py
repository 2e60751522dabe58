"""How good the digits are, in numbers that a sceptic can repeat.

Every figure compares samples with real images as the judge (`judge`) sees them, and stands beside
its floor: what real images get against other real images, which no generator beats but by chance.
The Fréchet distance is biased upwards at small N, so figures of different N, or of different
judges, do not compare.

Plain NumPy in double precision; nothing here knows a network.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

_BLOCK = 500  # Rows of a table of distances that are held at once.
_JACKKNIFE_BLOCKS = 10
_Z95 = 1.96  # Two-sided 95 % of a normal distribution.

# Neighbours, as in the papers: Kynkäänniemi et al. 2019 (precision, recall), Naeem et al. 2020.
MANIFOLD_NEIGHBORS = 3
DENSITY_NEIGHBORS = 5
CONFIDENT = 0.9  # Probability of the likeliest digit from which a sample counts as readable.
# A digit counts as missing below this share; one in ten is what real digits have.
MISSING_SHARE = 0.01


@dataclass(frozen=True)
class Estimate:
    """A figure of a finite number of samples.

    Attributes:
        value: The figure.
        low, high: Its 95 % interval over draws of samples, the network and the real images being
            what they are; NaN where none is known.
    """

    value: float
    low: float = math.nan
    high: float = math.nan


class Moments(NamedTuple):
    """Mean (num_features,) and covariance (num_features, num_features), float64."""

    mean: np.ndarray
    covariance: np.ndarray


def moments(features: np.ndarray) -> Moments:
    """Return mean and unbiased covariance of features, shape (num, num_features), num ≥ 2.

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
    """Return the Fréchet distance of two normal distributions; 0 for equal ones.

    |μa - μb|² + tr(Ca + Cb - 2 (Ca^½ Cb Ca^½)^½), after Dowson and Landau, 1982, the form of
    Heusel et al., 2017, arXiv:1706.08500, whose features are Inception's. The root is taken of
    the symmetric product, whose eigenvalues are real.
    """
    root = _symmetric_root(a.covariance)
    product = root @ b.covariance @ root
    eigenvalues = np.linalg.eigvalsh((product + product.T) / 2)
    cross = np.sqrt(eigenvalues.clip(min=0)).sum()
    apart = ((a.mean - b.mean) ** 2).sum()
    distance = apart + np.trace(a.covariance) + np.trace(b.covariance) - 2 * cross
    return max(0.0, float(distance))  # Rounding can leave it a hair below.


def _symmetric_root(matrix: np.ndarray) -> np.ndarray:
    eigenvalues, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(eigenvalues.clip(min=0))) @ vectors.T


def estimate_frechet(real: Moments, fake_features: np.ndarray) -> Estimate:
    """Return the Fréchet distance of samples from real images, with its interval."""
    return _jackknife(lambda features: frechet_distance(real, moments(features)), fake_features)


def classifier_score(probabilities: np.ndarray) -> float:
    """Return exp of the mean KL divergence of p(digit | image) from p(digit), in [1, 10].

    The inception score of Salimans et al., 2016, arXiv:1606.03498, with the judge in Inception's
    place: 10 where every sample is one sure digit and all digits come equally often.

    Args:
        probabilities: Shape (num, num_digits), rows sum to 1.
    """
    p = probabilities.astype(np.float64)
    marginal = p.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * (np.log(p) - np.log(marginal)), 0.0)
    return float(np.exp(terms.sum(axis=1).mean()))


def estimate_score(probabilities: np.ndarray) -> Estimate:
    """Return the classifier score with its interval."""
    return _jackknife(classifier_score, probabilities)


def _jackknife(figure: Callable[[np.ndarray], float], rows: np.ndarray) -> Estimate:
    """Estimate how a figure varies by leaving out each tenth of the rows in turn."""
    value = figure(rows)
    block = np.arange(len(rows)) * _JACKKNIFE_BLOCKS // len(rows)
    partial = np.array([figure(rows[block != index]) for index in range(_JACKKNIFE_BLOCKS)])
    factor = (_JACKKNIFE_BLOCKS - 1) / _JACKKNIFE_BLOCKS
    error = math.sqrt(factor * float(((partial - partial.mean()) ** 2).sum()))
    return Estimate(value, value - _Z95 * error, value + _Z95 * error)


def estimate_share(mask: np.ndarray) -> Estimate:
    """Return the share of True with Wilson's interval (1927), which stays within [0, 1]."""
    num, share = len(mask), float(mask.mean())
    middle = share + _Z95**2 / (2 * num)
    half = _Z95 * math.sqrt(share * (1 - share) / num + _Z95**2 / (4 * num**2))
    scale = 1 + _Z95**2 / num
    # Rounding may leave the bound of none or all a hair on the wrong side.
    low, high = min(share, (middle - half) / scale), max(share, (middle + half) / scale)
    return Estimate(share, max(0.0, low), min(1.0, high))


class Manifold(NamedTuple):
    """How samples and real images lie among each other.

    Attributes:
        precision: Share of samples within the real images' reach: samples that look real.
        recall: Share of real images within the samples' reach: real images it could have drawn.
        density: Real neighbourhoods that a sample lies in, over what is expected; 1 for real
            images, more where samples crowd where real images are dense.
        coverage: Share of real images with a sample in their neighbourhood.
    """

    precision: Estimate
    recall: Estimate
    density: Estimate
    coverage: Estimate


class RealManifold:
    """Real images as neighbourhoods, to hold samples against: found once for all samples.

    Precision and recall after Kynkäänniemi et al., 2019, arXiv:1904.06991, with 3 neighbours;
    density and coverage after Naeem et al., 2020, arXiv:2002.09797, with 5.
    """

    def __init__(self, real: np.ndarray) -> None:
        """Take features, shape (num, num_features), more than 5 rows.

        Raises:
            ValueError: If there are too few rows.
        """
        self._real = _points(real)
        self._reach, self._wide_reach = _reaches(
            self._real, (MANIFOLD_NEIGHBORS, DENSITY_NEIGHBORS)
        )

    def compare(self, fake: np.ndarray) -> Manifold:
        """Measure samples' features, shape (num, num_features), more than 5 rows.

        Raises:
            ValueError: If there are too few rows.
        """
        fake = _points(fake)
        (fake_reach,) = _reaches(fake, (MANIFOLD_NEIGHBORS,))
        is_precise = np.zeros(len(fake), bool)
        num_around = np.zeros(len(fake))
        is_recalled = np.zeros(len(self._real), bool)
        is_covered = np.zeros(len(self._real), bool)
        for rows in _blocks(len(fake)):
            distances = _squared_distances(fake[rows], self._real)
            is_precise[rows] = (distances <= self._reach).any(axis=1)
            is_inside = distances <= self._wide_reach
            num_around[rows] = is_inside.sum(axis=1)
            is_covered |= is_inside.any(axis=0)
            is_recalled |= (distances <= fake_reach[rows, np.newaxis]).any(axis=0)
        per_sample = num_around / DENSITY_NEIGHBORS
        density, error = float(per_sample.mean()), float(per_sample.std() / math.sqrt(len(fake)))
        return Manifold(
            precision=estimate_share(is_precise),
            recall=estimate_share(is_recalled),
            density=Estimate(density, density - _Z95 * error, density + _Z95 * error),
            coverage=estimate_share(is_covered),
        )


def _points(features: np.ndarray) -> np.ndarray:
    if len(features) <= DENSITY_NEIGHBORS:
        raise ValueError(
            f"neighbours take more than {DENSITY_NEIGHBORS} images, got {len(features)}."
        )
    return features.astype(np.float64)


def _reaches(points: np.ndarray, neighbors: tuple[int, ...]) -> list[np.ndarray]:
    """Return each point's squared distance to its k-th nearest other point, for several k."""
    reaches = [np.empty(len(points)) for _ in neighbors]

    def measure(rows: slice) -> None:
        distances = _squared_distances(points[rows], points)
        # The nearest is the point itself, at zero; said, as rounding could leave a trace.
        distances[np.arange(len(distances)), np.arange(len(points))[rows]] = -1.0
        distances.partition(neighbors, axis=1)
        for reach, k in zip(reaches, neighbors, strict=True):
            reach[rows] = distances[:, k]

    # NumPy's selection uses one core and lets other threads run.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(measure, _blocks(len(points))):
            pass
    return reaches


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squares = (a**2).sum(axis=1)[:, np.newaxis] + (b**2).sum(axis=1)
    return (squares - 2 * a @ b.T).clip(min=0)


def _blocks(num: int) -> list[slice]:
    return [slice(start, start + _BLOCK) for start in range(0, num, _BLOCK)]


def digit_shares(probabilities: np.ndarray) -> np.ndarray:
    """Return how often each digit is the likeliest, shape (num_digits,), summing to 1."""
    num_digits = probabilities.shape[1]
    counts = np.bincount(probabilities.argmax(axis=1), minlength=num_digits)
    return counts / len(probabilities)


def entropy(shares: np.ndarray) -> float:
    """Return the entropy of shares in bits: log2(10) = 3.32 where ten digits come equally."""
    some = shares[shares > 0]
    return max(0.0, float(-(some * np.log2(some)).sum()))


def missing_digits(shares: np.ndarray) -> tuple[int, ...]:
    """Return the digits that come less often than `MISSING_SHARE`."""
    return tuple(int(digit) for digit in np.flatnonzero(shares < MISSING_SHARE))


def is_confident(probabilities: np.ndarray) -> np.ndarray:
    """Return for each sample whether the judge is sure of its digit: `CONFIDENT` or more."""
    return np.asarray(probabilities.max(axis=1) >= CONFIDENT)


def diversity(features: np.ndarray, digits: np.ndarray) -> float:
    """Return how far apart two samples of one digit lie: the root of the mean square, ≥ 0.

    Args:
        features: Shape (num, num_features).
        digits: The digit of each, integers, shape (num,).
    """
    # The mean squared distance of all pairs is twice the variance: no pair need be looked at.
    within = sum(
        float(((group - group.mean(axis=0)) ** 2).sum())
        for group in (features[digits == digit].astype(np.float64) for digit in np.unique(digits))
    )
    return math.sqrt(2 * within / len(features))


class Nearest(NamedTuple):
    """For each sample the training image most like it.

    Attributes:
        indices: Into the training images, int, shape (num,).
        distances: Root mean squared difference of the pixels in [0, 1], shape (num,); 0 is a copy.
    """

    indices: np.ndarray
    distances: np.ndarray


def find_nearest(samples: np.ndarray, training: np.ndarray) -> Nearest:
    """Find the training image most like each sample, pixel by pixel.

    Args:
        samples, training: uint8, shapes (num, …) and (num_training, …) of equal sizes.
    """
    points = samples.reshape(len(samples), -1).astype(np.float32) / 255
    best = np.full(len(samples), np.inf, np.float32)
    indices = np.zeros(len(samples), int)
    for rows in _blocks(len(training)):
        images = training[rows].reshape(-1, points.shape[1]).astype(np.float32) / 255
        distances = _squared_distances(points, images)
        nearest = distances.argmin(axis=1)
        found = distances[np.arange(len(points)), nearest]
        is_better = found < best
        best[is_better] = found[is_better]
        indices[is_better] = nearest[is_better] + rows.start
    differences = (samples - training[indices].astype(np.float32)).reshape(len(samples), -1) / 255
    return Nearest(indices, np.sqrt((differences**2).mean(axis=1)))
