"""Walks through z beside faded pictures, with a generator whose pictures are known."""

from __future__ import annotations

import numpy as np

from dashboard.experiments.walks import NUM_FRAMES, make_walks


def generate(z: np.ndarray) -> np.ndarray:
    """Draw black or white pictures: the sign of the first number of z."""
    shades = np.where(z[:, 0] > 0, 255, 0).astype(np.uint8)
    return np.broadcast_to(shades[:, None, None, None], (len(z), 28, 28, 1))


def is_black_or_white(pixels: np.ndarray) -> np.ndarray:
    return np.isin(pixels.reshape(len(pixels), -1)[:, 0], (0, 255))


def test_walks_are_drawn_and_fades_mix_the_pixels_of_their_ends() -> None:
    found = make_walks(generate, is_black_or_white, latent_dim=4, num_walks=20)
    assert found.walks.shape == found.fades.shape == (20, NUM_FRAMES, 28, 28, 1)
    assert (found.readable_at_ends, found.readable_between) == (1.0, 1.0)
    ends = found.walks[:, [0, -1], 0, 0, 0]
    np.testing.assert_array_equal(found.fades[:, [0, -1], 0, 0, 0], ends)
    is_mixed = ends[:, 0] != ends[:, 1]
    assert 0 < is_mixed.mean() < 1
    # Half black and half white is grey, which counts as unreadable here.
    assert found.readable_blends == 1 - is_mixed.mean()
    black_to_white = found.fades[np.flatnonzero(ends[:, 0] < ends[:, 1])[0], :, 0, 0, 0]
    assert black_to_white.tolist() == [0, 51, 102, 153, 204, 255]
