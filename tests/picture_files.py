"""Folders, ZIP archives and files of small pictures for the tests of own pictures."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from dcgan.data.datasets import ImageDataset, load_dataset
from dcgan.pictures.picture_limits import MIN_IMAGES
from tests.encoding import Array, encode_npy, encode_picture, pack_zip, write_zip


def draw_square(shade: int = 255, background: int = 0, size: int = 28) -> Array:
    """Draw a square of one shade in the middle of a background, uint8 (size, size)."""
    image = np.full((size, size), background, np.uint8)
    image[size // 4 : size * 3 // 4, size // 4 : size * 3 // 4] = shade
    return image


def write_pictures(folder: Path, pictures: Iterable[bytes], suffix: str = ".png") -> Path:
    """Write pictures into a folder as 0000.png, 0001.png and so on; return the folder."""
    folder.mkdir(exist_ok=True)
    for index, data in enumerate(pictures):
        (folder / f"{index:04}{suffix}").write_bytes(data)
    return folder


def write_squares(
    folder: Path, shade: int = 255, background: int = 0, num: int = MIN_IMAGES
) -> Path:
    """Write `num` pictures of the same square into a folder and return the folder."""
    return write_pictures(folder, [encode_picture(draw_square(shade, background))] * num)


def write_files(place: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a ZIP archive if the place ends in .zip, otherwise into a folder."""
    if place.suffix == ".zip":
        return write_zip(place, files)
    for name, data in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    return place


def write_and_load(file: Path, data: bytes) -> ImageDataset:
    """Write a file and load it as own pictures, uninverted."""
    file.write_bytes(data)
    return load_dataset(str(file), "as_is")


def write_dataset(folder: Path, dataset: ImageDataset) -> str:
    """Write a data set's pictures as spots.npz and return the path, for the setting `dataset`."""
    np.savez(folder / "spots.npz", images=dataset.pixels)
    return str(folder / "spots.npz")


def load_pixels(path: Path) -> Array:
    """Load own pictures uninverted, uint8 (num_images, 28, 28)."""
    return load_dataset(str(path), "as_is").pixels[..., 0]


def list_picture_classes(dataset: ImageDataset) -> list[str]:
    """Return the name of each picture's class."""
    assert dataset.labels is not None
    assert dataset.labels.dtype == np.uint8
    return [dataset.class_names[label] for label in dataset.labels]


def _make_valid_files() -> dict[str, bytes]:
    image = np.random.default_rng(0).integers(0, 256, (9, 9, 3)).astype(np.uint8)
    kinds = ("png", "jpeg", "gif", "bmp", "webp", "tiff", "ppm")
    files = {f".{kind}": encode_picture(image, kind) for kind in kinds}
    images = np.tile(image[:5, :5, 0], (MIN_IMAGES, 1, 1))
    files[".npz"] = pack_zip({"images.npy": encode_npy(images)})
    pictures = {f"{index}.png": files[".png"] for index in range(3)}
    files[".zip"] = pack_zip(pictures, zipfile.ZIP_STORED)
    return files


# One small valid file of each kind that is read, by its suffix.
VALID_FILES = _make_valid_files()
