"""Sample grids, PNG with its recipe inside, archives.

Owns how pixels become a file, save for films, which are `animation`'s. Takes and gives uint8
pixels in [0, 255] (`plot_images` alone also takes the generator's float32 [-1, 1]) and knows no
run, no network and no screen. Pictures are enlarged by repeating pixels, never smoothed: what is
seen is what the generator made.
"""

from __future__ import annotations

import base64
import io
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np
from PIL import Image, PngImagePlugin

from dcgan.data.datasets import to_pixels
from dcgan.errors import RecipeError, check_whole_number

SOFTWARE = "DCGAN Studio"
RECIPE_KEYWORD = "dcgan-studio"
MAX_RECIPE_BYTES = 1 << 20  # 64 latent vectors of 100 numbers take 0.15 MB as JSON.
MAX_PNG_BYTES = 64 << 20  # Where read_recipe stops to look; the largest grid is far below.

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


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
    pixels = _as_pixels(pixels)
    rows, columns = check_whole_number("rows", rows, 1), check_whole_number("columns", columns, 1)
    scale, gap = check_whole_number("scale", scale, 1), check_whole_number("gap", gap, 0)
    height, width, *channels = pixels.shape[1:]
    # Each cell carries its gap below and to the right; the last ones are cut off at the end.
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
        pixels, uint8, shape (rows * columns, height, width) or (…, 3); empty cells included.

    Raises:
        ValueError: If the picture is not as large as these numbers say.
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


def encode_png(picture: np.ndarray, recipe: Mapping[str, object] | None = None) -> bytes:
    """Write a picture as a PNG that carries how it was made.

    The recipe goes as JSON into an iTXt chunk (UTF-8) under the keyword "dcgan-studio", where
    `read_recipe` finds it and any PNG viewer that shows metadata displays it.

    Args:
        picture: uint8, shape (height, width), (height, width, 1) or (height, width, 3).
        recipe: What is needed to make the picture again: JSON values, NumPy numbers or arrays.

    Returns:
        The file's bytes.

    Raises:
        ValueError: If the picture has another type or shape, or the recipe holds what JSON does
            not have, or more than 1 MB of it.
    """
    text = PngImagePlugin.PngInfo()
    text.add_text("Software", SOFTWARE)
    if recipe is not None:
        text.add_itxt(RECIPE_KEYWORD, encode_recipe(recipe))
    file = io.BytesIO()
    Image.fromarray(check_picture(picture)).save(file, "PNG", pnginfo=text)
    return file.getvalue()


def read_recipe(png: bytes) -> dict[str, object]:
    """Read the recipe out of a PNG that `encode_png` made.

    The file may come from anybody. Its chunks are walked here and not given to an image library:
    nothing is decompressed, so that no file can take more memory or time than its own length.

    Args:
        png: The file's bytes, at most 64 MB.

    Returns:
        The recipe, as JSON gives it back (tuples and arrays are lists).

    Raises:
        RecipeError: If it is no PNG, is damaged, holds no recipe or one larger than 1 MB.

    Source:
        W3C, "Portable Network Graphics Specification (Third Edition)", sections 5.3 and 11.3.3.
    """
    if len(png) > MAX_PNG_BYTES:
        raise RecipeError(
            f"This picture is too large to look for a recipe: {len(png):,} bytes, at most "
            f"{MAX_PNG_BYTES:,} are read."
        )
    if not png.startswith(_PNG_SIGNATURE):
        raise RecipeError("This is not a PNG file; choose a picture that was saved here.")
    damaged = "This PNG is damaged or was cut short; download or copy it again."
    recipe: bytes | None = None
    position, kind = len(_PNG_SIGNATURE), b""
    while kind != b"IEND":
        if position + 12 > len(png):  # Length, type and checksum take 4 bytes each.
            raise RecipeError(damaged)
        length, kind = struct.unpack_from(">I4s", png, position)
        end = position + 8 + length
        if end + 4 > len(png):
            raise RecipeError(damaged)
        if zlib.crc32(memoryview(png)[position + 4 : end]) != int.from_bytes(png[end : end + 4]):
            raise RecipeError(damaged)
        # Keyword, 0, compression flag 0, method 0, language, 0, translated keyword, 0, text;
        # encode_png writes it uncompressed and leaves both names empty.
        start = RECIPE_KEYWORD.encode() + b"\0" * 5
        if kind == b"iTXt" and recipe is None and png.startswith(start, position + 8, end):
            if length - len(start) > MAX_RECIPE_BYTES:
                raise RecipeError(
                    f"The recipe in this PNG is too large: {length - len(start):,} bytes, at most "
                    f"{MAX_RECIPE_BYTES:,} are read."
                )
            recipe = png[position + 8 + len(start) : end]
        position = end + 4
    if recipe is None:
        raise RecipeError(
            f"This PNG holds no recipe: it was not saved by {SOFTWARE}, or another program "
            "removed it."
        )
    unreadable = f"The recipe in this PNG cannot be read; it was not written by {SOFTWARE}."
    try:
        found = json.loads(recipe)
    except (ValueError, RecursionError):  # No JSON or UTF-8; or nested a million lists deep.
        raise RecipeError(unreadable) from None
    if not isinstance(found, dict):
        raise RecipeError(unreadable)
    return found


