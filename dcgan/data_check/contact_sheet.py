"""The contact sheet of a set: some of its pictures side by side, a row for each class."""

from __future__ import annotations

import numpy as np

from dcgan.data.datasets import ImageDataset
from dcgan.images.grids import tile

_COLUMNS = 16
_ROWS = 10  # Largest number of rows.
_PIXELS = 56  # Smaller pictures are enlarged to this side or more.


def choose_shown(dataset: ImageDataset, rows: int = _ROWS, columns: int = _COLUMNS) -> np.ndarray:
    """Choose pictures from all parts of a set.

    Args:
        dataset: The set.
        rows: Largest number of rows. If there are more classes, the largest classes are shown.
        columns: Number of pictures in a row.

    Returns:
        Indices of the pictures, shape (num_rows, columns); -1 where a class has no more pictures.
    """
    if dataset.labels is None:
        num = min(rows * columns, len(dataset))
        chosen = np.full(-(-num // columns) * columns, -1)
        chosen[:num] = _spread(np.arange(len(dataset)), num)
        return chosen.reshape(-1, columns)
    counts = np.bincount(dataset.labels, minlength=len(dataset.class_names))
    labels = np.sort(np.argsort(-counts, kind="stable")[:rows])
    shown = np.full((len(labels), columns), -1)
    for row, label in enumerate(labels.tolist()):
        of_class = np.flatnonzero(dataset.labels == label)
        num = min(columns, len(of_class))
        shown[row, :num] = _spread(of_class, num)
    return shown


def draw_contact_sheet(
    dataset: ImageDataset, shown: np.ndarray | None = None, scale: int | None = None
) -> np.ndarray:
    """Draw the contact sheet of a set.

    Args:
        dataset: The set.
        shown: Indices of the pictures, from `choose_shown`; None to choose them.
        scale: How many times each pixel is repeated; None for at least 56 pixels a picture.

    Returns:
        Picture, uint8, shape (height, width) or (height, width, 3).
    """
    shown = choose_shown(dataset) if shown is None else shown
    pixels = dataset.pixels[shown.reshape(-1)]
    pixels[shown.reshape(-1) < 0] = 0
    rows, columns = shown.shape
    return tile(pixels, rows, columns, scale=scale or -(-_PIXELS // pixels.shape[1]))


def _spread(indices: np.ndarray, num: int) -> np.ndarray:
    """Choose `num` of the indices, evenly spaced."""
    return indices[np.linspace(0, len(indices) - 1, num).astype(int)]
