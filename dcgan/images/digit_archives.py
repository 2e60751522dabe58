"""Archives of generated digits: .npz for NumPy and .zip for people."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

import numpy as np

from dcgan.images.grids import check_pixels
from dcgan.images.png_recipe import encode_png, encode_recipe


def pack_npz(
    pixels: np.ndarray,
    z: np.ndarray,
    class_ids: np.ndarray | None = None,
    class_names: Sequence[str] = (),
) -> bytes:
    """Pack images and the latent vectors that made them for NumPy.

    Args:
        pixels: uint8, shape (num, height, width) or (num, height, width, 1 or 3).
        z: Latent batch, shape (num, latent_dim).
        class_ids: The class of each image as an index in `class_names`, shape (num,), integers;
            None if the generator knows no classes.
        class_names: The names of the classes.

    Returns:
        The bytes of an .npz file with `images`, uint8, shape (num, height, width[, 3]), and `z`,
        float32, shape (num, latent_dim); with classes also `class_ids`, int32, shape (num,), and
        `class_names`, text, shape (num_classes,). It contains no pickle.

    Raises:
        ValueError: If a type or shape is wrong, or the numbers of rows differ.
    """
    pixels, z = check_pixels(pixels), np.asarray(z, np.float32)
    if z.ndim != 2 or len(z) != len(pixels):
        raise ValueError(
            f"z must have one row for each of the {len(pixels)} images, got the shape {z.shape}."
        )
    file = io.BytesIO()
    if class_ids is None:
        np.savez_compressed(file, images=pixels, z=z)
        return file.getvalue()
    ids = np.asarray(class_ids, np.int32)
    if ids.shape != (len(pixels),):
        raise ValueError(
            f"class_ids must have one entry for each of the {len(pixels)} images, got the shape "
            f"{ids.shape}."
        )
    names = np.array(class_names, np.str_)
    np.savez_compressed(file, images=pixels, z=z, class_ids=ids, class_names=names)
    return file.getvalue()


def pack_digits(
    pixels: np.ndarray,
    z: np.ndarray,
    class_ids: np.ndarray | None = None,
    class_names: Sequence[str] = (),
    *,
    recipe: Mapping[str, object] | None = None,
    noun: str = "digit",
) -> bytes:
    """Pack digits for people: a PNG file for each, and one array file with all of them.

    The archive holds the PNGs, `vectors.npz` (see `pack_npz`) and, with a recipe,
    `recipe.json`. Each PNG also contains the recipe, with its `row` in vectors.npz. The same input
    gives the same bytes: each entry has ZIP's earliest date, in 1980.

    Args:
        pixels: uint8, shape (num, height, width) or (num, height, width, 1 or 3).
        z: Latent batch, shape (num, latent_dim).
        class_ids: The class of each image as an index in `class_names`, shape (num,), integers;
            None if the generator knows no classes.
        class_names: The names of the classes.
        recipe: The values that are needed to generate the digits again, as JSON values.
        noun: First word of the PNG files' names, "digit" or "picture".

    Returns:
        The bytes of a ZIP file.

    Raises:
        ValueError: If a type or shape is wrong, or the numbers of rows differ.
    """
    vectors = pack_npz(pixels, z, class_ids, class_names)
    pixels = check_pixels(pixels)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for row in range(len(pixels)):
            own_recipe = None if recipe is None else {**recipe, "row": row}
            _add_file(archive, f"{noun}-{row + 1:04}.png", encode_png(pixels[row], own_recipe))
        _add_file(archive, "vectors.npz", vectors)
        if recipe is not None:
            _add_file(archive, "recipe.json", encode_recipe(recipe, indent=2).encode())
    return file.getvalue()


def _add_file(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a file with ZIP's earliest date and the permissions rw-r--r-- on every system."""
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3  # Unix, so that the bytes do not depend on the system.
    entry.external_attr = 0o100644 << 16
    archive.writestr(entry, content)  # Stored: PNG and npz are compressed already.
