"""Metrics of neighbours: precision, recall, density, coverage, and nearest training images.

Uses NumPy only; does not know networks.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from dcgan.evaluation.metrics import Z95, Estimate, estimate_share

_BLOCK = 500  # Rows of a distance matrix that are in memory at once.
# Numbers of neighbours of Kynkäänniemi et al., 2019 (precision, recall), and of Naeem et al., 2020
# (density, coverage).
PRECISION_NEIGHBORS = 3
DENSITY_NEIGHBORS = 5


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
            density=Estimate(density, density - Z95 * error, density + Z95 * error),
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


class NearestIndices(NamedTuple):
    """The places of the most similar training images, and the distances to them.

    Attributes:
        indices: Index of each sample's training image, int, shape (num,).
        distances: Root mean square difference of pixels in [0, 1], shape (num,); 0 means a copy.
    """

    indices: np.ndarray
    distances: np.ndarray


def find_nearest(
    samples: np.ndarray,
    training: np.ndarray,
    *,
    left_out: np.ndarray | None = None,
    min_distance: float = 0.0,
) -> NearestIndices:
    """Find the training image with the most similar pixels for each sample.

    Args:
        samples: uint8 [0, 255], shape (num, height, width, channels).
        training: uint8 [0, 255], shape (num_training, height, width, channels).
        left_out: Indices of training images that do not count for a sample, shape (num,
            num_left_out); None for none.
        min_distance: Training images that are nearer than this do not count.

    Returns:
        The nearest images. A distance is infinite if no training image counts.
    """
    num_values = math.prod(training.shape[1:])
    points = samples.reshape(len(samples), num_values).astype(np.float32) / 255
    sample_indices = np.arange(len(samples))
    smallest = np.full(len(samples), np.inf, np.float32)
    indices = np.zeros(len(samples), int)
    for rows in _split_blocks(len(training)):
        images = training[rows].reshape(-1, num_values).astype(np.float32) / 255
        distances = _squared_distances(points, images)
        if min_distance:
            distances[distances < min_distance**2 * num_values] = np.inf
        for column in () if left_out is None else left_out.T - rows.start:
            is_here = (column >= 0) & (column < len(images))
            distances[sample_indices[is_here], column[is_here]] = np.inf
        nearest = distances.argmin(axis=1)
        nearest_distances = distances[sample_indices, nearest]
        is_nearer = nearest_distances < smallest
        smallest[is_nearer] = nearest_distances[is_nearer]
        indices[is_nearer] = nearest[is_nearer] + rows.start
    # Computed again, as the sums of squares above round small distances.
    differences = (samples - training[indices].astype(np.float32)).reshape(points.shape) / 255
    exact = np.sqrt((differences**2).mean(axis=1))
    return NearestIndices(indices, np.where(np.isfinite(smallest), exact, np.inf))
