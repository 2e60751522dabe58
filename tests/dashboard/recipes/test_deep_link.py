"""Links and pictures that are opened: the page shows again what they were made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.recipes.recipes import MAX_SHEET_PICTURES, Recipe
from dashboard.state.trainer import Trainer
from dashboard.tab.explore_request import CLASS_REQUEST
from dcgan.runs.run_folder import Run
from tests.dashboard.explore.examples import GRID, SHEET, pack
from tests.dashboard.rendering import prepare_panel, remove_escapes, run_page

pytestmark = pytest.mark.usefixtures("no_included_run")


def restore_page() -> None:
    """Restore the page and note its choices for the test."""
    import streamlit as st

    from dashboard.recipes import deep_link

    deep_link.restore(st.session_state["trainer"])
    st.session_state["restored"] = {
        key: st.session_state.get(key)
        for key in (
            *("explore_run", "source_step_first_False", "selection", "psi"),
            *("sheet_seed", "sheet_count", "sheet_psi", "sheet_all_classes"),
        )
    }


def open_page(library: Path, recipe: Recipe | None, **parameters: str) -> AppTest:
    """Open a picture's recipe, or an address with these parameters, with the runs of a library."""
    page = prepare_panel(restore_page, trainer=Trainer(library))
    if recipe is not None:
        page.session_state["recipe_opened"] = recipe
    page.query_params.update(parameters)
    return run_page(page)


def test_an_opened_picture_restores_the_page(run: Run) -> None:
    page = open_page(run.path.parent, GRID)
    restored = page.session_state["restored"]
    assert (restored["explore_run"], restored["source_step_first_False"]) == ("first", 10)
    assert restored["psi"] == 1.0
    assert restored["selection"].seed is None  # The recipe's seed is not the seed of its z.
    assert restored["selection"].z.tolist() == list(GRID.z)
    assert not page.toast


def test_a_run_is_found_under_another_name(run: Run) -> None:
    renamed = GRID.model_copy(update={"run": "as-it-was-called-there"})
    page = open_page(run.path.parent, renamed)
    assert page.session_state["restored"]["explore_run"] == "first"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"created": "2020-01-01T00:00:00+00:00"}, "The run first is not here"),
        ({"z": (1.0, 2.0)}, "has a z of 2 numbers, but first takes 4"),
        ({"step": 8}, "has no checkpoint of step 8; this is the nearest, step 10"),
    ],
)
def test_what_cannot_be_restored_is_reported(
    run: Run, change: dict[str, object], problem: str
) -> None:
    page = open_page(run.path.parent, GRID.model_copy(update=change))
    assert problem in remove_escapes(page.toast[0].value)


def test_an_address_is_read_once(run: Run) -> None:
    page = open_page(run.path.parent, None, run="first", seed="9", step="0")
    assert page.session_state["restored"]["selection"].seed == 9
    assert page.session_state["restored"]["source_step_first_False"] == 0
    page.session_state["psi"] = 0.5  # A person changes something.
    page.run()
    assert page.session_state["restored"]["psi"] == 0.5


def test_a_link_to_a_missing_run_is_reported(run: Run) -> None:
    page = open_page(run.path.parent, None, run="gone", seed="1")
    assert "The run gone of this link is not here" in page.toast[0].value


def test_a_link_keeps_the_direction_that_it_was_made_with(run: Run) -> None:
    parameters = {"rows": "Slant", "rows_along": pack(0, 0.6, 0.8, 0), "columns": "z 2"}
    page = open_page(run.path.parent, None, run="first", seed="1", **parameters)
    # This generator was not surveyed yet.
    assert page.session_state["row_direction_wanted"] == "Slant, as shown"
    kept = page.session_state["opened_directions"]["Slant, as shown"]
    np.testing.assert_allclose(kept, [0, 0.6, 0.8, 0], rtol=1e-6)
    assert page.session_state["column_direction_wanted"] == "z 2"


def test_directions_of_one_name_are_both_kept_and_long_names_are_cut(run: Run) -> None:
    along = {"row_vector": (1.0, 0, 0, 0), "column_vector": (0, 1.0, 0, 0)}
    names = {"row_direction": "Slant", "column_direction": "Slant, as shown"}
    page = open_page(run.path.parent, GRID.model_copy(update=along | names))
    kept = page.session_state["opened_directions"]
    rows, columns = (page.session_state[f"{key}_wanted"] for key in names)
    assert (kept[rows].tolist(), kept[columns].tolist()) == ([1, 0, 0, 0], [0, 1, 0, 0])
    long = GRID.model_copy(update=along | {"row_direction": "x" * 300})
    page = open_page(run.path.parent, long)
    assert len(page.session_state["row_direction_wanted"]) < 100


def test_an_opened_sheet_restores_its_seed_and_count(run: Run) -> None:
    page = open_page(run.path.parent, SHEET)
    restored = page.session_state["restored"]
    assert (restored["explore_run"], restored["source_step_first_False"]) == ("first", 10)
    assert (restored["sheet_seed"], restored["sheet_count"], restored["sheet_psi"]) == (3, 64, 1.0)
    assert "shown under Many digits" in page.toast[0].value
    many = SHEET.model_copy(update={"count": 9000})
    page = open_page(run.path.parent, many)
    assert page.session_state["restored"]["sheet_count"] == MAX_SHEET_PICTURES
    assert "the first 5,000 of 9,000" in remove_escapes(page.toast[0].value)


def test_a_sample_grid_of_a_run_with_classes_comes_back_with_all_of_them(
    run: Run, class_run: Run
) -> None:
    grid = SHEET.model_copy(update={"run": "classes", "created": class_run.created, "step": 0})
    page = open_page(class_run.path.parent, grid)
    restored = page.session_state["restored"]
    assert (restored["sheet_count"], restored["sheet_all_classes"]) == (64, True)
    assert "shown under Many digits" in page.toast[0].value
    page = open_page(run.path.parent, SHEET)
    assert page.session_state["restored"]["sheet_all_classes"] is False


@pytest.mark.parametrize(("classes", "takes_turns"), [(("7",), False), (("7", "2"), True)])
def test_a_grid_of_the_command_line_comes_back_in_its_first_class(
    class_run: Run, classes: tuple[str, ...], takes_turns: bool
) -> None:
    grid = {"run": "classes", "created": class_run.created, "step": 0, "kind": "grid"}
    recipe = SHEET.model_copy(update={**grid, "classes": classes})
    page = open_page(class_run.path.parent, recipe)
    restored = page.session_state["restored"]
    assert page.session_state[CLASS_REQUEST] == "7"
    assert (restored["sheet_seed"], restored["sheet_all_classes"]) == (3, False)
    toast = remove_escapes(page.toast[0].value)
    assert "shown under Many digits" in toast
    assert ("here all digits have the first class, 7" in toast) is takes_turns


def test_one_digit_of_a_grid_is_opened_in_the_middle(run: Run) -> None:
    along = {"row_vector": (1.0, 0, 0, 0), "column_vector": (0, 1.0, 0, 0), "plane_step": 0.5}
    # Row 0 and column 4 of five each: two steps up, two to the right.
    page = open_page(run.path.parent, GRID.model_copy(update=along | {"picture_index": 4}))
    z = np.add(GRID.z, (-1.0, 1.0, 0, 0))
    np.testing.assert_allclose(page.session_state["restored"]["selection"].z, z, rtol=1e-6)
