"""Features for the tests of metrics."""

from __future__ import annotations

import numpy as np


def draw_normal(
    num: int, num_features: int = 4, *, seed: int = 0, shift: float = 0.0
) -> np.ndarray:
    """Draw features from a normal distribution, always the same, shape (num, num_features)."""
    return np.random.default_rng(seed).standard_normal((num, num_features)) + shift
