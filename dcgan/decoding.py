"""One picture in: any file or array of a stranger's becomes grey pixels, 28×28.

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

from dcgan.config import IMAGE_SIZE
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


def decode_picture(data: bytes) -> Pixels:
    """Decode one picture file.

    Args:
        data: The file's bytes: PNG, JPEG, GIF, BMP, PPM, WebP or TIFF, or anything at all.

    Returns:
        uint8 in [0, 255], shape (28, 28).

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
            # JPEG only: decode grey, at the smallest of 1, 1/2, 1/4 and 1/8 that leaves twice
            # what is needed.
            picture.draft("L", (2 * IMAGE_SIZE, 2 * IMAGE_SIZE))
            ImageOps.exif_transpose(picture, in_place=True)
            return _fit(_to_grey(picture))
    except UnidentifiedImageError:
        raise Unusable(NOT_A_PICTURE) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable(TOO_LARGE) from None
    except _PICTURE_ERRORS:
        raise Unusable(DAMAGED) from None


def decode_array(images: NDArray[Any], name: str) -> Pixels:
    """Make an array of pictures of any size into pixels.

    Args:
        images: uint8 in [0, 255], or floating point in [0, 1] or [-1, 1]; at least one picture,
            shape (num_images, height, width), or with 1, 3 or 4 channels after it. Whether it is
            that, and not beyond a bound, is for the caller to check by its header.
        name: What an error calls the file that it came from.

    Returns:
        uint8 in [0, 255], shape (num_images, 28, 28).

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
    pixels = np.empty((len(images), IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    num_at_once = max(1, 2**24 // math.prod(images.shape[1:]))  # Temporaries of some 100 MB.
    for start in range(0, len(images), num_at_once):
        part = images[start : start + num_at_once]
        if images.dtype.kind == "f":
            part = part.astype(np.float32)  # float16 would round in the next line.
            values = (part + 1.0) * 127.5 if is_signed else part * 255.0
            part = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        if part.ndim == 4 and part.shape[3] == 1:
            part = part[..., 0]
        if part.shape[1:] == (IMAGE_SIZE, IMAGE_SIZE):
            pixels[start : start + len(part)] = part
            continue
        for index, image in enumerate(part, start):
            picture = Image.fromarray(np.ascontiguousarray(image))
            pixels[index] = _fit(_to_grey(picture))
    return pixels


def have_light_border(pixels: Pixels) -> NDArray[np.bool_]:
    """Tell dark strokes on light paper from light strokes on black, picture by picture.

    Args:
        pixels: uint8 in [0, 255], shape (num_images, 28, 28).

    Returns:
        Whether most of its border is light, shape (num_images,).
    """
    sides = (pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1])
    num_light = np.sum([np.count_nonzero(side >= 128, axis=1) for side in sides], axis=0)
    return num_light > len(sides) * IMAGE_SIZE // 2


def _to_grey(picture: Image.Image) -> Image.Image:
    """Make a picture of any mode into mode "L"; what is transparent becomes paper."""
    if picture.mode.startswith(("I", "F")):
        return _deep_to_grey(picture)
    if not picture.has_transparency_data:
        if picture.mode in ("L", "1", "P", "RGB"):
            return picture.convert("L")
        return picture.convert("RGB").convert("L")  # CMYK and others have no direct way.
    grey, alpha = picture.convert("RGBA").convert("LA").split()
    paper = Image.new("L", grey.size, 255)
    # White paper is what people see behind a transparent drawing, but white ink would vanish.
    if alpha.getbbox() and ImageStat.Stat(grey, mask=alpha).mean[0] >= 224:
        paper = Image.new("L", grey.size, 0)
    paper.paste(grey, mask=alpha)
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


def _fit(grey: Image.Image) -> Pixels:
    """Resize mode "L" into (28, 28), proportions kept, padded with its border's median."""
    if grey.size != (IMAGE_SIZE, IMAGE_SIZE):
        factor = IMAGE_SIZE / max(grey.size)
        size = (max(1, round(grey.width * factor)), max(1, round(grey.height * factor)))
        # LANCZOS keeps thin strokes; enlarging with it would draw rings around them. The gap
        # lets a box filter do the first, large part of the way, at no visible cost.
        kind = Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC
        grey = grey.resize(size, kind, reducing_gap=3.0)
    tile = np.asarray(grey)
    height, width = tile.shape
    if height == width:
        return tile
    border = np.concatenate([tile[0], tile[-1], tile[:, 0], tile[:, -1]])
    canvas = np.full((IMAGE_SIZE, IMAGE_SIZE), np.median(border), np.uint8)
    top, left = (IMAGE_SIZE - height) // 2, (IMAGE_SIZE - width) // 2
    canvas[top : top + height, left : left + width] = tile
    return canvas
