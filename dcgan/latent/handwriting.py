"""Texts in one handwriting: a z for each character, and the way from one text to another.

NumPy only. A class-conditional generator keeps slant and thickness as long as z stays the same, so
a z is a handwriting.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcgan.arguments import check_whole_number
from dcgan.latent.sampling import check_vector, sample_latent

_SEED = 2026  # Seed of the differences from character to character.


def make_handwriting_latents(
    handwriting: np.ndarray, num: int, variation: float = 0.0
) -> np.ndarray:
    """Return a z for each character of a text.

    Args:
        handwriting: The z of the handwriting, shape (latent_dim,).
        num: The number of characters, at least 1.
        variation: How much the handwriting varies from character to character, in [0, 1]: 0 gives
            all characters the same z, 1 gives each another random z. In between, the vectors keep a
            typical length.

    Returns:
        Shape (num, latent_dim), float32. The first k vectors do not depend on `num`.

    Raises:
        ValueError: If an argument is out of its bounds.
    """
    vector = check_vector("handwriting", handwriting)
    num = check_whole_number("num", num, 1)
    if not 0 <= variation <= 1:  # Written so that NaN is refused too.
        raise ValueError(f"variation must be in [0, 1], got {variation!r}.")
    random_vectors = sample_latent(_SEED, num, len(vector))
    varied = np.sqrt(1 - variation**2) * vector + variation * random_vectors
    return varied.astype(np.float32)


def morph_classes(
    before: Sequence[int], after: Sequence[int], num_classes: int, num_frames: int
) -> np.ndarray:
    """Return the weights of the classes on the way from one text to another of the same length.

    Args:
        before, after: The class of each character.
        num_classes: Number of all classes.
        num_frames: Number of frames, at least 2; the first is `before` and the last `after`.

    Returns:
        Shape (num_frames, num_characters, num_classes), float32; the weights of a character sum
        to 1. They change slowly at both ends.

    Raises:
        ValueError: If the texts differ in length, or `num_frames` is too small.
    """
    check_whole_number("num_frames", num_frames, 2)
    if len(before) != len(after):
        raise ValueError(f"The texts have {len(before)} and {len(after)} characters.")
    classes = np.eye(num_classes, dtype=np.float32)
    share = (1 - np.cos(np.linspace(0, np.pi, num_frames, dtype=np.float32))) / 2
    share = share[:, np.newaxis, np.newaxis]
    return (1 - share) * classes[list(before)] + share * classes[list(after)]


def walk_through_classes(
    stops: Sequence[int], num_classes: int, frames_per_leg: int, *, closed: bool = False
) -> np.ndarray:
    """Return the weights of the classes on a walk from class to class.

    Args:
        stops: The class of each stop, at least 2.
        num_classes: Number of all classes.
        frames_per_leg: Frames from one stop (included) to the next (not included), at least 1.
        closed: Whether to return to the first stop.

    Returns:
        Shape (num_frames, num_classes), float32. The weights change slowly at the stops.
    """
    ends = [*stops[1:], stops[0]] if closed else stops[1:]
    legs = [
        morph_classes([start], [end], num_classes, frames_per_leg + 1)[:-1, 0]
        for start, end in zip(stops, ends, strict=closed)
    ]
    last = np.eye(num_classes, dtype=np.float32)[[stops[-1]]]
    return np.concatenate(legs if closed else [*legs, last])
