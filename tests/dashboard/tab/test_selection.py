"""The selected z: one owner changes it, and its seed and origin are always its own."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.tab import selection
from dashboard.tab.selection import Selection

LATENT_DIM = 6


def sample_z(seed: int) -> np.ndarray:
    return selection.sample_z(seed, LATENT_DIM).astype(np.float64)


def render_seed_field() -> None:
    """Make the session's changes of the selection, then render the field of the seed."""
    import streamlit as st

    from dashboard.tab import selection

    for change in st.session_state.get("changes", []):
        change()
    st.session_state["changes"] = []
    selection.render_seed_field(6, st.session_state.get("noun", "digit"))


def change_selection(*changes: object) -> AppTest:
    page = AppTest.from_function(render_seed_field).run()
    assert page.number_input(key="latent_seed").value == selection.FIRST_SEED
    page.session_state["changes"] = list(changes)
    page.run()
    assert not page.exception
    return page


def get_selection(page: AppTest) -> Selection:
    found: Selection = page.session_state["selection"]
    return found


def test_a_seed_is_confirmed_only_for_its_own_z() -> None:
    z = sample_z(7)
    assert selection.confirm_seed(z, 7) == 7
    assert selection.confirm_seed(z.astype(np.float32), 7) == 7
    assert selection.confirm_seed(z, 8) is None
    assert selection.confirm_seed(z, None) is None
    z[3] += 1e-4
    assert selection.confirm_seed(z, 7) is None


Z = sample_z(3) + 0.5

WITHOUT_SEED = {
    "a slider": lambda: selection.move_z(
        selection.get_current(LATENT_DIM).z + 1.0, selection.get_current(LATENT_DIM).version
    ),
    "the sorted digits": lambda: selection.select_z(Z, "the sorted digits"),
    "the map": lambda: selection.select_z(Z, "the map"),
    "a pin": lambda: selection.select_z(Z, "the pin mine"),
    "a drawing": lambda: selection.select_z(Z, "your own digit"),
    "a mix": lambda: selection.select_z(Z, "Seed 1 + Seed 2"),
    "another z's seed": lambda: selection.select_z(Z, "a link", 3),
}


def test_the_seed_field_names_pictures_that_are_no_digits() -> None:
    page = AppTest.from_function(render_seed_field)
    page.session_state["noun"] = "picture"
    field = page.run().number_input(key="latent_seed")
    assert field.label == "Picture number (seed)"
    assert "digit" not in field.help


def test_the_seed_field_is_empty_for_a_z_without_a_seed() -> None:
    page = change_selection()
    for name, change in WITHOUT_SEED.items():
        page.session_state["changes"] = [change]
        page.run()
        assert page.number_input(key="latent_seed").value is None, name
    z = get_selection(page).z
    page.run()  # An empty field leaves z as it is.
    np.testing.assert_array_equal(get_selection(page).z, z)
    page.number_input(key="latent_seed").set_value(5).run()
    np.testing.assert_array_equal(get_selection(page).z, sample_z(5))
    assert page.number_input(key="latent_seed").value == 5


def test_a_slider_that_is_moved_back_restores_the_seed() -> None:
    page = change_selection(
        lambda: selection.move_z(Z, 1), lambda: selection.move_z(sample_z(7), 1)
    )
    assert page.number_input(key="latent_seed").value == 7


def test_an_emptied_seed_field_changes_nothing() -> None:
    page = change_selection()
    page.number_input(key="latent_seed").set_value(None).run()
    np.testing.assert_array_equal(get_selection(page).z, sample_z(7))
    assert page.number_input(key="latent_seed").value == 7


def test_a_move_of_another_z_is_ignored() -> None:
    page = change_selection(
        lambda: selection.select_z(Z, "the map"), lambda: selection.move_z(sample_z(5), 1)
    )
    np.testing.assert_array_equal(get_selection(page).z, Z)
    page = change_selection(lambda: selection.move_z(np.zeros(LATENT_DIM + 1), 1))
    np.testing.assert_array_equal(get_selection(page).z, sample_z(7))


def test_nobody_can_write_into_the_selected_z() -> None:
    page = change_selection(lambda: selection.move_z(Z, 1))
    with pytest.raises(ValueError, match="read-only"):
        get_selection(page).z[0] = 0.0
    np.testing.assert_array_equal(get_selection(page).z, Z)


def test_another_latent_dim_selects_the_z_of_the_same_seed_or_of_the_first() -> None:
    page = change_selection(lambda: selection.select_seed(5, LATENT_DIM + 2))
    np.testing.assert_array_equal(get_selection(page).z, sample_z(5))
    page = change_selection(lambda: selection.select_z(np.ones(LATENT_DIM + 2), "the map"))
    np.testing.assert_array_equal(get_selection(page).z, sample_z(selection.FIRST_SEED))
