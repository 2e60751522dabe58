"""PNG files that carry their recipe: how to generate the picture again.

Owns the recipe's JSON and its place in the file. Recipes are read from untrusted files.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Mapping

import numpy as np
from PIL import Image, PngImagePlugin

from dcgan.errors import RecipeError
from dcgan.images.grids import check_picture

SOFTWARE = "DCGAN Studio"
RECIPE_KEYWORD = "dcgan-studio"
MAX_RECIPE_BYTES = 1 << 20  # 64 latent vectors of 100 numbers take 0.15 MB as JSON.
MAX_PNG_BYTES = 64 << 20  # Largest file to read; the largest grid is far below.

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encode_png(picture: np.ndarray, recipe: Mapping[str, object] | None = None) -> bytes:
    """Write a picture as a PNG that contains its recipe.

    The recipe goes as JSON into an iTXt chunk (UTF-8) under the keyword "dcgan-studio", where
    `read_recipe` finds it and any PNG viewer that shows metadata displays it.

    Args:
        picture: uint8, shape (height, width), (height, width, 1) or (height, width, 3).
        recipe: The values that are needed to make the picture again: JSON values, NumPy numbers or
            arrays.

    Returns:
        The file's bytes.

    Raises:
        ValueError: If the picture has another type or shape, the recipe has values that are not
            JSON, or its JSON is larger than 1 MB.
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

    The file is untrusted, so its chunks are read here, not by Pillow. Nothing is decompressed, so
    no file takes more memory than its own length.

    Args:
        png: The file's bytes, at most 64 MB.

    Returns:
        The recipe, as JSON values (tuples and arrays are lists).

    Raises:
        RecipeError: If the file is not a PNG, is damaged or larger than 64 MB, or holds no recipe
            or a recipe larger than 1 MB.

    Source:
        W3C, "Portable Network Graphics Specification (Third Edition)", sections 5.3 and 11.3.3.
    """
    if len(png) > MAX_PNG_BYTES:
        raise RecipeError(
            f"This picture is too large to look for a recipe: {len(png):,} bytes, at most "
            f"{MAX_PNG_BYTES:,} are read."
        )
    if not png.startswith(PNG_SIGNATURE):
        raise RecipeError("This is not a PNG file; choose a picture that was saved here.")
    damaged = "This PNG is damaged or was cut short; download or copy it again."
    recipe: bytes | None = None
    position, kind = len(PNG_SIGNATURE), b""
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
            "removed it; choose a picture that was saved here."
        )
    unreadable = (
        f"The recipe in this PNG cannot be read; it was not written by {SOFTWARE}; choose a "
        "picture that was saved here."
    )
    try:
        content = json.loads(recipe)
    except (ValueError, RecursionError):  # No JSON or UTF-8; or nested a million lists deep.
        raise RecipeError(unreadable) from None
    if not isinstance(content, dict):
        raise RecipeError(unreadable)
    return content


def encode_recipe(
    recipe: Mapping[str, object], *, ascii_only: bool = False, indent: int | None = None
) -> str:
    """Encode a recipe as strict JSON, which has neither NaN nor infinity.

    Raises:
        ValueError: If a value is not JSON, or the JSON is larger than 1 MB.
    """
    try:
        text = json.dumps(
            dict(recipe),
            default=_make_plain,
            ensure_ascii=ascii_only,
            allow_nan=False,
            indent=indent,
        )
        num_bytes = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"recipe must hold JSON values only; {error}.") from error
    if num_bytes > MAX_RECIPE_BYTES:
        raise ValueError(
            f"recipe must be at most {MAX_RECIPE_BYTES:,} bytes of JSON, got {num_bytes:,}."
        )
    return text


def _make_plain(value: object) -> object:
    """Convert NumPy values and mappings, which `json` cannot encode, to plain ones."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"got {type(value).__name__} {value!r}")
