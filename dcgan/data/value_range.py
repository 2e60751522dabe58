"""The range of a data set's values, and the one scale that maps all its pictures to [0, 255].

A file says how values are stored, not which of them are used: a mask stores 0 and 1 in bytes, a
camera 12 bits in 16. So the range is judged over the whole set. This module knows no file and no
picture, only the lowest and the highest value of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

# How values are stored: in 8 bits, in larger or signed integers, in floating point, or as bools.
Storage = Literal["bytes", "integers", "floats", "bools"]

# A set whose values span at most this many of 255 levels is stretched: masks of 0 and 1, labels 0
# to 9, digits of 4 bits. A dark photo spans more, and stays as dark as it is.
_SLIVER = 16
# Resizing overshoots and float16 rounds, so a thousandth beyond is forgiven.
_TOLERANCE = 0.001
# A few pictures may be far brighter than all others (a dead pixel, a file of another kind): at
# most this share, and at least this many times as bright.
_OUTLIER_SHARE, _OUTLIER_FACTOR = 0.01, 4


class UnknownRangeError(ValueError):
    """The values are in no range that pictures come in."""


@dataclass(frozen=True)
class Scale:
    """A linear map of [low, high] to [0, 255]; values outside are clipped."""

    low: float
    high: float

    def apply(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Map values of any dtype and shape to uint8, rounded to the nearest."""
        with np.errstate(over="ignore"):  # An outlier beyond float32 is clipped all the same.
            floats = values.astype(np.float32)  # float16 would round in the next line.
            floats = (floats - np.float32(self.low)) * np.float32(255 / (self.high - self.low))
        return np.clip(np.rint(floats), 0, 255).astype(np.uint8)


BYTES = Scale(0, 255)
_USUAL_FLOATS = (Scale(0, 1), Scale(-1, 1), BYTES)  # Read without a word.
# The scale with which a picture is decoded first, before the whole set is known.
FIRST_GUESS: dict[Storage, Scale] = {
    "bytes": BYTES,
    "integers": Scale(0, 65535),
    "floats": Scale(0, 1),
    "bools": Scale(0, 1),
}


def storage_of(dtype: np.dtype[Any]) -> Storage:
    """Return how an array of numbers stores its values."""
    if dtype.kind == "f":
        return "floats"
    if dtype.kind == "b":
        return "bools"
    return "bytes" if dtype == np.uint8 else "integers"


def choose_value_scale(
    lows: NDArray[np.float64], highs: NDArray[np.float64], storage: Storage
) -> tuple[Scale, str]:
    """Choose the scale of a whole set.

    Args:
        lows: The lowest value of each picture, finite, shape (num_images,), at least one.
        highs: The highest value of each picture, the same shape.
        storage: How the values are stored.

    Returns:
        The scale, and what to report of it: "" where values fill a range that pictures come in.

    Raises:
        UnknownRangeError: If the values are in no range that pictures come in.
    """
    low, high = float(lows.min()), float(highs.max())
    rest = _without_outliers(lows, highs)
    if rest is not None and (high > _SLIVER or storage == "floats"):
        try:
            scale = _scale_of(low, rest, storage)
        except UnknownRangeError:
            pass
        else:
            # Bytes in larger integers end at 255, so there any larger value is an outlier.
            factor = 1 if storage == "integers" and scale == BYTES else _OUTLIER_FACTOR
            if factor * scale.high < high and scale.high > 0:
                num_clipped = int(np.count_nonzero(highs > scale.high))
                far = f"{num_clipped:,} picture{'s' if num_clipped > 1 else ''} far brighter"
                words = _describe(scale, low, rest, storage)
                return scale, f"{words}{', ' if words else ''}{far} (clipped)"
    scale = _scale_of(low, high, storage)
    return scale, _describe(scale, low, high, storage)


def _without_outliers(lows: NDArray[np.float64], highs: NDArray[np.float64]) -> float | None:
    """Return the highest value when the brightest 1% of the pictures, at least one, are left out.

    Blank pictures don't count: where most are black, the others are no outliers.
    """
    varied = np.sort(highs[highs > lows])
    num_outliers = max(1, int(len(varied) * _OUTLIER_SHARE))
    # Too few pictures to call any of them an outlier.
    return float(varied[-num_outliers - 1]) if len(varied) > 10 * num_outliers else None


def _scale_of(low: float, high: float, storage: Storage) -> Scale:
    scale = _natural_scale(low, high, storage)
    is_sliver = (high - low) * 255 <= _SLIVER * (scale.high - scale.low)
    return Scale(low, high) if is_sliver and high > low else scale


def _natural_scale(low: float, high: float, storage: Storage) -> Scale:
    """Return the smallest range that pictures come in and that holds the values."""
    if storage == "bools":
        return Scale(0, 1)
    if low < -_TOLERANCE:
        if storage == "floats" and low >= -0.5 - _TOLERANCE and high <= 0.5 + _TOLERANCE:
            return Scale(-0.5, 0.5)  # Values in [0, 1] less a half.
        if storage == "floats" and low >= -1 - _TOLERANCE and high <= _TOLERANCE:
            return Scale(-1, 0)
        if low >= -1 - _TOLERANCE and high <= 1 + _TOLERANCE:
            return Scale(-1, 1)
    elif storage == "floats" and high <= 1 + _TOLERANCE:
        return Scale(0, 1)
    elif round(high) <= 255:
        return BYTES
    elif round(high) <= 65535:
        return Scale(0, 2 ** round(high).bit_length() - 1)
    raise UnknownRangeError(f"from {low:g} to {high:g}")


def _describe(scale: Scale, low: float, high: float, storage: Storage) -> str:
    natural = _natural_scale(low, high, storage)
    if scale != natural:
        return f"values {low:g} to {high:g} stretched to 0 to 255"
    words = []
    if storage == "integers" and 255 < natural.high < 65535:
        words.append(f"values of {int(natural.high).bit_length()} bits scaled to 0 to 255")
    elif natural.low < 0 if storage != "floats" else natural not in _USUAL_FLOATS:
        words.append(f"values {natural.low:g} to {natural.high:g} scaled to 0 to 255")
    return ", ".join(words)
