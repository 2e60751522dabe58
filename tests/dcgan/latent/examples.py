"""Arrays for the tests of latent vectors."""

from __future__ import annotations

import numpy as np


def make_float32(numbers: object) -> np.ndarray:
    """Return numbers as a float32 array, the type of latent vectors."""
    return np.array(numbers, np.float32)
