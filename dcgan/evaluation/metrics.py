"""Metrics: how good generated images are, in numbers that can be reproduced.

Most metrics compare samples with real images in the features of the digit classifier. Pages show
each metric beside its value for other real images, the best that can be expected. Few images give a
Fréchet distance that is too high, so compare only metrics of the same number of images and of the
same classifier.

Uses NumPy only, in double precision; does not know networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

_JACKKNIFE_BLOCKS = 10
Z95 = 1.96  # Standard errors on each side in a 95 % interval of a normal distribution.

MIN_CONFIDENCE = 0.9  # Threshold of the highest probability for a readable sample.
# A digit with a smaller share than this is missing; real digits have a share of 0.1.
MISSING_SHARE = 0.01


@dataclass(frozen=True)
class Estimate:
    """A metric of a finite number of samples.

    Attributes:
        value: The metric.
        low, high: 95 % confidence interval of the metric over the sampling of z, for a fixed
            network and fixed real images; NaN if unknown.
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
    return Estimate(value, value - Z95 * error, value + Z95 * error)


def estimate_share(mask: np.ndarray) -> Estimate:
    """Compute the share of True values with Wilson's interval (1927), which is within [0, 1]."""
    num, share = len(mask), float(mask.mean())
    middle = share + Z95**2 / (2 * num)
    half = Z95 * math.sqrt(share * (1 - share) / num + Z95**2 / (4 * num**2))
    scale = 1 + Z95**2 / num
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
    half = Z95 / (2 * math.sqrt(len(values)))
    low, middle, high = np.quantile(values, [max(0.0, 0.5 - half), 0.5, min(1.0, 0.5 + half)])
    return Estimate(float(middle), float(low), float(high))


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
