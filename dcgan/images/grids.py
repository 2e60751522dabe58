"""Grids of images: many images side by side in one picture, and a picture cut into its images.

Pixels are uint8 in [0, 255]; only `plot_images` also takes the generator's float32 [-1, 1].
Images are enlarged by repeating pixels, never smoothed, so that a picture shows exactly what the
generator made. Does not know file formats, runs, networks or pages.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from dcgan.arguments import check_whole_number
from dcgan.data.datasets import to_pixels

MAX_CLASS_COLUMNS = 24  # With more columns than this, a grid would be a narrow strip.


def tile(
    pixels: np.ndarray,
    rows: int,
    columns: int,
    *,
    scale: int = 1,
    gap: int = 2,
) -> np.ndarray:
    """Put images side by side into one picture, row by row.

    Takes the first rows * columns images; gaps and cells without an image are black.

    Args:
        pixels: uint8, shape (num, height, width), (num, height, width, 1) or
            (num, height, width, 3).
        rows: Number of rows, at least 1.
        columns: Number of columns, at least 1.
        scale: How many times each pixel is repeated in both directions, at least 1.
        gap: Pixels between two images, before scaling; none at the outer edge.

    Returns:
        Picture, uint8, shape (height, width) or (height, width, 3).

    Raises:
        ValueError: If a number is out of bounds, or pixels have another type or shape.
    """
    pixels = check_pixels(pixels)
    rows, columns = check_whole_number("rows", rows, 1), check_whole_number("columns", columns, 1)
    scale, gap = check_whole_number("scale", scale, 1), check_whole_number("gap", gap, 0)
    height, width, *channels = pixels.shape[1:]
    # Each cell includes the gap below and to the right of it; the outer gaps are cut off.
    cells = np.zeros((rows * columns, height + gap, width + gap, *channels), np.uint8)
    shown = pixels[: rows * columns]
    cells[: len(shown), :height, :width] = shown
    grid = cells.reshape(rows, columns, height + gap, width + gap, *channels).swapaxes(1, 2)
    picture = grid.reshape(rows * (height + gap), columns * (width + gap), *channels)
    picture = picture[: rows * (height + gap) - gap, : columns * (width + gap) - gap]
    return np.ascontiguousarray(picture.repeat(scale, axis=0).repeat(scale, axis=1))


def untile(
    picture: np.ndarray,
    rows: int,
    columns: int,
    *,
    gap: int = 2,
    tile_size: int | tuple[int, int],
) -> np.ndarray:
    """Cut a picture that `tile` made at scale 1 back into its images.

    Args:
        picture: uint8, shape (height, width) or (height, width, 3).
        rows: Number of rows in it.
        columns: Number of columns in it.
        gap: Pixels between two images.
        tile_size: Side of one image in pixels, or its (height, width).

    Returns:
        Pixels, uint8, shape (rows * columns, height, width) or (…, 3); empty cells included.

    Raises:
        ValueError: If the picture is not of the size that these numbers give.
    """
    picture = check_picture(picture)
    rows, columns, gap = (
        check_whole_number("rows", rows, 1),
        check_whole_number("columns", columns, 1),
        check_whole_number("gap", gap, 0),
    )
    sides = tile_size if isinstance(tile_size, tuple) else (tile_size, tile_size)
    height, width = (check_whole_number("tile_size", side, 1) for side in sides)
    expected = (rows * (height + gap) - gap, columns * (width + gap) - gap)
    if picture.shape[:2] != expected:
        raise ValueError(
            f"{rows} × {columns} tiles of {height} × {width} pixels with a gap of {gap} make a "
            f"picture of {expected[0]} × {expected[1]} pixels, got {picture.shape[0]} × "
            f"{picture.shape[1]}."
        )
    return np.stack(
        [
            picture[top : top + height, left : left + width]
            for top in range(0, expected[0], height + gap)
            for left in range(0, expected[1], width + gap)
        ]
    )


def plot_images(
    images: np.ndarray,
    rows: int | None = None,
    columns: int | None = None,
    *,
    scale: int = 2,
    gap: int = 2,
) -> Image.Image:
    """Show images as a grid, in a notebook or a script.

    Jupyter displays the picture at the end of a cell; `.show()` opens it, `.save()` writes a file.

    Args:
        images: At least one image, shape (num, height, width) or (num, height, width, 1 or 3):
            uint8 in [0, 255], or float in [-1, 1] as the generator gives them.
        rows: Number of rows; None for as many as the images need.
        columns: Number of columns; None for as many as the images need. If both are None, the grid
            is nearly square.
        scale: How many times each pixel is repeated in both directions.
        gap: Pixels between two images, before scaling.

    Returns:
        A Pillow image, mode "L" or "RGB".

    Raises:
        ValueError: If the images have another type, shape or range, or a number is out of bounds.
    """
    images = np.asarray(images)
    if images.size == 0:
        raise ValueError(f"images must hold at least one image, got the shape {images.shape}.")
    if np.issubdtype(images.dtype, np.floating):
        # NaN passes, and becomes black: a generator that diverged can be looked at.
        if (np.abs(images) > 1).any():
            raise ValueError(
                f"float images must be in [-1, 1], got [{np.nanmin(images):g}, "
                f"{np.nanmax(images):g}]; images in [0, 255] must be uint8."
            )
        images = to_pixels(images)
    num = len(images)
    if rows is None:
        columns = (
            choose_grid_shape(num)[1]
            if columns is None
            else check_whole_number("columns", columns, 1)
        )
        rows = -(-num // columns)
    elif columns is None:
        columns = -(-num // check_whole_number("rows", rows, 1))
    return Image.fromarray(tile(images, rows, columns, scale=scale, gap=gap))


def choose_grid_shape(num_images: int, num_classes: int = 0) -> tuple[int, int]:
    """Return rows and columns of a grid that is about as wide as high.

    Args:
        num_images: Number of images.
        num_classes: Number of classes if the images have each class in turn, so that each column
            gets one class where possible; 0 without classes.
    """
    columns = math.isqrt(num_images - 1) + 1
    if num_classes <= num_images:
        columns = align_columns(columns, num_classes)
    return -(-num_images // columns), columns


def align_columns(columns: int, num_classes: int) -> int:
    """Return the number of columns nearest to a given one at which each column has one class.

    Args:
        columns: Number of columns without classes.
        num_classes: Number of classes if the images have each class in turn; 0 without classes.

    Returns:
        A multiple of `num_classes`; `columns` itself if there are no classes, or too many.
    """
    if not 1 < num_classes <= MAX_CLASS_COLUMNS:
        return columns
    return num_classes * max(1, round(columns / num_classes))


def check_pixels(value: np.ndarray) -> np.ndarray:
    """Return a batch of images with the shape (num, height, width[, 3]).

    Raises:
        ValueError: If they are not uint8, or have another shape.
    """
    pixels = np.asarray(value)
    if pixels.ndim == 4 and pixels.shape[3] == 1:
        pixels = pixels[..., 0]
    grey_or_rgb = pixels.ndim == 3 or (pixels.ndim == 4 and pixels.shape[3] == 3)
    if pixels.dtype != np.uint8 or not grey_or_rgb or 0 in pixels.shape[1:]:
        raise ValueError(
            "pixels must be uint8 of the shape (num, height, width), with 1 or 3 channels after "
            f"it, got {pixels.dtype} of the shape {np.shape(value)}."
        )
    return pixels


def check_picture(value: np.ndarray) -> np.ndarray:
    """Return one picture with the shape (height, width[, 3]).

    Raises:
        ValueError: If it is not uint8, or has another shape.
    """
    picture = np.asarray(value)
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[..., 0]
    grey_or_rgb = picture.ndim == 2 or (picture.ndim == 3 and picture.shape[2] == 3)
    if picture.dtype != np.uint8 or not grey_or_rgb or 0 in picture.shape:
        raise ValueError(
            "A picture must be uint8 of the shape (height, width), with 1 or 3 channels after "
            f"it, got {picture.dtype} of the shape {np.shape(value)}."
        )
    return picture
