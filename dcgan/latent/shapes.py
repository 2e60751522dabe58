"""The shape of a digit in numbers: how it slants, how thick, wide, high and round it is.

Plain NumPy on pixels; nothing here knows a network. Every measure is taken from the ink's own
place and outline, so that it means the same wherever the digit stands.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Shapes(NamedTuple):
    """Measures of pictures, each of shape (num,), float64; all 0 of a picture without ink.

    Attributes:
        slant: Degrees from upright in (-90, 90); more than 0 leans to the right.
        thickness: Width of the stroke in pixels.
        width: In pixels, of the digit set upright, so that leaning makes it no wider.
        height: In pixels.
        roundness: In [0, 1]; 0 for a straight line, 1 for what spreads the same in all directions.
    """

    slant: np.ndarray
    thickness: np.ndarray
    width: np.ndarray
    height: np.ndarray
    roundness: np.ndarray


def measure(pixels: np.ndarray) -> Shapes:
    """Measure pictures.

    Slant, width, height and roundness come from the second moments of the ink: a filled upright
    rectangle has exactly its own width and height. Thickness is that of the bar with as much ink
    and as long an outline: exact for bars, and for strokes that bend gently. A stroke thinner
    than two pixels, which the grid blurs, measures thicker than it is.

    Args:
        pixels: uint8 [0, 255], shape (num, height, width, channels); ink is bright.
    """
    ink = pixels.mean(axis=3, dtype=np.float32) / 255.0
    num, height, width = ink.shape
    y, x = np.indices((height, width), dtype=np.float64).reshape(2, -1)
    y, x = y - y.mean(), x - x.mean()
    monomials = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)
    moments = ink.reshape(num, -1) @ monomials  # (num, 6)
    mass = moments[:, 0]
    is_blank = mass <= 0
    mean_x, mean_y, xx, yy, xy = (moments[:, 1:] / np.where(is_blank, 1.0, mass)[:, None]).T
    # Of the ink spread over each pixel's square, which never makes it a line without a width.
    xx = xx - mean_x**2 + 1 / 12
    yy = yy - mean_y**2 + 1 / 12
    xy = xy - mean_x * mean_y
    middle, spread = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    found = Shapes(
        slant=np.degrees(np.arctan2(-xy, yy)),  # Rows are counted downwards.
        thickness=_thickness(mass, _outline(ink)),
        width=np.sqrt(12 * (xx - xy**2 / yy)),  # A bar's variance is a twelfth of its square.
        height=np.sqrt(12 * yy),
        roundness=(middle - spread) / (middle + spread),
    )
    return Shapes(*(np.where(is_blank, 0.0, values) for values in found))


def _outline(ink: np.ndarray) -> np.ndarray:
    """Return the outline's length in pixels, shape (num,): how much the ink varies in all."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    across = padded[:, :-1, 1:] - padded[:, :-1, :-1]
    down = padded[:, 1:, :-1] - padded[:, :-1, :-1]
    return np.hypot(across, down).sum(axis=(1, 2), dtype=np.float64)


def _thickness(area: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Return the shorter side of the rectangle with that area and outline.

    What is more compact than a square has no such rectangle, and gets that square's side.
    """
    return (outline - np.sqrt(np.maximum(outline**2 - 16 * area, 0.0))) / 4
