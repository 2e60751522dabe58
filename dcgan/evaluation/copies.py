"""Search for copies of training pictures.

A picture is a copy if it is nearer to a training picture than half the distance from that picture
to any other one. The yardstick is the surroundings of the training picture itself, so simple
pictures, which are all near to each other, do not count as copies. Real pictures that were not
trained on show how many come by chance. Uses NumPy only.

Source:
    Carlini et al., "Extracting Training Data from Diffusion Models", 2023, arXiv:2301.13188, also
    compare a distance with half of the distances nearby; there, of the generated picture.
"""

from __future__ import annotations

import numpy as np

from dcgan.evaluation.neighbors import find_nearest

MAX_SEARCHED = 1000  # Pictures that are searched for copies.
COPY_RATIO = 0.5
# Training pictures that are nearer to each other count as the same one: data often hold a picture
# twice, saved with another quality. Root mean square difference, black to white being 1.
SAME_DISTANCE = 0.01
# Copies are searched in pictures that are halved until they are at most this large: this hides
# noise and slight blur, and takes a fraction of the time.
_MAX_SIZE = 16


class CopySearch:
    """Search for copies of training pictures, which are prepared once."""

    def __init__(self, training: np.ndarray) -> None:
        """Shrink the training pictures.

        Args:
            training: uint8 [0, 255], shape (num_training, size, size, channels), at least three.
        """
        self._training = shrink(training)
        # Distance of each training picture to its nearest other one; NaN if it is not known yet.
        self._gaps = np.full(len(training), np.nan)

    def find_copies(self, pixels: np.ndarray) -> np.ndarray:
        """Find the pictures that are copies of a training picture.

        Args:
            pixels: uint8 [0, 255], shape (num, size, size, channels), not of the training.

        Returns:
            Whether each is a copy, bool, shape (num,).
        """
        nearest = find_nearest(shrink(pixels), self._training)
        unknown = np.unique(nearest.indices[np.isnan(self._gaps[nearest.indices])])
        self._gaps[unknown] = self._measure_gaps(unknown, unknown[:, np.newaxis])
        return np.asarray(nearest.distances < COPY_RATIO * self._gaps[nearest.indices])

    def find_chance_copies(self) -> np.ndarray:
        """Find the training pictures that would count as copies if they were new.

        This replaces unseen real pictures in data of which none are held out.

        Returns:
            Whether each of up to `MAX_SEARCHED` is a copy of another one, bool, shape (num,).
        """
        order = np.random.default_rng(0).permutation(len(self._training))
        chosen = np.sort(order[:MAX_SEARCHED])
        nearest = find_nearest(
            self._training[chosen], self._training, left_out=chosen[:, np.newaxis]
        )
        gaps = self._measure_gaps(nearest.indices, np.stack([nearest.indices, chosen], axis=1))
        return np.asarray(nearest.distances < COPY_RATIO * gaps)

    def _measure_gaps(self, indices: np.ndarray, left_out: np.ndarray) -> np.ndarray:
        """Measure the distances of training pictures to their nearest other, different ones."""
        return find_nearest(
            self._training[indices],
            self._training,
            left_out=left_out,
            min_distance=SAME_DISTANCE,
        ).distances


def shrink(pixels: np.ndarray) -> np.ndarray:
    """Halve pictures until they are at most 16 pixels wide.

    Args:
        pixels: uint8, shape (num, size, size, channels).

    Returns:
        uint8, shape (num, small_size, small_size, channels): means of blocks of pixels.
    """
    num, size, _, channels = pixels.shape
    factor = 1
    while size // factor > _MAX_SIZE and size % (2 * factor) == 0:
        factor *= 2
    small = size // factor
    blocks = pixels.reshape(num, small, factor, small, factor, channels)
    return np.rint(blocks.mean(axis=(2, 4), dtype=np.float32)).astype(np.uint8)