def plot_images(
    images: np.ndarray,
    rows: int | None = None,
    columns: int | None = None,
    *,
    scale: int = 2,
    gap: int = 2,
) -> Image.Image:
    """Show images as a grid, in a notebook or a script.

    The picture shows itself at the end of a Jupyter cell; `.show()` opens it, `.save()` keeps it.

    Args:
        images: At least one image, shape (num, height, width) or (num, height, width, 1 or 3):
            uint8 in [0, 255], or float in [-1, 1] as the generator gives them.
        rows: Number of rows; without it, as many as the images need.
        columns: Number of columns; without either, the grid is nearly square.
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


def choose_grid_shape(num: int) -> tuple[int, int]:
    """Return rows and columns of a grid for `num` images that is as wide as high, or one wider."""
    columns = math.isqrt(num - 1) + 1
    return -(-num // columns), columns


def encode_data_url(png: bytes) -> str:
    """Turn an encoded picture into a URL that a page can show without asking the server.

    Args:
        png: The bytes of a PNG, GIF or WebP file; which one is told from how they begin.

    Returns:
        "data:image/png;base64,…", or image/gif or image/webp.

    Raises:
        ValueError: If the bytes are none of the three.
    """
    if png.startswith(_PNG_SIGNATURE):
        kind = "png"
    elif png.startswith((b"GIF87a", b"GIF89a")):
        kind = "gif"
    elif png.startswith(b"RIFF") and png[8:12] == b"WEBP":
        kind = "webp"
    else:
        raise ValueError(f"Expected the bytes of a PNG, GIF or WebP file, got {png[:12]!r}….")
    return f"data:image/{kind};base64,{base64.b64encode(png).decode('ascii')}"


def pack_npz(pixels: np.ndarray, z: np.ndarray) -> bytes:
    """Pack images and the latent vectors that made them for NumPy.

    Args:
        pixels: uint8, shape (num, height, width) or (num, height, width, 1 or 3).
        z: Latent batch, shape (num, latent_dim).

    Returns:
        The bytes of an .npz file with `images`, uint8, shape (num, height, width[, 3]), and `z`,
        float32, shape (num, latent_dim); no pickle is in it.

    Raises:
        ValueError: If a type or shape is another, or the numbers of rows differ.
    """
    pixels, z = _as_pixels(pixels), np.asarray(z, np.float32)
    if z.ndim != 2 or len(z) != len(pixels):
        raise ValueError(
            f"z must have one row for each of the {len(pixels)} images, got the shape {z.shape}."
        )
    file = io.BytesIO()
    np.savez_compressed(file, images=pixels, z=z)
    return file.getvalue()


def pack_digits(
    pixels: np.ndarray,
    z: np.ndarray,
    *,
    recipe: Mapping[str, object] | None = None,
) -> bytes:
    """Pack digits to take home: a PNG each, and all of them with their vectors for NumPy.

    The archive holds the PNGs, `vectors.npz` (see `pack_npz`) and, with a recipe,
    `recipe.json`. Each PNG carries the recipe too, with its `row` in vectors.npz. The same input
    gives the same bytes: entries bear no date but ZIP's first, 1980.

    Args:
        pixels: uint8, shape (num, height, width) or (num, height, width, 1 or 3).
        z: Latent batch, shape (num, latent_dim).
        recipe: As in `encode_png`.

    Returns:
        The bytes of a ZIP file.

    Raises:
        ValueError: If a type or shape is another, or numbers of rows differ.
    """
    vectors = pack_npz(pixels, z)
    pixels = _as_pixels(pixels)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for row in range(len(pixels)):
            own_recipe = None if recipe is None else {**recipe, "row": row}
            _add_file(archive, f"digit-{row + 1:04}.png", encode_png(pixels[row], own_recipe))
        _add_file(archive, "vectors.npz", vectors)
        if recipe is not None:
            _add_file(archive, "recipe.json", encode_recipe(recipe, indent=2).encode())
    return file.getvalue()


def _add_file(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add one file under ZIP's first date and the rights rw-r--r--, alike on every system."""
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3  # Unix: otherwise it tells on which system it was written.
    entry.external_attr = 0o100644 << 16
    archive.writestr(entry, content)  # Stored: PNG and npz are compressed already.


def encode_recipe(
    recipe: Mapping[str, object], *, ascii_only: bool = False, indent: int | None = None
) -> str:
    """Write a recipe as JSON that every reader takes: no NaN, no infinity.

    Raises:
        ValueError: If it holds what JSON does not have, or more than 1 MB of it.
    """
    try:
        text = json.dumps(
            dict(recipe),
            default=_plain,
            ensure_ascii=ascii_only,
            allow_nan=False,
            indent=indent,
        )
        num_bytes = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"recipe must hold what JSON can say; {error}.") from error
    if num_bytes > MAX_RECIPE_BYTES:
        raise ValueError(
            f"recipe must be at most {MAX_RECIPE_BYTES:,} bytes of JSON, got {num_bytes:,}."
        )
    return text


def _plain(value: object) -> object:
    """Give json what it does not know itself."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"got {type(value).__name__} {value!r}")


def _as_pixels(value: np.ndarray) -> np.ndarray:
    """Take a batch of images as (num, height, width[, 3]), or say what came instead."""
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
    """Take one picture as (height, width[, 3]), or say what came instead.

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
