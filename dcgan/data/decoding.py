"""One picture in: any file or array of a stranger's becomes pixels of the wanted shape.

This module owns what a usable picture is: its size, mode, transparency, camera turn and
proportions. `value_range` chooses the scale of the values. It knows no file, folder or archive;
`picture_files` counts the pictures that cannot be used.

Each picture is bounded before it is decoded.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from dcgan.data.fitting import Pixels, convert, fit, image_mode
from dcgan.data.value_range import (
    FIRST_GUESS,
    Scale,
    Storage,
    UnknownRangeError,
    choose_value_scale,
)
from dcgan.settings import DIGIT_SHAPE, ImageShape

MIN_SIDE = 4  # Pixels; a smaller picture is a tracking dot or a mistake, not a shape.
MAX_PICTURE_PIXELS = 50_000_000  # Above any phone's camera; 200 MB while decoded with alpha.

# Only these readers of Pillow's forty: each is common, and some of the others start programs.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF")

# What Pillow's readers raise on a damaged file. Its fuzzer expects any exception, so these are
# wide; MemoryError is among them because a picture is bounded before it is decoded, and what
# then asks for more memory has a damaged header. `Warning` is for `python -W error`.
_PICTURE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    LookupError,
    ArithmeticError,
    EOFError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
    Warning,
)

# Why a picture cannot be used, in the words of `ImageDataset.note`.
NOT_A_PICTURE = "not a picture"
DAMAGED = "damaged"
TOO_LARGE = "too large"
UNKNOWN_RANGE = "of an unknown value range"
TOO_SMALL = f"smaller than {MIN_SIDE} pixels"


class Unusable(Exception):  # noqa: N818 - a reason to leave one picture out, not an error.
    """One picture cannot be used; the message is the reason, as the note says it.

    Attributes:
        detail: More about this one picture, such as the reader's own words; may be empty.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.detail = detail


class Decoded(NamedTuple):
    """A decoded picture, and the values that were stored.

    Attributes:
        pixels: uint8 in [0, 255], shape (height, width) of a grey picture, else (height, width, 3).
        storage: How the values are stored.
        low, high: The lowest and the highest value stored, transparency left aside.
        has_frames: Whether the file has more than this one frame or page.
    """

    pixels: Pixels
    storage: Storage
    low: float
    high: float
    has_frames: bool


def decode_picture(data: bytes, shape: ImageShape = DIGIT_SHAPE) -> Pixels:
    """Decode one picture file that belongs to no set: its own values say what their range is.

    Args:
        data: The file's bytes: PNG, JPEG, GIF, BMP, PPM, WebP, TIFF or AVIF, or anything at all.
        shape: As it is wanted, square.

    Returns:
        uint8 in [0, 255], shape (height, width) of a grey picture, else (height, width, 3).

    Raises:
        Unusable: With the reason.
    """
    first = decode(io.BytesIO(data), shape)
    scale, _ = choose_value_scale(np.array([first.low]), np.array([first.high]), first.storage)
    if scale == FIRST_GUESS[first.storage]:
        return first.pixels
    return decode(io.BytesIO(data), shape, {first.storage: scale}).pixels


def decode(
    file: IO[bytes], shape: ImageShape, scales: Mapping[Storage, Scale] = FIRST_GUESS
) -> Decoded:
    """Decode one picture of a set; of several frames the first.

    Args:
        file: The picture's file: of one of the formats of `decode_picture`, or anything at all.
        shape: As it is wanted, square.
        scales: How stored values become [0, 255].

    Raises:
        Unusable: With the reason.
    """
    with _reasons(), Image.open(file, formats=_FORMATS) as picture:  # Only its header yet.
        decoded = _decode_open(picture, shape, scales)
        return decoded._replace(has_frames=_has_frames(picture))


class Frames:
    """The frames or pages of one picture file, which stays open.

    Args:
        file: As in `decode`.

    Raises:
        Unusable: If it is damaged, or not a picture.
    """

    def __init__(self, file: IO[bytes]) -> None:
        with _reasons():
            self._picture = Image.open(file, formats=_FORMATS)
            _check_size(self._picture)
            self._num_frames = int(getattr(self._picture, "n_frames", 1))

    def __len__(self) -> int:
        return self._num_frames

    @property
    def num_pixels(self) -> int:
        """The pixels of all frames, if each is as large as the first."""
        return len(self) * self._picture.width * self._picture.height

    def decode(self, index: int, shape: ImageShape, scales: Mapping[Storage, Scale]) -> Decoded:
        """Decode one frame; the one after the last that was decoded is the quickest.

        Raises:
            Unusable: With the reason.
        """
        with _reasons():
            self._picture.seek(index)
            _check_size(self._picture)
            return _decode_open(self._picture.copy(), shape, scales)


def _decode_open(
    picture: Image.Image, shape: ImageShape, scales: Mapping[Storage, Scale]
) -> Decoded:
    _check_size(picture)
    # JPEG only: decode at the smallest of 1, 1/2, 1/4 and 1/8 that leaves twice what is needed,
    # and no colours where grey will do.
    picture.draft(image_mode(shape), (2 * shape[1], 2 * shape[0]))
    ImageOps.exif_transpose(picture, in_place=True)
    storage, low, high = _measure(picture)
    scale = scales.get(storage, FIRST_GUESS[storage])
    pixels = fit(convert(picture, image_mode(shape), scale), shape)
    return Decoded(pixels, storage, low, high, has_frames=False)


@contextmanager
def _reasons() -> Iterator[None]:
    """Turn whatever Pillow raises into the reason why a picture cannot be used."""
    try:
        yield
    except UnidentifiedImageError:
        raise Unusable(NOT_A_PICTURE) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable(TOO_LARGE) from None
    except _PICTURE_ERRORS as error:
        raise Unusable(DAMAGED, str(error)) from None


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    if min(width, height) < MIN_SIDE:
        raise Unusable(TOO_SMALL, f"{width} × {height}")
    if width * height > MAX_PICTURE_PIXELS:
        raise Unusable(TOO_LARGE, f"{width:,} × {height:,} pixels")


def _has_frames(picture: Image.Image) -> bool:
    with suppress(*_PICTURE_ERRORS):  # The first one is good, whatever comes after it.
        return bool(getattr(picture, "is_animated", False))
    return False


def _measure(picture: Image.Image) -> tuple[Storage, float, float]:
    """Return how a picture stores its values, and their lowest and highest."""
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture)
        low, high = float(values.min()), float(values.max())
        storage: Storage = "floats" if picture.mode == "F" else "integers"
        try:  # NaN comes through both. What no set can hold is left out of this one.
            choose_value_scale(np.array([low]), np.array([high]), storage)
        except (UnknownRangeError, ValueError, OverflowError):
            raise Unusable(UNKNOWN_RANGE, f"{low:g} to {high:g}") from None
        return storage, low, high
    if picture.mode in ("L", "RGB", "LA", "RGBA"):
        inks = picture
    else:
        inks = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    extrema = inks.getextrema()
    bands = [
        band for name, band in zip(inks.getbands(), _as_bands(extrema), strict=True) if name != "A"
    ]
    return "bytes", min(low for low, _ in bands), max(high for _, high in bands)


def _as_bands(extrema: Any) -> tuple[tuple[float, float], ...]:
    """Make what Pillow returns for one band into what it returns for several."""
    return extrema if isinstance(extrema[0], tuple) else (extrema,)
