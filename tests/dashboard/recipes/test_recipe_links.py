"""The page's address as a recipe: z is exact to the last bit, invalid values are reported."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.recipes.recipe_links import decode
from dcgan.latent.sampling import sample_latent
from dcgan.runs.run_folder import Run
from tests.dashboard.explore.examples import pack


def test_an_address_without_z_has_the_z_of_its_seed(run: Run) -> None:
    recipe, invalid = decode({"run": "first", "seed": "5", "step": "10", "psi": "0.5"}, run)
    np.testing.assert_array_equal(recipe.z, sample_latent(5, 1, 4)[0].tolist())
    assert (recipe.step, recipe.truncation, recipe.rows, recipe.created) == (
        10,
        0.5,
        5,
        run.created,
    )
    assert not invalid


def test_an_address_holds_vectors_to_the_last_bit(run: Run) -> None:
    z = np.array([0.1, -3.2, 2e-3, 1.0], "<f4")
    parameters = {"run": "first", "seed": "5", "z": pack(*z), "size": "7", "rows": "Slant"}
    recipe, invalid = decode(parameters | {"rows_along": pack(0, 0.6, 0.8, 0)}, run)
    np.testing.assert_array_equal(np.array(recipe.z, "<f4"), z)
    assert (recipe.rows, recipe.columns, recipe.step, recipe.row_direction) == (7, 7, None, "Slant")
    np.testing.assert_allclose(recipe.row_vector or (), [0, 0.6, 0.8, 0], rtol=1e-6)
    assert not invalid


@pytest.mark.parametrize(
    ("parameters", "invalid_parameter"),
    [
        ({"seed": "-1"}, "seed"),
        ({"seed": "1e3"}, "seed"),
        ({"size": "4"}, "size"),
        ({"z": "####"}, "z"),
        ({"z": "AAA"}, "z"),
        ({"z": pack(np.nan)}, "z"),
        ({"z": pack(1e9)}, "z"),
        ({"rows_along": "A"}, "rows_along"),
        ({"rows_along": pack(1, 0, 0)}, "rows_along"),
        ({"psi": "nan"}, "psi"),
        ({"step": "-4"}, "step"),
        ({"rows": "x" * 301}, "rows"),
    ],
)
def test_an_invalid_parameter_is_reported_and_the_others_are_used(
    run: Run, parameters: dict[str, str], invalid_parameter: str
) -> None:
    valid = {"run": "first", "seed": "5", "stride": "1.5", "psi": "0.5"}
    recipe, invalid = decode(valid | parameters, run)
    assert invalid == [invalid_parameter]
    assert recipe.plane_step == 1.5
    if invalid_parameter != "seed":
        assert recipe.seed == 5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["step", "seed", "z", "psi", "size", "stride", "rows", "rows_along"]),
        st.text(max_size=40) | st.just("first") | st.integers().map(str),
    )
)
def test_any_address_gives_a_recipe(run: Run, parameters: dict[str, str]) -> None:
    recipe, invalid = decode(parameters, run)
    assert len(recipe.z) >= 1
    assert set(invalid) <= parameters.keys()
