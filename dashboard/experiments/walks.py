"""Walks through z, pictures mixed pixel by pixel, and the shares of both that can be read.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dcgan.latent.sampling import sample_latent
from dcgan.latent.walks import slerp

NUM_WALKS = 100
NUM_FRAMES = 6  # Pictures of a walk, both ends included. A row of 6 digits fits on a phone.
_SEED = 3  # Seed of the ends of the walks.


@dataclass(frozen=True, eq=False)
class Walks:
    """Walks between pairs of random z, and how many of their pictures are readable.

    Attributes:
        walks: Pictures, uint8 [0, 255], shape (num_walks, NUM_FRAMES, height, width, channels).
        fades: The first and the last picture of each walk, mixed pixel by pixel; the same shape.
        readable_at_ends, readable_between: Share of readable pictures at the ends of the walks, and
            between the ends, in [0, 1].
        readable_blends: Share of readable pictures among equal mixtures of both ends of a walk.
    """

    walks: np.ndarray
    fades: np.ndarray
    readable_at_ends: float
    readable_between: float
    readable_blends: float


def make_walks(
    generate: Callable[[np.ndarray], np.ndarray],
    find_readable: Callable[[np.ndarray], np.ndarray],
    latent_dim: int,
    num_walks: int = NUM_WALKS,
) -> Walks:
    """Draw walks and measure them.

    Args:
        generate: Function from a latent batch to pixels, uint8 (num, height, width, channels).
        find_readable: Function from pixels to a bool for each picture.
        latent_dim: Length of z.
        num_walks: Number of walks; the same number always gives the same walks.
    """
    ends = sample_latent(_SEED, 2 * num_walks, latent_dim)
    z = np.concatenate(
        [slerp(ends[2 * index], ends[2 * index + 1], NUM_FRAMES) for index in range(num_walks)]
    )
    pixels = generate(z)
    walks = pixels.reshape(num_walks, NUM_FRAMES, *pixels.shape[1:])
    last_share = np.linspace(0, 1, NUM_FRAMES)[:, None, None, None]
    first, last = (walks[:, [index]].astype(np.float64) for index in (0, -1))
    fades = np.rint((1 - last_share) * first + last_share * last).astype(np.uint8)
    blends = np.rint((first[:, 0] + last[:, 0]) / 2).astype(np.uint8)
    readable = find_readable(pixels).reshape(num_walks, NUM_FRAMES)
    return Walks(
        walks,
        fades,
        readable_at_ends=float(readable[:, [0, -1]].mean()),
        readable_between=float(readable[:, 1:-1].mean()),
        readable_blends=float(find_readable(blends).mean()),
    )
