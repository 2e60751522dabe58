"""The same 70 small pictures in every kind of file that is read, for the tests of own pictures."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dcgan.data.datasets import ImageDataset, load_dataset

Array = np.ndarray[Any, Any]

IMAGES = np.random.default_rng(0).integers(0, 256, (70, 28, 28)).astype(np.uint8)
IMAGES[:, 0, 0] = 0  # A corner, as MNIST has it.
LABELS = np.arange(70).astype(np.uint8) % 9 + 1


def npy(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def npz(**arrays: Array) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def idx(array: Array, code: int = 8) -> bytes:
    """Write an array as an IDX file: its mark, its axes, then numbers with the high byte first."""
    return struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape) + array.tobytes()


def table(columns: Mapping[str, Array], header: bool = True, separator: str = ",") -> bytes:
    """Write flat arrays beside each other as a table."""
    values = np.concatenate([np.reshape(each, (70, -1)) for each in columns.values()], axis=1)
    names = [
        name if np.ndim(each) == 1 else f"{name}{index}"
        for name, each in columns.items()
        for index in range(np.reshape(each, (70, -1)).shape[1])
    ]
    lines = [separator.join(names)] if header else []
    lines += [separator.join(map(str, row)) for row in values]
    return "\r\n".join(lines).encode()


def picture(image: Array, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind)
    return buffer.getvalue()


def pictures(suffix: str, make: Callable[[Array], bytes]) -> dict[str, bytes]:
    return {f"{index:02}{suffix}": make(image) for index, image in enumerate(IMAGES)}


def put(place: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder, or, where its name ends so, into a .zip."""
    if place.suffix == ".zip":
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return place
    for name, data in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    return place


def sort_into(folders: list[str]) -> dict[str, bytes]:
    """Put the pictures into these folders in turn."""
    return {
        f"{folders[index % len(folders)]}{index:02}.png": picture(image)
        for index, image in enumerate(IMAGES)
    }


def load_file(folder: Path, name: str, data: bytes) -> ImageDataset:
    """Write a file and load it as own pictures."""
    (folder / name).write_bytes(data)
    return load_dataset(str(folder / name), "as_is")


def read_words(dataset: ImageDataset) -> list[str]:
    """Return the class of each picture as a word."""
    assert dataset.labels is not None
    assert dataset.labels.dtype == np.uint8
    return [dataset.class_names[label] for label in dataset.labels]


MNIST = {
    "train-images-idx3-ubyte": idx(IMAGES),
    "train-labels-idx1-ubyte": idx(LABELS),
    "t10k-images-idx3-ubyte": idx(IMAGES[:66]),
    "t10k-labels-idx1-ubyte": idx(LABELS[:66]),
}
PACKED_MNIST = {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in MNIST.items()}
KAGGLE = {"label": LABELS, "pixel": IMAGES}
