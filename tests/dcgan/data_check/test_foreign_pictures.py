"""Outliers: foreign pictures among digits are found, and few digits with them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from dcgan.data.datasets import load_dataset
from dcgan.data_check.outliers import find_outliers
from tests.encoding import Array

ROWS, COLUMNS = np.mgrid[:28, :28]


def draw_foreign() -> dict[str, Array]:
    """Return pictures that are no digits, uint8 (28, 28)."""
    draws = np.random.default_rng(0)
    coarse = draws.integers(0, 256, (6, 6)).astype(np.uint8)
    pictures = {
        "noise": draws.integers(0, 256, (28, 28)),
        "gradient": COLUMNS * 9,
        "white": np.full((28, 28), 255),
        "black": np.zeros((28, 28)),
        "stripes": COLUMNS // 2 % 2 * 255,
        "checks": (ROWS // 4 + COLUMNS // 4) % 2 * 200,
        "photo": np.asarray(Image.fromarray(coarse).resize((28, 28), Image.Resampling.BICUBIC)),
        "inverted digit": 255 - load_dataset("mnist").pixels[5_000, ..., 0],
    }
    return {name: picture.astype(np.uint8) for name, picture in pictures.items()}


@pytest.mark.parametrize("num", [300, 3_000])
def test_foreign_pictures_among_digits_are_found(num: int) -> None:
    foreign = draw_foreign()
    digits = load_dataset("mnist").pixels[:num]
    pixels = np.concatenate([digits, np.array(list(foreign.values()))[..., np.newaxis]])
    found = find_outliers(pixels)
    names = {list(foreign)[outlier.index - num] for outlier in found if outlier.index >= num}
    assert names == foreign.keys()
    assert len(found) - len(foreign) <= 3  # Digits that are not foreign.
    deviations = [outlier.deviations for outlier in found]
    assert deviations == sorted(deviations, reverse=True)


def test_most_digits_are_no_outliers() -> None:
    assert len(find_outliers(load_dataset("mnist").pixels[:3_000])) <= 3


def test_a_picture_in_colour_stands_out_among_grey_ones() -> None:
    digits = np.repeat(load_dataset("mnist").pixels[:200], 3, axis=3)
    digits[7, ..., 1:] //= 8  # Red strokes.
    assert find_outliers(digits)[0].index == 7
    assert find_outliers(digits)[0].reason == "more colourful than the others"


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (64, 64, 3)])
def test_every_shape_of_pictures_is_measured(shape: tuple[int, int, int]) -> None:
    draws = np.random.default_rng(0)
    pixels = draws.integers(90, 110, (100, *shape)).astype(np.uint8)
    pixels[40] = 255
    assert find_outliers(pixels)[0].index == 40
