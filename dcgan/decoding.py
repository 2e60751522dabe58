"""One picture in: any file or array of a stranger's becomes pixels of the wanted shape.

This module owns what a usable picture is: its size, mode, transparency, camera turn, range and
proportions, and whether its border is light. It knows no file, folder or archive, and not what is
done with a picture that cannot be used: `pictures` counts it.

Each picture is bounded before it is decoded.
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from dcgan.config import DIGIT_SHAPE, ImageShape
from dcgan.errors import DatasetError

Pixels = NDArray[np.uint8]

MIN_SIDE = 4  # Pixels; a smaller picture is a tracking dot or a mistake, not a shape.
MAX_PICTURE_PIXELS = 50_000_000  # Above any phone's camera; 200 MB while decoded with alpha.

# Only these readers of Pillow's forty: each is common, and some of the others start programs.
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF")

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
_TOO_SMALL = f"smaller than {MIN_SIDE} pixels"
_UNKNOWN_RANGE = "of an unknown value range"


class Unusable(Exception):  # noqa: N818 - a reason to leave one picture out, not an error.
    """One picture cannot be used; the message is the reason, as the note says it."""


def decode_picture(data: bytes, shape: ImageShape = DIGIT_SHAPE) -> Pixels:
    """Decode one picture file.

    Args:
        data: The file's bytes: PNG, JPEG, GIF, BMP, PPM, WebP or TIFF, or anything at all.
        shape: As it is wanted, square.

    Returns:
        uint8 in [0, 255], shape (height, width) of a grey picture, else (height, width, 3).

    Raises:
        Unusable: With the reason.
    """
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:  # Only its header yet.
            width, height = picture.size
            if min(width, height) < MIN_SIDE:
                raise Unusable(_TOO_SMALL)
            if width * height > MAX_PICTURE_PIXELS:
                raise Unusable(TOO_LARGE)
            # JPEG only: decode at the smallest of 1, 1/2, 1/4 and 1/8 that leaves twice what is
            # needed, and no colours where grey will do.
            picture.draft(_mode(shape), (2 * shape[1], 2 * shape[0]))
            ImageOps.exif_transpose(picture, in_place=True)
            return _fit(_convert(picture, _mode(shape)), shape)
    except UnidentifiedImageError:
        raise Unusable(NOT_A_PICTURE) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable(TOO_LARGE) from None
    except _PICTURE_ERRORS:
        raise Unusable(DAMAGED) from None


def decode_array(images: NDArray[Any], name: str, shape: ImageShape = DIGIT_SHAPE) -> Pixels:
    """Make an array of pictures of any size into pixels.

    Args:
        images: uint8 in [0, 255], or floating point in [0, 1] or [-1, 1]; at least one picture,
            shape (num_images, height, width), or with 1, 3 or 4 channels after it. Whether it is
            that, and not beyond a bound, is for the caller to check by its header.
        name: What an error calls the file that it came from.
        shape: As each is wanted, square.

    Returns:
        uint8 in [0, 255], shape (num_images, height, width), of colours (…, 3).

    Raises:
        DatasetError: If a value is in neither range.
    """
    is_signed = False
    if images.dtype.kind == "f":
        lowest, highest = float(images.min()), float(images.max())  # NaN comes through both.
        if not (math.isfinite(lowest) and math.isfinite(highest)):
            raise DatasetError(
                f"dataset: the pictures in {name} contain NaN or infinite values; "
                "expected numbers in [0, 1] or [-1, 1]: find where they come from, or leave "
                "those pictures out."
            )
        # Resizing overshoots and float16 rounds, so a thousandth beyond is forgiven.
        if lowest < -1.001 or highest > 1.001:
            raise DatasetError(
                f"dataset: the pictures in {name} are {images.dtype} from {lowest:g} to "
                f"{highest:g}; expected [0, 1] or [-1, 1]: divide by 255, or save uint8."
            )
        is_signed = lowest < -0.001
    wanted = stored_shape(shape)
    pixels = np.empty((len(images), *wanted), np.uint8)
    num_at_once = max(1, 2**24 // math.prod(images.shape[1:]))  # Temporaries of some 100 MB.
    for start in range(0, len(images), num_at_once):
        part = images[start : start + num_at_once]
        if images.dtype.kind == "f":
            part = part.astype(np.float32)  # float16 would round in the next line.
            values = (part + 1.0) * 127.5 if is_signed else part * 255.0
            part = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        if part.ndim == 4 and part.shape[3] == 1:
            part = part[..., 0]
        if part.shape[1:] == wanted:
            pixels[start : start + len(part)] = part
            continue
        for index, image in enumerate(part, start):
            picture = Image.fromarray(np.ascontiguousarray(image))
            pixels[index] = _fit(_convert(picture, _mode(shape)), shape)
    return pixels


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


def _convert(picture: Image.Image, mode: str) -> Image.Image:
    """Make a picture of any mode into "L" or "RGB"; what is transparent becomes paper."""
    if picture.mode.startswith(("I", "F")):
        return _deep_to_grey(picture).convert(mode)
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


def _deep_to_grey(picture: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and float greys to 8 bits; Pillow's own conversion only clips."""
    values = np.asarray(picture).astype(np.float32)
    highest = float(values.max())
    if picture.mode == "F":
        top = 1.0 if highest <= 1 else 255.0
    elif picture.mode == "I" and highest <= 255:  # 32 bits are often only a container.
        top = 255.0
    else:
        top = 65535.0
    if not (values.min() >= 0 and highest <= top):  # Also when either is NaN.
        raise Unusable(_UNKNOWN_RANGE)
    return Image.fromarray(np.rint(values * (255 / top)).astype(np.uint8))


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
