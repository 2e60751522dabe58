"""Limits of the user's pictures: number, size on disk and size in memory."""

from __future__ import annotations

import math

from dcgan.config.settings import ImageShape

MIN_IMAGES = 64  # One batch of the default size.
MAX_IMAGES = 1_000_000
# Limit of all pixels in memory: a million pictures of 28×28, or 262,144 of 64×64 in colour.
MAX_PIXEL_BYTES = 3 * 2**30
MAX_FILE_BYTES = 32 * 2**20  # One picture's file, and an archive's table of contents.
MAX_UNPACKED_BYTES = 8 * 2**30  # All pictures of a .zip; one is in memory at a time.


def get_max_images(shape: ImageShape) -> int:
    """Return the largest allowed number of pictures of a shape."""
    return min(MAX_IMAGES, MAX_PIXEL_BYTES // math.prod(shape))
