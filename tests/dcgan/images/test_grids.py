"""Grids of images keep every pixel, at its position."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dcgan.images.grids import choose_grid_shape, plot_images, tile, untile
from tests.dcgan.images.examples import draw_noise

# Grids


def test_tiles_are_placed_row_by_row_with_gaps_only_between_them() -> None:
    pixels = np.array([1, 2, 3], np.uint8).reshape(3, 1, 1)
    picture = tile(pixels, 2, 2, gap=1)
    np.testing.assert_array_equal(picture, [[1, 0, 2], [0, 0, 0], [3, 0, 0]])
    assert picture.dtype == np.uint8


def test_scaling_repeats_pixels_and_gaps() -> None:
    pixels = np.array([1, 2], np.uint8).reshape(2, 1, 1)
    picture = tile(pixels, 1, 2, scale=2, gap=1)
    np.testing.assert_array_equal(picture, [[1, 1, 0, 0, 2, 2]] * 2)


def test_images_beyond_the_grid_are_left_out() -> None:
    pixels = draw_noise(5)
    np.testing.assert_array_equal(tile(pixels, 1, 1), pixels[0])


def test_colour_stays_colour_and_one_channel_becomes_grey() -> None:
    assert tile(draw_noise(4, 3), 2, 2, gap=2).shape == (58, 58, 3)
    np.testing.assert_array_equal(
        tile(draw_noise(4, 1), 2, 2), tile(draw_noise(4, 1)[..., 0], 2, 2)
    )


@given(
    pixels=hnp.arrays(
        np.uint8,
        st.one_of(
            st.tuples(st.integers(1, 7), st.integers(1, 5), st.integers(1, 5)),
            st.tuples(st.integers(1, 7), st.integers(1, 5), st.integers(1, 5), st.just(3)),
        ),
    ),
    columns=st.integers(1, 4),
    gap=st.integers(0, 3),
)
def test_untile_is_the_inverse_of_tile(pixels: np.ndarray, columns: int, gap: int) -> None:
    num, height, width = pixels.shape[:3]
    rows = -(-num // columns)
    picture = tile(pixels, rows, columns, gap=gap)
    cells = untile(picture, rows, columns, gap=gap, tile_size=(height, width))
    np.testing.assert_array_equal(cells[:num], pixels)
    assert cells.shape == (rows * columns, *pixels.shape[1:])
    assert not cells[num:].any()


def test_untile_takes_one_number_for_square_tiles() -> None:
    pixels = draw_noise(6)
    picture = tile(pixels, 2, 3)
    np.testing.assert_array_equal(untile(picture, 2, 3, tile_size=28), pixels)


def test_untile_refuses_a_picture_of_another_size() -> None:
    with pytest.raises(ValueError, match="make a picture of 58 × 88 pixels, got 58 × 89"):
        untile(np.zeros((58, 89), np.uint8), 2, 3, tile_size=28)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rows": 0}, "rows must be at least 1, got 0"),
        ({"columns": -1}, "columns must be at least 1, got -1"),
        ({"scale": 0}, "scale must be at least 1, got 0"),
        ({"scale": 1.5}, "scale must be a whole number, got 1.5"),
        ({"gap": -1}, "gap must be at least 0, got -1"),
        ({"pixels": np.zeros((1, 2, 2))}, "pixels must be uint8 .* got float64"),
        ({"pixels": np.zeros((2, 2), np.uint8)}, r"got uint8 of the shape \(2, 2\)"),
        ({"pixels": np.zeros((1, 2, 2, 4), np.uint8)}, r"of the shape \(1, 2, 2, 4\)"),
        ({"pixels": np.zeros((1, 0, 2), np.uint8)}, r"of the shape \(1, 0, 2\)"),
    ],
)
def test_an_impossible_grid_is_refused_with_the_reason(
    changed: dict[str, Any], message: str
) -> None:
    arguments: dict[str, Any] = {"pixels": draw_noise(), "rows": 1, "columns": 3, **changed}
    with pytest.raises(ValueError, match=message):
        tile(**arguments)


# Plots for notebooks


def test_plotted_images_form_a_nearly_square_grid() -> None:
    sizes = {num: plot_images(draw_noise(num), scale=1, gap=0).size for num in (1, 2, 5, 9, 12)}
    cells = {num: (width // 28, height // 28) for num, (width, height) in sizes.items()}
    assert cells == {1: (1, 1), 2: (2, 1), 5: (3, 2), 9: (3, 3), 12: (4, 3)}


def test_plotted_images_take_given_rows_or_columns() -> None:
    assert plot_images(draw_noise(5), rows=1, scale=1, gap=0).size == (5 * 28, 28)
    assert plot_images(draw_noise(5), columns=2, scale=1, gap=0).size == (2 * 28, 3 * 28)
    assert plot_images(draw_noise(5), 1, 2, scale=2, gap=1).size == (2 * 57, 56)


def test_the_generators_range_becomes_black_to_white() -> None:
    pictures = np.array([-1, 0, 1], np.float32).reshape(3, 1, 1, 1)
    picture = plot_images(pictures, rows=1, scale=1, gap=0)
    assert picture.mode == "L"
    assert np.asarray(picture)[0, [0, 2]].tolist() == [0, 255]
    assert 127 <= np.asarray(picture)[0, 1] <= 128


def test_nan_images_are_plotted_black() -> None:
    pictures = np.array([np.nan, 1], np.float32).reshape(2, 1, 1)
    assert np.asarray(plot_images(pictures, scale=1, gap=0)).tolist() == [[0, 255]]


def test_plotted_uint8_images_are_unchanged() -> None:
    pixels = draw_noise(1, 3)
    picture = plot_images(pixels, scale=1)
    assert picture.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(picture), pixels[0])


def test_images_of_an_unknown_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must be in \[-1, 1\], got \[0, 255\]"):
        plot_images(np.array([0, 255], np.float32).reshape(2, 1, 1))
    with pytest.raises(ValueError, match="at least one image"):
        plot_images(np.zeros((0, 28, 28), np.uint8))
    with pytest.raises(ValueError, match="got int64"):
        plot_images(np.zeros((1, 28, 28), np.int64))


@pytest.mark.parametrize(
    ("num", "num_classes", "expected"),
    [
        (100, 0, (10, 10)),
        (100, 10, (10, 10)),
        (100, 14, (8, 14)),
        (100, 3, (12, 9)),
        (5, 10, (2, 3)),
        (100, 40, (10, 10)),
    ],
)
def test_each_column_has_one_class_if_that_fits(
    num: int, num_classes: int, expected: tuple[int, int]
) -> None:
    assert choose_grid_shape(num, num_classes) == expected
