"""Conversion of one picture to opaque grey or colour, square and of a given size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

from dcgan.config.settings import ImageShape
from dcgan.pictures.value_range import BYTES, Scale

Pixels = NDArray[np.uint8]


def get_stored_shape(shape: ImageShape) -> tuple[int, ...]:
    """Return the shape of one decoded picture; grey pictures have no channel axis here."""
    return shape if shape[2] == 3 else shape[:2]


def find_light_borders(pixels: Pixels) -> NDArray[np.bool_]:
    """Find the pictures with a light border: dark strokes on light paper.

    Args:
        pixels: uint8 in [0, 255], shape (num_images, height, width), square and grey.

    Returns:
        Whether most of the border of each is light, shape (num_images,).
    """
    sides = (pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1])
    num_light = np.sum([np.count_nonzero(side >= 128, axis=1) for side in sides], axis=0)
    return num_light > len(sides) * pixels.shape[1] // 2


def get_image_mode(shape: ImageShape) -> str:
    """Return Pillow's mode for pictures of a shape, "L" or "RGB"."""
    return "RGB" if shape[2] == 3 else "L"


def convert(picture: Image.Image, mode: str, scale: Scale) -> Image.Image:
    """Convert a picture of any mode to "L" or "RGB", without transparency.

    Transparent parts become white, or black if the visible parts are nearly white.
    """
    if picture.mode.startswith(("I", "F")):
        return Image.fromarray(scale.apply(np.asarray(picture))).convert(mode)
    if scale != BYTES:
        picture = _stretch(picture, scale)
    if not picture.has_transparency_data:
        if picture.mode in ("L", "1", "P", "RGB"):
            return picture.convert(mode)
        return picture.convert("RGB").convert(mode)  # CMYK and others have no direct conversion.
    drawing = picture.convert("RGBA")
    grey, alpha = drawing.convert("LA").split()
    # Most viewers show white behind a transparent drawing, but a white drawing would vanish on it.
    is_white = alpha.getbbox() is not None and ImageStat.Stat(grey, mask=alpha).mean[0] >= 224
    background = Image.new(mode, drawing.size, "black" if is_white else "white")
    background.paste(grey if mode == "L" else drawing.convert("RGB"), mask=alpha)
    return background


def _stretch(picture: Image.Image, scale: Scale) -> Image.Image:
    """Scale 8-bit colours before they are blended or resized; opacity stays unchanged."""
    is_grey = picture.mode in ("1", "L", "LA")
    mode = ("L" if is_grey else "RGB") + ("A" if picture.has_transparency_data else "")
    table = scale.apply(np.arange(256)).tolist()
    opacity = list(range(256)) if mode.endswith("A") else []
    return picture.convert(mode).point(table * (1 if is_grey else 3) + opacity)


def fit(picture: Image.Image, shape: ImageShape) -> Pixels:
    """Resize an "L" or "RGB" picture to a square.

    Its proportions are kept; the rest is filled with the median colour of its border.
    """
    side = shape[0]
    if picture.size != (side, side):
        factor = side / max(picture.size)
        size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        # LANCZOS keeps thin strokes, but rings when it enlarges. With a reducing gap, a fast box
        # filter does most of the shrinking, with no visible difference.
        kind = Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC
        picture = picture.resize(size, kind, reducing_gap=3.0)
    tile = np.asarray(picture)
    height, width = tile.shape[:2]
    if height == width:
        return tile
    border = np.concatenate([tile[0], tile[-1], tile[:, 0], tile[:, -1]])
    canvas = np.empty(get_stored_shape(shape), np.uint8)
    canvas[:] = np.median(border, axis=0)  # The median of each colour.
    top, left = (side - height) // 2, (side - width) // 2
    canvas[top : top + height, left : left + width] = tile
    return canvas
