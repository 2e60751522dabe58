"""Near-duplicates: copies that must be found, and different pictures that must not."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from dcgan.data.datasets import load_dataset
from dcgan.data.near_duplicates import find_near_duplicates, find_originals
from tests.encoding import Array

NUM = 300


@pytest.fixture(scope="module")
def digits() -> Array:
    """Return digits of MNIST, uint8 (NUM, 28, 28, 1)."""
    return load_dataset("mnist").pixels[:NUM]


def brighten(picture: Array) -> Array:
    """Return a copy that is a third brighter, clipped at white."""
    return np.clip(np.rint(picture * 1.33), 0, 255).astype(np.uint8)


def dim(picture: Array) -> Array:
    """Return a copy with half the contrast on a grey ground."""
    return (picture // 2 + 60).astype(np.uint8)


def save_as_jpeg(picture: Array) -> Array:
    """Return a copy that was saved as JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(picture.squeeze()).save(buffer, "JPEG", quality=80)
    return np.asarray(Image.open(buffer)).reshape(picture.shape)


COPIES: dict[str, Callable[[Array], Array]] = {
    "equal": lambda picture: picture,
    "brighter": brighten,
    "paler": dim,
    "jpeg": save_as_jpeg,
    "right": lambda picture: np.roll(picture, 1, axis=1),
    "left": lambda picture: np.roll(picture, -1, axis=1),
    "down": lambda picture: np.roll(picture, 1, axis=0),
    "up and right": lambda picture: np.roll(picture, (-1, 1), axis=(0, 1)),
    "down and right": lambda picture: np.roll(picture, (1, 1), axis=(0, 1)),
}


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_of_a_picture_is_found(digits: Array, kind: str) -> None:
    originals = [3, 50, 120]
    copies = np.array([COPIES[kind](digits[index]) for index in originals], np.uint8)
    pairs = find_near_duplicates(np.concatenate([digits, copies]))
    expected = [[original, NUM + index] for index, original in enumerate(originals)]
    assert pairs.tolist() == expected


@pytest.mark.parametrize("name", ["disc", "ring", "square", "frame", "cross"])
def test_copies_of_a_symmetric_picture_are_found(digits: Array, name: str) -> None:
    # Half of the frequencies of a symmetric picture are 0.
    across = np.abs(np.arange(28) - 13.5)
    distance = np.hypot(across, across[:, np.newaxis])
    larger = np.maximum(across, across[:, np.newaxis])
    smaller = np.minimum(across, across[:, np.newaxis])
    shapes = {
        "disc": distance < 9,
        "ring": (distance > 6) & (distance < 10),
        "square": larger < 8,
        "frame": (larger > 7) & (larger < 11),
        "cross": (smaller < 3) & (larger < 11),
    }
    shape = np.where(shapes[name], 220, 20).astype(np.uint8)[..., np.newaxis]
    noise = np.random.default_rng(0).normal(0, 2, shape.shape)
    noisy = np.rint(shape + noise).astype(np.uint8)
    pairs = find_near_duplicates(np.array([*digits, shape, save_as_jpeg(shape), noisy]))
    assert pairs.tolist() == [[NUM, NUM + 1], [NUM, NUM + 2], [NUM + 1, NUM + 2]]


def test_digits_of_one_class_are_not_near_duplicates() -> None:
    mnist = load_dataset("mnist")
    assert mnist.labels is not None
    sevens = mnist.pixels[mnist.labels == 7][:3000]
    assert len(find_near_duplicates(sevens)) == 0


@pytest.mark.parametrize("side", [28, 32, 64])
def test_copies_in_colour_are_found_but_not_other_colours(side: int) -> None:
    draws = np.random.default_rng(0)
    small = draws.integers(0, 200, (80, 5, 5, 3)).astype(np.uint8)
    bicubic = Image.Resampling.BICUBIC
    scenes = np.array([Image.fromarray(scene).resize((70, 70), bicubic) for scene in small])
    photos = scenes[:, :side, :side]
    recoloured = photos[:3, ..., ::-1]  # Red becomes blue.
    moved = scenes[3:6, :side, 1 : side + 1]
    pairs = find_near_duplicates(np.concatenate([photos, recoloured, moved]))
    assert pairs.tolist() == [[3, 83], [4, 84], [5, 85]]


def test_blank_pictures_of_any_shade_are_near_duplicates(digits: Array) -> None:
    blank = np.full((3, 28, 28, 1), 0, np.uint8)
    blank[1], blank[2] = 255, 100
    pairs = find_near_duplicates(np.concatenate([digits, blank]))
    assert find_originals(pairs, NUM + 3)[NUM:].tolist() == [NUM] * 3


def test_very_many_copies_are_found_without_comparing_all_pairs(digits: Array) -> None:
    many = np.repeat(digits[:2], 3000, axis=0)
    pairs = find_near_duplicates(many)
    assert len(pairs) < 64 * len(many)  # There are 9 million pairs of equal pictures.
    assert np.unique(find_originals(pairs, len(many))).tolist() == [0, 3000]


def test_the_first_of_similar_pictures_is_kept() -> None:
    pairs = np.array([[0, 2], [1, 4], [2, 3], [4, 5]])
    # Picture 3 is like 2, which is left out, but not like 0, so it is kept.
    assert find_originals(pairs, 6).tolist() == [0, 1, 0, 3, 1, 5]


def test_a_set_without_near_duplicates_has_no_pairs(digits: Array) -> None:
    pairs = find_near_duplicates(digits)
    assert pairs.shape == (0, 2)
    assert find_originals(pairs, NUM).tolist() == list(range(NUM))
