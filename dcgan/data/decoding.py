"""One picture in: any file or array of a stranger's becomes pixels of the wanted shape.

This module owns what a usable picture is: its size, mode, transparency, camera turn and
proportions, and whether its border is light. The range of the values is `value_range`'s to judge.
It knows no file, folder or archive, and not what is done with a picture that cannot be used:
`picture_files` counts it.

Each picture is bounded before it is decoded.
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from dcgan.data.value_range import (
    BYTES,
    FIRST_GUESS,
    Scale,
    Storage,
    UnknownRangeError,
    judge,
    storage_of,
)
from dcgan.errors import DatasetError
from dcgan.settings import DIGIT_SHAPE, ImageShape

Pixels = NDArray[np.uint8]

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
    scale, _ = judge(np.array([first.low]), np.array([first.high]), first.storage)
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
    picture.draft(_mode(shape), (2 * shape[1], 2 * shape[0]))
    ImageOps.exif_transpose(picture, in_place=True)
    storage, low, high = _measure(picture)
    scale = scales.get(storage, FIRST_GUESS[storage])
    pixels = _fit(_convert(picture, _mode(shape), scale), shape)
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
            judge(np.array([low]), np.array([high]), storage)
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


def measure_array(
    images: NDArray[Any], name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest and the highest value of each picture; arguments as in `decode_array`.

    Raises:
        DatasetError: If a value is no finite number.
    """
    inks = images[..., :3] if images.ndim == 4 else images
    axes = tuple(range(1, inks.ndim))
    lows = inks.min(axis=axes).astype(np.float64)
    highs = inks.max(axis=axes).astype(np.float64)
    is_bad = ~(np.isfinite(lows) & np.isfinite(highs))
    if is_bad.any():
        raise DatasetError(
            f"dataset: the pictures in {name} contain NaN or infinite values; expected numbers in "
            "[0, 1] or [-1, 1]: find where they come from, replace them, or leave those "
            f"{np.count_nonzero(is_bad):,} of {len(images):,} pictures out."
        )
    return lows, highs


def choose_scale(
    lows: NDArray[np.float64], highs: NDArray[np.float64], dtype: np.dtype[Any], name: str
) -> tuple[Scale, str]:
    """Choose the scale of arrays of pictures; as `value_range.judge`, which it asks.

    Raises:
        DatasetError: If the values are in no range that pictures come in.
    """
    try:
        return judge(lows, highs, storage_of(dtype))
    except UnknownRangeError as error:
        wrapped = ", or with images.view('uint8') if they were bytes once" if dtype == "i1" else ""
        raise DatasetError(
            f"dataset: the pictures in {name} are {dtype} {error}; expected 0 to 255, 0 to 65535, "
            "[0, 1] or [-1, 1]: map the whole set to bytes first, with "
            f"np.interp(images, (images.min(), images.max()), (0, 255)).astype('uint8'){wrapped}."
        ) from None


