"""Recipes in pictures: they come back as they were, and foreign ones are refused."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.recipes.recipes import read_picture_recipe
from dcgan.errors import DCGANError
from dcgan.images.png_recipe import encode_png
from tests.dashboard.explore.examples import GRID, SHEET

PICTURE = np.zeros((28, 28), np.uint8)


def test_a_picture_carries_its_recipe() -> None:
    for recipe in (GRID, SHEET):
        assert read_picture_recipe(encode_png(PICTURE, recipe.model_dump())) == recipe


def test_one_picture_of_a_grid_carries_its_index_as_row() -> None:
    one = GRID.model_copy(update={"picture_index": 4})
    assert one.model_dump() == GRID.model_dump() | {"row": 4}
    assert read_picture_recipe(encode_png(PICTURE, one.model_dump())) == one


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"no picture", "not a PNG"),
        (encode_png(PICTURE), "holds no recipe"),
        (encode_png(PICTURE, {"kind": "walk"}), "of the kind 'walk'; only a latent grid, a sheet"),
        (encode_png(PICTURE, {"kind": "sheet"}), "recipe is damaged"),
        (encode_png(PICTURE, SHEET.model_dump() | {"count": 0}), "recipe is damaged"),
        (encode_png(PICTURE, {"kind": "latent grid"}), "recipe is damaged"),
        (encode_png(PICTURE, GRID.model_dump() | {"z": []}), "recipe is damaged"),
        (encode_png(PICTURE, GRID.model_dump() | {"seed": -1}), "recipe is damaged"),
        (encode_png(PICTURE, GRID.model_dump() | {"rows": 4}), "recipe is damaged"),
        (encode_png(PICTURE, GRID.model_dump() | {"truncation": 99}), "recipe is damaged"),
        (
            encode_png(PICTURE, GRID.model_dump() | {"rows": 3, "columns": 3, "row": 9}),
            r"recipe is damaged \(.*row: got 9; expected below 9\)",
        ),
    ],
)
def test_a_picture_without_a_usable_recipe_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(DCGANError, match=problem):
        read_picture_recipe(data)
