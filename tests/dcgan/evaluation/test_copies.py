"""The search for copies of training pictures."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.evaluation.copies import CopySearch, shrink


def draw_pictures(num: int, seed: int = 0, size: int = 28, channels: int = 1) -> np.ndarray:
    """Draw pictures that have nothing in common: spots of random grey."""
    random = np.random.default_rng(seed)
    spots = random.integers(0, 256, (num, 7, 7, channels), np.uint8)
    return np.repeat(np.repeat(spots, size // 7, axis=1), size // 7, axis=2)


def test_repeated_pictures_are_copies_also_with_noise_and_new_ones_are_not() -> None:
    training, new = draw_pictures(100), draw_pictures(40, seed=1)
    noise = np.random.default_rng(2).integers(-20, 21, training[:30].shape)
    noisy = (training[:30] + noise).clip(0, 255).astype(np.uint8)
    search = CopySearch(training)
    assert search.find_copies(training[:30]).all()
    assert search.find_copies(noisy).all()
    assert not search.find_copies(new).any()


def test_a_second_search_finds_the_same_copies() -> None:
    training = draw_pictures(60)
    mixed = np.concatenate([training[:5], draw_pictures(5, seed=1)])
    search = CopySearch(training)
    first = search.find_copies(mixed)
    assert first.tolist() == [True] * 5 + [False] * 5
    assert search.find_copies(mixed[::-1]).tolist() == first[::-1].tolist()


def test_a_copy_is_judged_by_the_neighbour_of_its_training_picture() -> None:
    """At equal distance, a picture among many alike is no copy; beside a lonely one it is."""
    crowd = (
        np.full((20, 28, 28, 1), 0, np.uint8)
        + np.arange(20, dtype=np.uint8)[:, None, None, None] * 6
    )
    lonely = np.full((1, 28, 28, 1), 255, np.uint8)
    search = CopySearch(np.concatenate([crowd, lonely]))
    beside_crowd, beside_lonely = crowd[10:11] + 3, lonely - 30
    assert search.find_copies(np.concatenate([beside_crowd, beside_lonely])).tolist() == [
        False,
        True,
    ]


def test_a_picture_that_the_data_hold_twice_still_has_copies() -> None:
    training = draw_pictures(50)
    twice = np.concatenate([training, training[:10]])
    assert CopySearch(twice).find_copies(training[:20]).all()


def test_training_pictures_are_copies_of_others_by_chance_only_if_the_data_hold_them_twice() -> (
    None
):
    training = draw_pictures(100)
    assert not CopySearch(training).find_chance_copies().any()
    twice = np.concatenate([training, training[:10]])
    assert CopySearch(twice).find_chance_copies().sum() == 20


@pytest.mark.parametrize(("size", "small"), [(28, 14), (32, 16), (64, 16), (16, 16)])
def test_pictures_are_shrunk_to_means_of_their_pixels(size: int, small: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), np.uint8)
    shrunk = shrink(pixels)
    assert shrunk.shape == (2, small, small, 3)
    factor = size // small
    expected = pixels[1, :factor, -factor:, 2].mean()
    assert shrunk[1, 0, -1, 2] == pytest.approx(expected, abs=0.5)