def decode_array(
    images: NDArray[Any], name: str, shape: ImageShape = DIGIT_SHAPE, scale: Scale | None = None
) -> Pixels:
    """Make an array of pictures of any size into pixels.

    Args:
        images: Numbers or bools; at least one picture, shape (num_images, height, width), or with
            1, 3 or 4 channels after it. Whether it is that, and not beyond a bound, is for the
            caller to check by its header.
        name: What an error calls the file that it came from.
        shape: As each is wanted, square.
        scale: How values become [0, 255]; None for what `choose_scale` chooses for this array.

    Returns:
        uint8 in [0, 255], shape (num_images, height, width), of colours (…, 3).

    Raises:
        DatasetError: If the values are in no range that pictures come in.
    """
    if scale is None:
        scale, _ = choose_scale(*measure_array(images, name), images.dtype, name)
    wanted = stored_shape(shape)
    pixels = np.empty((len(images), *wanted), np.uint8)
    num_at_once = max(1, 2**24 // math.prod(images.shape[1:]))  # Temporaries of some 100 MB.
    for start in range(0, len(images), num_at_once):
        part = images[start : start + num_at_once]
        if part.dtype != np.uint8 or scale != BYTES:
            part = _scaled(part, scale)
        if part.ndim == 4 and part.shape[3] == 1:
            part = part[..., 0]
        if part.shape[1:] == wanted:
            pixels[start : start + len(part)] = part
            continue
        for index, image in enumerate(part, start):
            picture = Image.fromarray(np.ascontiguousarray(image))
            pixels[index] = _fit(_convert(picture, _mode(shape), BYTES), shape)
    return pixels


def _scaled(images: NDArray[Any], scale: Scale) -> Pixels:
    """Scale the colours of an array, and its opacity by the range that this has itself."""
    if images.ndim < 4 or images.shape[3] < 4:
        return scale.apply(images)
    opacity = images[..., 3:]
    highest = float(opacity.max())
    if opacity.min() < 0:
        alpha = scale
    else:
        alpha = Scale(0, 1 if highest <= 1 else 255 if highest <= 255 else 65535)
    return np.concatenate([scale.apply(images[..., :3]), alpha.apply(opacity)], axis=3)


def stored_shape(shape: ImageShape) -> tuple[int, ...]:
    """Return the shape in which one picture is kept here: grey ones have no channel."""
    return shape if shape[2] == 3 else shape[:2]


def have_light_border(pixels: Pixels) -> NDArray[np.bool_]:
    """Tell dark strokes on light paper from light strokes on black, picture by picture.

    Args:
        pixels: uint8 in [0, 255], shape (num_images, height, width), square and grey.

    Returns:
        Whether most of its border is light, shape (num_images,).
    """
    sides = (pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1])
    num_light = np.sum([np.count_nonzero(side >= 128, axis=1) for side in sides], axis=0)
    return num_light > len(sides) * pixels.shape[1] // 2


def _mode(shape: ImageShape) -> str:
    return "RGB" if shape[2] == 3 else "L"


def _convert(picture: Image.Image, mode: str, scale: Scale) -> Image.Image:
    """Make a picture of any mode into "L" or "RGB"; what is transparent becomes paper."""
    if picture.mode.startswith(("I", "F")):
        return Image.fromarray(scale.apply(np.asarray(picture))).convert(mode)
    if scale != BYTES:
        picture = _stretch(picture, scale)
    if not picture.has_transparency_data:
        if picture.mode in ("L", "1", "P", "RGB"):
            return picture.convert(mode)
        return picture.convert("RGB").convert(mode)  # CMYK and others have no direct way.
    ink = picture.convert("RGBA")
    grey, alpha = ink.convert("LA").split()
    # White paper is what people see behind a transparent drawing, but white ink would vanish.
    is_white = alpha.getbbox() is not None and ImageStat.Stat(grey, mask=alpha).mean[0] >= 224
    paper = Image.new(mode, ink.size, "black" if is_white else "white")
    paper.paste(grey if mode == "L" else ink.convert("RGB"), mask=alpha)
    return paper


def _stretch(picture: Image.Image, scale: Scale) -> Image.Image:
    """Scale the colours of 8 bits, before they are mixed or resized; opacity stays."""
    is_grey = picture.mode in ("1", "L", "LA")
    mode = ("L" if is_grey else "RGB") + ("A" if picture.has_transparency_data else "")
    table = scale.apply(np.arange(256)).tolist()
    opacity = list(range(256)) if mode.endswith("A") else []
    return picture.convert(mode).point(table * (1 if is_grey else 3) + opacity)


def _fit(picture: Image.Image, shape: ImageShape) -> Pixels:
    """Resize mode "L" or "RGB", proportions kept, padded with its border's median."""
    side = shape[0]
    if picture.size != (side, side):
        factor = side / max(picture.size)
        size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        # LANCZOS keeps thin strokes; enlarging with it would draw rings around them. The gap
        # lets a box filter do the first, large part of the way, at no visible cost.
        kind = Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC
        picture = picture.resize(size, kind, reducing_gap=3.0)
    tile = np.asarray(picture)
    height, width = tile.shape[:2]
    if height == width:
        return tile
    border = np.concatenate([tile[0], tile[-1], tile[:, 0], tile[:, -1]])
    canvas = np.empty(stored_shape(shape), np.uint8)
    canvas[:] = np.median(border, axis=0)  # Of each colour.
    top, left = (side - height) // 2, (side - width) // 2
    canvas[top : top + height, left : left + width] = tile
    return canvas
