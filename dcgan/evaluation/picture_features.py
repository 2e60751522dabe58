"""Features of pictures that are not digits: what a classifier of digits sees, and small pictures.

The classifier knows strokes, but no colours: of striped discs in colour it finds that 97% of pure
noise looks real (precision), and that grey discs vary as coloured ones do (recall 97%). With small
pictures too, it is 3% and 2%. Small pictures alone do not see whether strokes are blurred: 64% of
blurred letters look real, with both none. Uses NumPy only.
"""

from __future__ import annotations

import numpy as np

from dcgan.evaluation.copies import shrink

_MIN_SPREAD = 1e-6  # Prevents a division by 0 where all real pictures are equal.


class PictureFeatures:
    """Joins both kinds of features, each scaled so that the real pictures' total variance is 1."""

    def __init__(self, real: np.ndarray, seen: np.ndarray) -> None:
        """Measure the spread of both kinds of features.

        Args:
            real: Real pictures, uint8 [0, 255], shape (num, size, size, channels).
            seen: The classifier's features of them, shape (num, num_features).
        """
        self._factors = [1 / _measure_spread(features) for features in (seen, _flatten(real))]

    def join(self, pixels: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Return the joined features of pictures, float32, one row for each.

        Args:
            pixels: uint8 [0, 255], of the real pictures' shape except for their number.
            seen: The classifier's features of them.
        """
        seen_factor, small_factor = self._factors
        joined = [seen_factor * seen, small_factor * _flatten(pixels)]
        return np.concatenate(joined, axis=1).astype(np.float32)


def _measure_spread(features: np.ndarray) -> float:
    """Return the root of the total variance of features, shape (num, num_features)."""
    spread = float(np.sqrt(features.var(axis=0, dtype=np.float64).sum()))
    return max(spread, _MIN_SPREAD)


def _flatten(pixels: np.ndarray) -> np.ndarray:
    """Return pictures of at most 16×16 pixels, one float32 row for each."""
    return shrink(pixels).reshape(len(pixels), -1).astype(np.float32)
