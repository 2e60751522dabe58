"""Measures of the shapes of digits: slant, stroke thickness, width, height and roundness.

NumPy only, without networks. All measures are independent of the digit's position.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Shapes(NamedTuple):
    """Shape measures of images, each float64 of shape (num,); all 0 for an image without ink.

    Attributes:
        slant: Degrees from upright, in (-90, 90); positive values lean to the right.
        thickness: Width of the stroke, in pixels.
        width: Width in pixels without the slant.
        height: Height in pixels, from the uppermost to the lowest edge.
        roundness: In [0, 1]; 0 for a straight line, 1 if the ink spreads equally in all directions.
    """

    slant: np.ndarray
    thickness: np.ndarray
    width: np.ndarray
    height: np.ndarray
    roundness: np.ndarray


def measure_shapes(pixels: np.ndarray) -> Shapes:
    """Measure the shapes of digits.

    Slant, width and roundness come from the second moments of the ink; they are exact for a filled
    upright rectangle. The height spans the rows that are at least half as bright as the brightest
    row, so that it does not depend on where the ink is thick. The thickness is the shorter side of
    a bar with the same amount of ink and the same outline; it is exact for bars and gently bent
    strokes. The pixel grid blurs strokes thinner than two pixels, so their thickness is too large.

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
    # Variance within each pixel's square, so that no width or height is 0.
    xx = xx - mean_x**2 + 1 / 12
    yy = yy - mean_y**2 + 1 / 12
    xy = xy - mean_x * mean_y
    middle, spread = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    shapes = Shapes(
        slant=np.degrees(np.arctan2(-xy, yy)),  # Rows count downwards.
        thickness=_measure_thickness(mass, _find_outline(ink)),
        width=np.sqrt(12 * (xx - xy**2 / yy)),  # The variance of a bar is its squared width / 12.
        height=_measure_height(ink),
        roundness=(middle - spread) / (middle + spread),
    )
    return Shapes(*(np.where(is_blank, 0.0, values) for values in shapes))


def _find_outline(ink: np.ndarray) -> np.ndarray:
    """Return the length of the outline in pixels, shape (num,): the total variation of the ink."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    across = padded[:, :-1, 1:] - padded[:, :-1, :-1]
    down = padded[:, 1:, :-1] - padded[:, :-1, :-1]
    return np.hypot(across, down).sum(axis=(1, 2), dtype=np.float64)


def _measure_height(ink: np.ndarray) -> np.ndarray:
    """Return the distance between the uppermost and the lowest half-bright edge, shape (num,).

    Between two rows an edge is interpolated. The result has no meaning for an image without ink.
    """
    rows = np.pad(ink.max(axis=2).astype(np.float64), ((0, 0), (1, 1)))
    level = rows.max(axis=1) / 2
    images = np.arange(len(rows))

    def find_edge(rows: np.ndarray) -> np.ndarray:
        """Return the position of the first edge, in rows from the first one."""
        first = (rows >= level[:, None]).argmax(axis=1).clip(1)
        outside, inside = rows[images, first - 1], rows[images, first]
        return first - (inside - level) / np.maximum(inside - outside, 1e-9)

    return rows.shape[1] - 1 - find_edge(rows) - find_edge(rows[:, ::-1])


def _measure_thickness(area: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Return the shorter side of the rectangle with this area and outline.

    No rectangle is more compact than a square. For such an area and outline, the result is a
    quarter of the outline.
    """
    return (outline - np.sqrt(np.maximum(outline**2 - 16 * area, 0.0))) / 4
