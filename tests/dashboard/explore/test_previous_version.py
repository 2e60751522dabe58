"""Pictures and links of the previous version open on the Explore page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np

from dashboard.recipes import recipe_links
from dashboard.recipes.recipes import GridRecipe, SheetRecipe, read_picture_recipe
from dcgan.images.png_recipe import read_recipe
from dcgan.runs.run_folder import open_run

FIXTURES = Path(__file__).parents[2] / "fixtures" / "previous_version"
Z = [0.5, -1.25, 2.0, 0.0]


def test_the_recipe_of_a_latent_grid_is_read() -> None:
    recipe = read_picture_recipe((FIXTURES / "latent-grid.png").read_bytes())
    assert isinstance(recipe, GridRecipe)
    assert (recipe.run, recipe.step, recipe.seed) == ("finished-run", 14, None)
    assert recipe.created == open_run(FIXTURES / "finished-run").created
    assert (recipe.rows, recipe.truncation, recipe.plane_step) == (3, 0.8, 1.5)
    assert list(recipe.z) == Z
    assert recipe.column_direction == "Slant"
    assert recipe.column_vector == (0.0, 0.6, 0.8, 0.0)


def test_the_recipe_of_digits_of_the_command_line_is_read() -> None:
    recipe = read_picture_recipe((FIXTURES / "digits.png").read_bytes())
    assert isinstance(recipe, SheetRecipe)
    assert (recipe.kind, recipe.seed, recipe.count) == ("grid", 5, 4)


def test_a_link_is_read_and_written_unchanged() -> None:
    parameters = dict(parse_qsl((FIXTURES / "link.txt").read_text().strip()))
    recipe, ignored = recipe_links.decode(parameters, open_run(FIXTURES / "finished-run"))
    assert ignored == []
    assert (recipe.run, recipe.step, recipe.truncation) == ("finished-run", 14, 0.8)
    assert (recipe.rows, recipe.columns, recipe.plane_step) == (3, 3, 1.5)
    np.testing.assert_array_equal(recipe.z, Z)
    assert (recipe.row_direction, recipe.column_direction) == ("Random direction A", "Slant")
    np.testing.assert_allclose(np.array(recipe.column_vector), [0, 0.6, 0.8, 0], rtol=1e-6)
    assert recipe_links.encode(recipe, is_live=False) == parameters


def test_a_picture_and_a_link_of_one_view_agree() -> None:
    parameters = dict(parse_qsl((FIXTURES / "link.txt").read_text().strip()))
    recipe = read_recipe((FIXTURES / "latent-grid.png").read_bytes())
    assert str(recipe["run"]) == parameters["run"]
    assert float(str(recipe["truncation"])) == float(parameters["psi"])
