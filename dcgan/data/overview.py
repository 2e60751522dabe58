"""An overview of a data set: its mean pictures, and the pictures most similar to one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dcgan.data.datasets import ImageDataset
from dcgan.pictures.picture_fitting import Pixels

_BLOCK_BYTES = 2**26  # `find_similar` compares as many pictures at once as fit in this.


@dataclass(frozen=True, eq=False)
class ImageClass:
    """The pictures of one class, or all pictures of a set without labels.

    Attributes:
        name: Name of the class; "" without labels.
        count: Number of pictures.
        mean: Mean of the pictures, uint8 [0, 255], shape (height, width, channels).
    """

    name: str
    count: int
    mean: Pixels


def summarize_classes(dataset: ImageDataset) -> list[ImageClass]:
    """Compute the mean picture of each class, in the order of the labels."""
    if dataset.labels is None:
        return [ImageClass("", len(dataset), _compute_mean(dataset.pixels))]
    return [
        ImageClass(
            dataset.class_names[label],
            int((dataset.labels == label).sum()),
            _compute_mean(dataset.pixels[dataset.labels == label]),
        )
        for label in np.unique(dataset.labels).tolist()
    ]


def find_similar(
    dataset: ImageDataset, index: int, num_found: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the pictures whose pixels differ least from one picture of the set.

    Args:
        dataset: The set.
        index: Index of the picture.
        num_found: How many pictures to find; fewer are found in a small set.

    Returns:
        The indices of the pictures found, without the picture itself, and the root mean squared
        differences of their pixels, where the difference of black and white is 1. Both are in
        ascending order of the difference.
    """
    picture = dataset.pixels[index].astype(np.float32)
    size = max(1, _BLOCK_BYTES // (4 * picture.size))
    differences = np.concatenate(
        [
            np.square(dataset.pixels[start : start + size] - picture).mean(axis=(1, 2, 3))
            for start in range(0, len(dataset), size)
        ]
    )
    differences[index] = np.inf
    order = np.argsort(differences, kind="stable")[: min(num_found, len(dataset) - 1)]
    return order, np.sqrt(differences[order]) / 255


def _compute_mean(pixels: Pixels) -> Pixels:
    # Float32 rounds sums above 2**24: the mean of 140,000 white pixels would be 255.5, 0 as uint8.
    total = pixels.sum(axis=0, dtype=np.uint64)
    mean: Pixels = np.rint(total / len(pixels)).astype(np.uint8)
    return mean
