"""Search for copies of training pictures.

A picture is a copy if its distance to a training picture is less than half the distance between
this training picture and its nearest other training picture. Simple pictures are all near to each
other, so they do not count as copies. Real pictures that were not trained on show how many copies
are found by chance. Uses NumPy only.

Source:
    Carlini et al., "Extracting Training Data from Diffusion Models", 2023, arXiv:2301.13188, also
    compare a distance with half of nearby distances, but measure these from the generated picture.
"""

from __future__ import annotations

import numpy as np

from dcgan.evaluation.neighbors import find_nearest

MAX_SEARCHED = 1000  # Pictures that are searched for copies.
# Largest distance of a copy, divided by the distance to the nearest other picture.
COPY_RATIO = 0.5
# Training pictures that are nearer to each other than this count as the same picture: data often
# contain a picture twice, saved with another quality. Root mean square difference of the pixels,
# where the difference of black and white is 1.
SAME_DISTANCE = 0.01
# Pictures are halved until they are at most this large. This hides noise and slight blur, and the
# search takes a fraction of the time.
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
            pixels: Pictures that were not trained on, uint8 [0, 255], shape (num, size, size,
                channels).

        Returns:
            Whether each picture is a copy, bool, shape (num,).
        """
        nearest = find_nearest(shrink(pixels), self._training)
        unknown = np.unique(nearest.indices[np.isnan(self._gaps[nearest.indices])])
        self._gaps[unknown] = self._measure_gaps(unknown, unknown[:, np.newaxis])
        return np.asarray(nearest.distances < COPY_RATIO * self._gaps[nearest.indices])

    def find_chance_copies(self) -> np.ndarray:
        """Find the training pictures that would count as copies if they were new.

        They take the place of unseen real pictures if the data have no held-out pictures.

        Returns:
            Whether each of up to `MAX_SEARCHED` training pictures is a copy of another one, bool,
            shape (num,).
        """
        order = np.random.default_rng(0).permutation(len(self._training))
        chosen = np.sort(order[:MAX_SEARCHED])
        nearest = find_nearest(
            self._training[chosen], self._training, left_out=chosen[:, np.newaxis]
        )
        gaps = self._measure_gaps(nearest.indices, np.stack([nearest.indices, chosen], axis=1))
        return np.asarray(nearest.distances < COPY_RATIO * gaps)

    def _measure_gaps(self, indices: np.ndarray, left_out: np.ndarray) -> np.ndarray:
        """Measure the distance of training pictures to the nearest different training picture.

        Args:
            indices: Indices of the training pictures, shape (num,).
            left_out: Indices of training pictures that do not count, shape (num, num_left_out).
        """
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
