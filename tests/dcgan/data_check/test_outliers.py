"""Outliers: which pictures are unlike the others, and why."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.data_check.outliers import Outlier, find_outliers


def draw_alike(num: int, side: int = 28) -> np.ndarray:
    """Draw bars of random heights and places on black, uint8 (num, side, side, 1)."""
    draws = np.random.default_rng(0)
    pixels = np.zeros((num, side, side, 1), np.uint8)
    for picture in pixels:
        top, left = draws.integers(2, 8, 2)
        height = draws.integers(10, 18)
        picture[top : top + height, left + 4 : left + 8] = draws.integers(180, 255)
    return pixels


def list_indices(outliers: tuple[Outlier, ...]) -> list[int]:
    return sorted(outlier.index for outlier in outliers)


def test_pictures_that_are_all_alike_have_no_outliers() -> None:
    assert find_outliers(draw_alike(500)) == ()


def test_equal_pictures_have_no_outliers() -> None:
    assert find_outliers(np.full((70, 28, 28, 1), 128, np.uint8)) == ()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (255, "with a lighter border than the others"),
        (0, "of fewer horizontal edges than the others"),
    ],
)
def test_a_picture_of_one_grey_is_found_with_the_reason(value: int, reason: str) -> None:
    pixels = draw_alike(500)
    pixels[123] = value
    (outlier,) = find_outliers(pixels)
    assert (outlier.index, outlier.reason) == (123, reason)
    assert outlier.deviations > 3.5


def test_the_most_unlike_picture_comes_first() -> None:
    pixels = draw_alike(500)
    pixels[7] = np.random.default_rng(1).integers(0, 255, pixels[7].shape)
    pixels[9, 2:26, 2:26] = 120
    first, *_ = find_outliers(pixels)
    assert first.index == 7


@pytest.mark.parametrize(("num_equal", "num_found"), [(5, 5), (6, 0)])
def test_up_to_five_equal_pictures_are_found(num_equal: int, num_found: int) -> None:
    """More equal pictures are a kind of their own."""
    pixels = draw_alike(500)
    pixels[100 : 100 + num_equal] = 255
    assert len(find_outliers(pixels)) == num_found


def test_outliers_are_found_among_more_pictures_than_are_compared() -> None:
    pixels = draw_alike(5_000)
    pixels[[17, 4_321]] = 255
    assert list_indices(find_outliers(pixels)[:2]) == [17, 4_321]


def test_a_colourful_picture_among_grey_ones_is_found() -> None:
    pixels = np.repeat(draw_alike(500), 3, axis=3)
    pixels[50, ..., 1:] = 0  # Red strokes.
    (outlier,) = find_outliers(pixels)
    assert (outlier.index, outlier.reason) == (50, "more colourful than the others")
