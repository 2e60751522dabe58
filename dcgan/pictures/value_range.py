"""The range of a data set's values, and the one scale that maps all its pictures to [0, 255].

The type of stored values does not show which of them are used: a mask stores 0 and 1 in bytes, a
camera 12 bits in 16. So the range is found over the whole set, from the lowest and the highest
value of each picture. This module reads no files and no pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

# How values are stored: as uint8, as larger or signed integers, as floating point or as bools.
Storage = Literal["bytes", "integers", "floats", "bools"]

# A set whose values span at most this many of 255 levels is stretched: masks of 0 and 1, labels 0
# to 9, digits of 4 bits. A dark photo spans more and is not stretched.
_NARROW_LEVELS = 16
# Resizing overshoots and float16 rounds, so values may exceed a range by a thousandth.
_TOLERANCE = 0.001
# Outliers, such as pictures with a dead pixel or files of another kind: at most this share of the
# pictures, and at least this many times as bright as the others.
_OUTLIER_SHARE, _OUTLIER_FACTOR = 0.01, 4


class UnknownRangeError(ValueError):
    """The values do not fit any known range of pictures.

    Attributes:
        low, high: The lowest and the highest value.
    """

    def __init__(self, low: float, high: float) -> None:
        super().__init__(f"The values {low:g} to {high:g} fit no known range of pictures.")
        self.low = low
        self.high = high


@dataclass(frozen=True)
class Scale:
    """A linear map of [low, high] to [0, 255]; values outside are clipped."""

    low: float
    high: float

    def apply(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Map values of any dtype and shape to uint8, rounded to the nearest."""
        with np.errstate(over="ignore"):  # An outlier becomes infinite and is clipped.
            floats = values.astype(np.float32)  # float16 would round in the next step.
            floats = (floats - np.float32(self.low)) * np.float32(255 / (self.high - self.low))
        return np.clip(np.rint(floats), 0, 255).astype(np.uint8)


BYTES = Scale(0, 255)
_USUAL_FLOATS = (Scale(0, 1), Scale(-1, 1), BYTES)  # Scales of floats that get no remark.
# The scale with which a picture is decoded first, before the whole set is known.
FIRST_GUESS: dict[Storage, Scale] = {
    "bytes": BYTES,
    "integers": Scale(0, 65535),
    "floats": Scale(0, 1),
    "bools": Scale(0, 1),
}


def classify_storage(dtype: np.dtype[Any]) -> Storage:
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
        The scale, and a remark for people; "" if the range is a usual one.

    Raises:
        UnknownRangeError: If the values do not fit any known range.
    """
    low, high = float(lows.min()), float(highs.max())
    # Whole numbers up to 16 may be a mask or labels, of which the highest can be rare.
    may_have_outliers = storage == "floats" or high > _NARROW_LEVELS
    usual_high = _find_highest_without_outliers(lows, highs) if may_have_outliers else None
    if usual_high is not None and (scale := _find_clipping_scale(low, usual_high, high, storage)):
        num_clipped = int(np.count_nonzero(highs > scale.high))
        outliers = f"{num_clipped:,} picture{'s' if num_clipped > 1 else ''} far brighter"
        remark = _describe(scale, low, usual_high, storage)
        return scale, f"{remark}{', ' if remark else ''}{outliers} (clipped)"
    scale = _choose_scale(low, high, storage)
    return scale, _describe(scale, low, high, storage)


def _find_highest_without_outliers(
    lows: NDArray[np.float64], highs: NDArray[np.float64]
) -> float | None:
    """Return the highest value without the brightest 1% of the pictures, at least one.

    Blank pictures are not counted: if most pictures are black, the others are not outliers.

    Returns:
        None if there are too few pictures to call one an outlier.
    """
    varied = np.sort(highs[highs > lows])
    num_outliers = max(1, int(len(varied) * _OUTLIER_SHARE))
    return float(varied[-num_outliers - 1]) if len(varied) > 10 * num_outliers else None


def _find_clipping_scale(
    low: float, usual_high: float, high: float, storage: Storage
) -> Scale | None:
    """Return the scale of the values up to `usual_high`; None unless `high` is far above it."""
    try:
        scale = _choose_scale(low, usual_high, storage)
    except UnknownRangeError:
        return None
    # For bytes stored in larger integers, any value above 255 is an outlier.
    factor = 1 if storage == "integers" and scale == BYTES else _OUTLIER_FACTOR
    return scale if 0 < factor * scale.high < high else None


def _choose_scale(low: float, high: float, storage: Storage) -> Scale:
    """Return the smallest known scale of the values, or one that stretches a narrow range."""
    scale = _find_smallest_known_scale(low, high, storage)
    is_narrow = (high - low) * 255 <= _NARROW_LEVELS * (scale.high - scale.low)
    return Scale(low, high) if is_narrow and high > low else scale


def _find_smallest_known_scale(low: float, high: float, storage: Storage) -> Scale:
    """Return the smallest known scale whose range contains the values."""
    if storage == "bools":
        return Scale(0, 1)
    if low < -_TOLERANCE:
        if storage == "floats" and low >= -0.5 - _TOLERANCE and high <= 0.5 + _TOLERANCE:
            return Scale(-0.5, 0.5)  # [0, 1] minus 0.5.
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
    raise UnknownRangeError(low, high)


def choose_opacity_scale(low: float, high: float, scale: Scale) -> Scale:
    """Choose the scale of a whole set's opacity, which is never stretched.

    An opacity of at most 1 is a share, whatever the type of the stored values.

    Args:
        low, high: The lowest and the highest opacity, finite.
        scale: The scale of the colours; an opacity with negative values has the same scale.
    """
    if low < 0:
        return scale
    if high <= 1 + _TOLERANCE:
        return Scale(0, 1)
    return BYTES if round(high) <= 255 else Scale(0, 2 ** min(round(high).bit_length(), 16) - 1)


def _describe(scale: Scale, low: float, high: float, storage: Storage) -> str:
    """Return a remark on a scale; "" if it is a usual one."""
    if scale != _find_smallest_known_scale(low, high, storage):
        return f"values {low:g} to {high:g} stretched to 0 to 255"
    if storage == "integers" and 255 < scale.high < 65535:
        return f"values of {int(scale.high).bit_length()} bits scaled to 0 to 255"
    is_usual = scale in _USUAL_FLOATS if storage == "floats" else scale.low >= 0
    return "" if is_usual else f"values {scale.low:g} to {scale.high:g} scaled to 0 to 255"
