"""Precision, recall, density and coverage by the authors of density and coverage, as a reference.

The package prdc 0.2 (https://github.com/clovaai/prdc, Naeem et al., 2020, arXiv:2002.09797),
Copyright (c) 2020-present NAVER Corp., MIT license. Only its distances are SciPy's here: prdc needs
scikit-learn, which Keras imports wherever it is installed, and that costs each process of the tests
a second.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist


def get_kth_value(unsorted: np.ndarray, k: int, axis: int = -1) -> np.ndarray:
    """Return the largest of the k smallest values along an axis."""
    indices = np.argpartition(unsorted, k, axis=axis)[..., :k]
    k_smallests = np.take_along_axis(unsorted, indices, axis=axis)
    kth_values: np.ndarray = k_smallests.max(axis=axis)
    return kth_values


def compute_nearest_neighbour_distances(input_features: np.ndarray, nearest_k: int) -> np.ndarray:
    """Return each row's distance to its k-th nearest neighbour, shape (num,)."""
    distances = cdist(input_features, input_features)
    return get_kth_value(distances, k=nearest_k + 1, axis=-1)


def compute_prdc(
    real_features: np.ndarray, fake_features: np.ndarray, nearest_k: int
) -> dict[str, float]:
    """Compute precision, recall, density and coverage of two sets of shape (num, num_features)."""
    real_nearest_neighbour_distances = compute_nearest_neighbour_distances(real_features, nearest_k)
    fake_nearest_neighbour_distances = compute_nearest_neighbour_distances(fake_features, nearest_k)
    distance_real_fake = cdist(real_features, fake_features)

    precision = (
        (distance_real_fake < np.expand_dims(real_nearest_neighbour_distances, axis=1))
        .any(axis=0)
        .mean()
    )

    recall = (
        (distance_real_fake < np.expand_dims(fake_nearest_neighbour_distances, axis=0))
        .any(axis=1)
        .mean()
    )

    density = (1.0 / float(nearest_k)) * (
        distance_real_fake < np.expand_dims(real_nearest_neighbour_distances, axis=1)
    ).sum(axis=0).mean()

    coverage = (distance_real_fake.min(axis=1) < real_nearest_neighbour_distances).mean()

    return {"precision": precision, "recall": recall, "density": density, "coverage": coverage}
