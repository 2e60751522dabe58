"""Outliers: pictures that look unlike all others of their set.

A picture is an outlier if even the pictures nearest to it are far away. A distance compares small
copies of two pictures, and a few statistics such as brightness and sharpness.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcgan.pictures.picture_fitting import Pixels
from dcgan.progress import ProgressCallback, no_progress

# For each statistic, the descriptions of a picture that has more, or less, of it than the others.
_STATISTICS = (
    ("lighter", "darker"),
    ("of more contrast", "of less contrast"),
    ("of more vertical edges", "of fewer vertical edges"),
    ("of more horizontal edges", "of fewer horizontal edges"),
    ("finer in detail", "coarser in detail"),
    ("with more middle tones", "with fewer middle tones"),
    ("with a lighter border", "with a darker border"),
    ("with a busier border", "with a calmer border"),
    ("more colourful", "less colourful"),
)
_SIDE = 7  # Height and width of the small copies, in pixels.
_NUM_REFERENCES = 2_000  # Pictures, from all parts of the set, to which distances are measured.
# The distance to the fifth nearest picture counts, so that up to five equal outliers are found.
_NEIGHBOR = 5
# Threshold of the logarithm of the distance, in standard deviations above its median. Measured with
# 20 foreign pictures among MNIST's digits, see docs/own-pictures.md.
_MIN_DEVIATIONS = 3.5
_TAIL = 0.01  # The statistics are scaled by their highest and lowest hundredth.
_BLOCK = 2_048  # Pictures that are measured at once.


@dataclass(frozen=True)
class Outlier:
    """A picture that looks unlike the others.

    Attributes:
        index: Index of the picture in the set.
        deviations: Distance to the nearest pictures, as a logarithm in standard deviations above
            the median of the set.
        reason: The statistic in which the picture differs most, such as "lighter than the others".
    """

    index: int
    deviations: float
    reason: str


def find_outliers(pixels: Pixels, progress: ProgressCallback = no_progress) -> tuple[Outlier, ...]:
    """Find the pictures that look unlike the others; the most unlike first.

    Args:
        pixels: uint8 in [0, 255], shape (num_images, side, side, 1 or 3).
        progress: Reports how much of the work is done.
    """
    copies = np.empty((len(pixels), _SIDE * _SIDE * pixels.shape[3]), np.float32)
    statistics = np.empty((len(pixels), len(_STATISTICS)), np.float32)
    blocks = range(0, len(pixels), _BLOCK)
    for start in progress(blocks, "Measuring the pictures", len(blocks)):
        block = slice(start, start + _BLOCK)
        copies[block] = _shrink(pixels[block])
        statistics[block] = _measure(pixels[block])
    copies -= copies.mean(axis=0)
    length = np.sqrt(np.square(copies).sum(axis=1).mean())
    scaled = _scale_by_tails(statistics)
    features = np.concatenate([copies / max(float(length), 1e-6), scaled], axis=1)
    indices = np.unique(np.linspace(0, len(pixels) - 1, _NUM_REFERENCES).astype(int))
    is_reference = np.isin(np.arange(len(pixels)), indices)
    distances = np.empty(len(pixels), np.float32)
    for start in progress(blocks, "Looking for outliers", len(blocks)):
        block = slice(start, start + _BLOCK)
        distances[block] = _measure_distances(
            features[block], features[indices], is_reference[block]
        )
    deviations = _compute_deviations(np.log(distances + 1e-6))
    order = np.argsort(-deviations, kind="stable")
    return tuple(
        Outlier(index, float(deviations[index]), _explain(scaled[index]))
        for index in order[deviations[order] > _MIN_DEVIATIONS].tolist()
    )


def _shrink(pixels: Pixels) -> NDArray[np.float32]:
    """Return the mean colours of 7 × 7 parts of each picture, shape (num_images, …)."""
    edges = np.linspace(0, pixels.shape[1], _SIDE + 1).astype(int)
    sums = np.add.reduceat(pixels, edges[:-1], axis=1, dtype=np.float32)
    sums = np.add.reduceat(sums, edges[:-1], axis=2)
    areas = np.outer(np.diff(edges), np.diff(edges))[:, :, np.newaxis]
    means: NDArray[np.float32] = (sums / areas).reshape(len(pixels), -1)
    return means


def _measure(pixels: Pixels) -> NDArray[np.float32]:
    """Compute the statistics of each picture, shape (num_images, number of statistics)."""
    colors = pixels.astype(np.float32)
    grey = colors.mean(axis=3)
    right = np.diff(grey, axis=2)
    down = np.diff(grey, axis=1)
    curvature = np.diff(right, axis=2)[:, 1:-1] + np.diff(down, axis=1)[:, :, 1:-1]
    border = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1)
    axes = (1, 2)
    return np.stack(
        [
            grey.mean(axis=axes),
            grey.std(axis=axes),
            np.abs(right).mean(axis=axes),
            np.abs(down).mean(axis=axes),
            np.abs(curvature).mean(axis=axes),
            255 * ((grey > 32) & (grey < 223)).mean(axis=axes),
            border.mean(axis=1),
            border.std(axis=1),
            (colors.max(axis=3) - colors.min(axis=3)).mean(axis=axes),
        ],
        axis=1,
    )


def _scale_by_tails(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale each column so that its median is 0, and ±1 where its highest and lowest 1% begin.

    Columns of few different values, such as the border of digits, are scaled by their standard
    deviation if that is far wider.
    """
    median = np.median(values, axis=0)
    low, high = np.quantile(values, (_TAIL, 1 - _TAIL), axis=0)
    min_width = 0.3 * values.std(axis=0) + 1e-3
    above = np.maximum(high - median, min_width)
    below = np.maximum(median - low, min_width)
    scaled: NDArray[np.float32] = (values - median) / np.where(values > median, above, below)
    return scaled


def _measure_distances(
    features: NDArray[np.float32],
    references: NDArray[np.float32],
    is_reference: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return the distance of each picture to the fifth nearest of the other references.

    Args:
        features: Features of the pictures, shape (num_images, num_features).
        references: Features of the references, shape (num_references, num_features).
        is_reference: Whether each picture is one of the references, shape (num_images,).
    """
    squares = np.square(features).sum(axis=1)[:, np.newaxis] + np.square(references).sum(axis=1)
    squares -= 2 * features @ references.T
    last = min(_NEIGHBOR, len(references) - 1)
    # A reference is the nearest to itself, at distance 0.
    nearest = np.partition(squares, [last - 1, last], axis=1)
    squared = np.where(is_reference, nearest[:, last], nearest[:, last - 1])
    distances: NDArray[np.float32] = np.sqrt(np.maximum(squared, 0))
    return distances


def _compute_deviations(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how many standard deviations each value is above the median.

    The standard deviation is estimated by the median absolute deviation, which outliers do not
    change.
    """
    median = np.median(values)
    deviation = 1.4826 * np.median(np.abs(values - median))
    return (values - median).astype(np.float64) / max(float(deviation), 0.05)


def _explain(scaled: NDArray[np.float32]) -> str:
    """Describe the statistic in which a picture differs most from the others."""
    index = int(np.abs(scaled).argmax())
    if abs(scaled[index]) < 1:
        return "of another shape than the others"
    more, less = _STATISTICS[index]
    return f"{more if scaled[index] > 0 else less} than the others"
