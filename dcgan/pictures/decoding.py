"""Decoding of one untrusted picture file to pixels of a given shape.

This module decides which pictures are usable: formats, sizes and values. `picture_fitting` converts
and resizes them, `value_range` chooses the scale of their values. It opens no file, folder or
archive. The size of a picture is checked before it is decoded.
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

from dcgan.config.settings import DIGIT_SHAPE, ImageShape
from dcgan.pictures.picture_fitting import Pixels, convert, fit, get_image_mode
from dcgan.pictures.value_range import (
    FIRST_GUESS,
    Scale,
    Storage,
    UnknownRangeError,
    choose_value_scale,
)

MIN_SIDE = 4  # Pixels; a smaller picture is a tracking dot or a mistake.
MAX_PICTURE_PIXELS = 50_000_000  # More than any phone's camera; 200 MB when decoded with alpha.

# A few of Pillow's forty readers: these formats are common, and some other readers start programs.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF")

# Errors of Pillow's readers on a damaged file. Pillow's own fuzzer allows any exception, so the
# list is long. It has MemoryError because sizes are checked before: a picture that still needs more
# memory has a damaged header. It has Warning for `python -W error`.
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

# Reasons why a picture cannot be used; `ImageDataset.summary` shows them.
NOT_A_PICTURE = "not a picture"
DAMAGED = "damaged"
TOO_LARGE = "too large"
UNKNOWN_RANGE = "of an unknown value range"
TOO_SMALL = f"smaller than {MIN_SIDE} pixels"


class Unusable(Exception):  # noqa: N818 - a reason to leave one picture out, not an error.
    """One picture cannot be used; the message is one of the reasons above.

    Attributes:
        detail: Details about this picture, such as Pillow's message; may be empty.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.detail = detail


class Decoded(NamedTuple):
    """A decoded picture, and the range of its stored values.

    Attributes:
        pixels: uint8 in [0, 255], shape (height, width) if grey, (height, width, 3) in colour.
        storage: How the values are stored.
        low, high: The lowest and the highest stored value of its colours; opacity does not count.
        has_frames: Whether the file has more frames or pages.
        size: Its width and height in pixels, as stored.
    """

    pixels: Pixels
    storage: Storage
    low: float
    high: float
    has_frames: bool
    size: tuple[int, int]


def decode_picture(data: bytes, shape: ImageShape = DIGIT_SHAPE) -> Pixels:
    """Decode a single picture file; its own values decide the scale.

    Args:
        data: The file's bytes: PNG, JPEG, GIF, BMP, PPM, WebP, TIFF, AVIF, or arbitrary bytes.
        shape: Shape of the result, square.

    Returns:
        uint8 in [0, 255], shape (height, width) if grey, (height, width, 3) in colour.

    Raises:
        Unusable: If it is not a usable picture; the message is the reason.
    """
    first = decode(io.BytesIO(data), shape)
    scale, _ = choose_value_scale(np.array([first.low]), np.array([first.high]), first.storage)
    if scale == FIRST_GUESS[first.storage]:
        return first.pixels
    return decode(io.BytesIO(data), shape, {first.storage: scale}).pixels


def decode(
    file: IO[bytes], shape: ImageShape, scales: Mapping[Storage, Scale] = FIRST_GUESS
) -> Decoded:
    """Decode the first frame of one picture file of a set.

    Args:
        file: A picture in one of the formats of `decode_picture`, or arbitrary bytes.
        shape: Shape of the result, square.
        scales: Map of stored values to [0, 255], by how they are stored.

    Raises:
        Unusable: If it is not a usable picture; the message is the reason.
    """
    with (
        _translate_errors(),
        # Reads only the header.
        Image.open(file, formats=_FORMATS) as picture,
    ):
        decoded = _decode_open(picture, shape, scales)
        return decoded._replace(has_frames=_has_frames(picture))


class Frames:
    """The frames or pages of one picture file, which stays open.

    Args:
        file: A picture in one of the formats of `decode_picture`, or arbitrary bytes.

    Raises:
        Unusable: If it is damaged, or not a picture.
    """

    def __init__(self, file: IO[bytes]) -> None:
        with _translate_errors():
            self._picture = Image.open(file, formats=_FORMATS)
            _check_size(self._picture)
            self._num_frames = int(getattr(self._picture, "n_frames", 1))

    def __len__(self) -> int:
        return self._num_frames

    @property
    def num_pixels(self) -> int:
        """Number of pixels of all frames, assuming that all have the size of the first."""
        return len(self) * self._picture.width * self._picture.height

    def decode(self, index: int, shape: ImageShape, scales: Mapping[Storage, Scale]) -> Decoded:
        """Decode one frame; decoding in ascending order is fastest.

        Args:
            index: Index of the frame.
            shape: Shape of the result, square.
            scales: Map of stored values to [0, 255], by how they are stored.

        Raises:
            Unusable: If it is not a usable picture; the message is the reason.
        """
        with _translate_errors():
            self._picture.seek(index)
            _check_size(self._picture)
            return _decode_open(self._picture.copy(), shape, scales)


def _decode_open(
    picture: Image.Image, shape: ImageShape, scales: Mapping[Storage, Scale]
) -> Decoded:
    _check_size(picture)
    size = picture.size
    # JPEG only: decode at the smallest of the scales 1, 1/2, 1/4 and 1/8 that is still twice as
    # large as needed, and in grey if that is enough.
    picture.draft(get_image_mode(shape), (2 * shape[1], 2 * shape[0]))
    ImageOps.exif_transpose(picture, in_place=True)
    storage, low, high = _measure(picture)
    scale = scales.get(storage, FIRST_GUESS[storage])
    pixels = fit(convert(picture, get_image_mode(shape), scale), shape)
    return Decoded(pixels, storage, low, high, has_frames=False, size=size)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Turn errors of Pillow into `Unusable`."""
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
    with suppress(*_PICTURE_ERRORS):  # Damage in later frames does not matter.
        return bool(getattr(picture, "is_animated", False))
    return False


def _measure(picture: Image.Image) -> tuple[Storage, float, float]:
    """Return how a picture stores its values, and the lowest and highest value."""
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture)
        low, high = float(values.min()), float(values.max())
        storage: Storage = "floats" if picture.mode == "F" else "integers"
        # A picture that no scale fits must not fail the whole set. A NaN makes both values NaN.
        try:
            choose_value_scale(np.array([low]), np.array([high]), storage)
        except (UnknownRangeError, ValueError, OverflowError):
            raise Unusable(UNKNOWN_RANGE, f"{low:g} to {high:g}") from None
        return storage, low, high
    if picture.mode in ("L", "RGB", "LA", "RGBA"):
        colors = picture
    else:
        colors = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    extrema = colors.getextrema()
    bands = [
        band
        for name, band in zip(colors.getbands(), _list_bands(extrema), strict=True)
        if name != "A"
    ]
    return "bytes", min(low for low, _ in bands), max(high for _, high in bands)


def _list_bands(extrema: Any) -> tuple[tuple[float, float], ...]:
    """Return `getextrema` as a tuple of pairs; for a single band Pillow returns one pair."""
    return extrema if isinstance(extrema[0], tuple) else (extrema,)
