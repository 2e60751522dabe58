"""The sliced Wasserstein distance on a Laplacian pyramid, by answers that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcgan.evaluation import sliced_wasserstein
from dcgan.evaluation.sliced_wasserstein import (
    PATCH_SIZE,
    SlicedWasserstein,
    enlarge,
    list_level_sizes,
    make_laplacian_pyramid,
)


def draw_smooth(num: int, size: int = 28, channels: int = 1, seed: int = 0) -> np.ndarray:
    """Draw pictures of smooth spots in the middle half of the range of pixels."""
    random = np.random.default_rng(seed)
    small = random.uniform(64, 192, (num, 7, 7, channels)).astype(np.float32)
    large = np.repeat(np.repeat(small, size // 7, axis=1), size // 7, axis=2)
    return np.rint(large).astype(np.uint8)


def blur(pixels: np.ndarray) -> np.ndarray:
    """Average each pixel with its right and lower neighbours."""
    values = pixels.astype(np.float64)
    for axis in (1, 2):
        values = (values + np.roll(values, 1, axis)) / 2
    return np.rint(values).astype(np.uint8)


# The pyramid


@pytest.mark.parametrize(
    ("size", "expected"), [(28, (28, 14, 7)), (32, (32, 16, 8)), (64, (64, 32, 16, 8)), (7, (7,))]
)
def test_the_levels_go_down_to_the_last_that_holds_a_patch(
    size: int, expected: tuple[int, ...]
) -> None:
    assert list_level_sizes(size) == expected


def test_the_levels_add_up_to_the_pictures() -> None:
    images = draw_smooth(3, channels=3).astype(np.float32)
    pyramid = make_laplacian_pyramid(images, 3)
    assert [level.shape[1] for level in pyramid] == [28, 14, 7]
    rebuilt = pyramid[-1]
    for level in reversed(pyramid[:-1]):
        rebuilt = enlarge(rebuilt) + level
    np.testing.assert_allclose(rebuilt, images, atol=1e-3)


def test_a_level_is_what_the_filter_of_the_paper_gives() -> None:
    """The binomial filter with mirrored borders, written out for single pixels."""
    image = np.random.default_rng(0).uniform(0, 255, (1, 8, 8, 1)).astype(np.float32)
    weights = np.array([1, 4, 6, 4, 1]) / 16
    padded = np.pad(image[0, :, :, 0], 2, mode="reflect")
    expected = [
        [
            weights @ padded[row : row + 5, column : column + 5] @ weights
            for column in range(0, 8, 2)
        ]
        for row in range(0, 8, 2)
    ]
    smaller = make_laplacian_pyramid(image, 2)[1]
    np.testing.assert_allclose(smaller[0, :, :, 0], expected, rtol=1e-5)


def test_a_constant_picture_has_no_details() -> None:
    flat = np.full((2, 28, 28, 1), 100, np.float32)
    *details, smallest = make_laplacian_pyramid(flat, 3)
    assert max(float(np.abs(level).max()) for level in details) < 1e-3
    np.testing.assert_allclose(smallest, 100, rtol=1e-6)


# The distance on a line


def test_the_distance_of_points_on_a_line_is_the_mean_difference_of_the_sorted_points() -> None:
    first, second = np.array([[3.0], [0.0], [1.0]]), np.array([[5.0], [1.0], [3.0]])
    direction = np.ones((1, 1))
    found = sliced_wasserstein.compare_projections(first, second, direction)
    assert found == pytest.approx((1 + 2 + 2) / 3)


def test_a_shift_has_the_mean_of_its_projections_as_distance() -> None:
    random = np.random.default_rng(0)
    points = random.standard_normal((400, 5))
    move = np.array([1.0, 0.0, 2.0, 0.0, 0.0])
    directions = random.standard_normal((40, 5))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    found = sliced_wasserstein.compare_projections(points, points + move, directions)
    assert found == pytest.approx(np.abs(directions @ move).mean())


# The distance of pictures


def test_equal_sets_have_distance_zero_in_any_order() -> None:
    pictures = draw_smooth(60)
    distance = SlicedWasserstein(pictures)
    assert distance.measure(pictures) == 0
    assert distance.measure(pictures[::-1]) == pytest.approx(0, abs=1e-6)


def test_a_measurement_repeats_exactly() -> None:
    first, second = draw_smooth(40), draw_smooth(40, seed=1)
    assert SlicedWasserstein(first).measure(second) == SlicedWasserstein(first).measure(second)


@pytest.mark.parametrize("channels", [1, 3])
def test_brighter_pictures_differ_at_the_last_level_only_and_by_a_known_value(
    channels: int,
) -> None:
    """A shift moves each projected patch by the sum of its direction times the shift."""
    pictures = draw_smooth(60, channels=channels)
    distance = SlicedWasserstein(pictures)
    *details, last = distance.measure_levels(pictures + 20)
    assert max(details) < 0.1
    moves = (20 / distance._levels[-1].deviation).repeat(PATCH_SIZE**2)
    assert last == pytest.approx(1000 * np.abs(distance._directions @ moves).mean(), rel=1e-3)


def test_blurred_pictures_differ_most_in_the_finest_details() -> None:
    pictures = draw_smooth(60)
    finest, *coarser = SlicedWasserstein(pictures).measure_levels(blur(pictures))
    assert finest > 2 * max(coarser)


@pytest.mark.usefixtures("all_directions")
def test_noise_twice_as_strong_has_a_known_distance_at_each_level() -> None:
    """The projected patches are normal with the deviations 1 and 2: √(2/π) apart."""
    grey = np.full((60, 28, 28, 1), 128, np.uint8)
    weak, strong = (
        (grey + np.random.default_rng(seed).integers(-size, size + 1, grey.shape)).astype(np.uint8)
        for seed, size in ((1, 20), (2, 40))
    )
    levels = SlicedWasserstein(weak).measure_levels(strong)
    assert levels == pytest.approx([1000 * math.sqrt(2 / math.pi)] * 3, rel=0.05)


def test_pictures_that_lost_their_colours_are_farther_than_other_real_ones() -> None:
    pictures, others = draw_smooth(200, channels=3), draw_smooth(200, channels=3, seed=1)
    distance = SlicedWasserstein(pictures)
    grey = np.repeat(others.mean(axis=3, keepdims=True).astype(np.uint8), 3, axis=3)
    swapped = others[..., ::-1].copy()
    swapped[..., 0] //= 2
    floor = distance.measure(others)
    assert distance.measure(grey) > 3 * floor
    assert distance.measure(swapped) > 3 * floor


def test_smaller_things_on_the_same_ground_are_farther() -> None:
    def draw_squares(side: int, seed: int) -> np.ndarray:
        random = np.random.default_rng(seed)
        pictures = np.zeros((200, 28, 28, 1), np.uint8)
        for picture, (row, column) in zip(
            pictures, random.integers(0, 28 - side, (200, 2)), strict=True
        ):
            picture[row : row + side, column : column + side] = 255
        return pictures

    distance = SlicedWasserstein(draw_squares(12, 0))
    floor = distance.measure(draw_squares(12, 1))
    assert distance.measure(draw_squares(9, 1)) > 2 * floor
    assert distance.measure(draw_squares(15, 1)) > 2 * floor


def test_pictures_of_one_value_cause_no_division_by_zero() -> None:
    flat = np.full((30, 28, 28, 1), 50, np.uint8)
    distance = SlicedWasserstein(flat)
    assert distance.measure(flat) == 0
    assert 0 < distance.measure(draw_smooth(30)) < math.inf


@pytest.mark.parametrize("size", [28, 32, 64])
def test_all_sizes_of_pictures_are_measured(size: int) -> None:
    random = np.random.default_rng(0)
    first, second = random.integers(0, 256, (2, 20, size, size, 3), np.uint8)
    levels = SlicedWasserstein(first).measure_levels(second)
    assert len(levels) == len(list_level_sizes(size))
    assert min(levels) > 0
