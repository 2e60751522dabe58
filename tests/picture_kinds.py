"""The same 70 small pictures, and their labels, in many kinds of files."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence

import numpy as np

from tests.encoding import Array, encode_idx, encode_picture

IMAGES = np.random.default_rng(0).integers(0, 256, (70, 28, 28)).astype(np.uint8)
IMAGES[:, 0, 0] = 0  # A black corner, as in MNIST.
LABELS = np.arange(70).astype(np.uint8) % 9 + 1  # From 1 to 9.

# The files of MNIST, with these pictures; the files of the test set have another number of them.
MNIST = {
    "train-images-idx3-ubyte": encode_idx(IMAGES),
    "train-labels-idx1-ubyte": encode_idx(LABELS),
    "t10k-images-idx3-ubyte": encode_idx(IMAGES[:66]),
    "t10k-labels-idx1-ubyte": encode_idx(LABELS[:66]),
}
GZIPPED_MNIST = {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in MNIST.items()}
# The columns of MNIST's table on Kaggle.
KAGGLE_COLUMNS = {"label": LABELS, "pixel": IMAGES}


def encode_images(suffix: str, encode: Callable[[Array], bytes]) -> dict[str, bytes]:
    """Return a file for each picture, by its name: 00.png, 01.png and so on."""
    return {f"{index:02}{suffix}": encode(image) for index, image in enumerate(IMAGES)}


def sort_into(folders: Sequence[str]) -> dict[str, bytes]:
    """Return a PNG for each picture, by its path: the pictures go into the folders in turn."""
    return {
        f"{folders[index % len(folders)]}{index:02}.png": encode_picture(image)
        for index, image in enumerate(IMAGES)
    }
