"""The chosen z says where it is from, and what another generator drew chooses none."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qsl

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.explore import bank_panel, deep_link, latent_panel
from dashboard.explore.deep_link import View
from dashboard.shared import selection
from dashboard.state import surveys

LATENT_DIM = 6


def of_seed(seed: int) -> np.ndarray:
    return selection.of_seed(seed, LATENT_DIM).astype(np.float64)


def test_a_seed_is_that_of_its_z_alone() -> None:
    z = of_seed(7)
    assert selection.seed_of(z, 7) == 7
    assert selection.seed_of(z.astype(np.float32), 7) == 7
    assert selection.seed_of(z, 8) is None
    assert selection.seed_of(z, None) is None
    z[3] += 1e-4
    assert selection.seed_of(z, 7) is None


def script() -> None:
    """Draw the seed's field, with what a test does to z first."""
    import streamlit as st

    from dashboard.shared import selection

    for act in st.session_state.get("acts", []):
        act(selection)
    st.session_state["acts"] = []
    selection.render_seed(6)


def page_after(*acts: object) -> AppTest:
    page = AppTest.from_function(script).run()
    assert page.number_input(key="latent_seed").value == selection.FIRST_SEED
    page.session_state["acts"] = list(acts)
    page.run()
    assert not page.exception
    return page


Z = of_seed(3) + 0.5

NO_SEED = {
    "a slider": lambda it: it.move(it.get(LATENT_DIM) + 1.0),
    "the bank": lambda it: it.choose(Z, "the bank, a 3"),
    "the map": lambda it: it.choose(Z, "the map"),
    "a pin": lambda it: it.choose(Z, "the pin mine"),
    "a drawing": lambda it: it.choose(Z, "your own digit"),
    "a mix": lambda it: it.choose(Z, "Seed 1 + Seed 2"),
    "a seed that is not its": lambda it: it.choose(Z, "a link", 3),
}


def test_no_seed_stands_in_the_field_of_a_z_that_is_of_none() -> None:
    page = page_after()
    for name, act in NO_SEED.items():
        page.session_state["acts"] = [act]
        page.run()
        assert page.number_input(key="latent_seed").value is None, name
    z = page.session_state["latent"].copy()
    page.run()  # An empty field leaves z as it is.
    np.testing.assert_array_equal(page.session_state["latent"], z)
    page.number_input(key="latent_seed").set_value(5).run()
    np.testing.assert_array_equal(page.session_state["latent"], of_seed(5))
    assert page.number_input(key="latent_seed").value == 5


def test_a_slider_that_is_back_where_it_was_is_at_the_seed_again() -> None:
    page = page_after(lambda it: it.move(Z), lambda it: it.move(of_seed(7)))
    assert page.number_input(key="latent_seed").value == 7


def test_a_field_that_is_emptied_changes_nothing() -> None:
    page = page_after()
    page.number_input(key="latent_seed").set_value(None).run()
    np.testing.assert_array_equal(page.session_state["latent"], of_seed(7))
    assert page.number_input(key="latent_seed").value == 7


def view_of(z: np.ndarray, seed: int | None) -> View:
    run = SimpleNamespace(name="first", created="2026-01-01T00:00:00+00:00")
    along = np.eye(LATENT_DIM)
    grid = latent_panel._Plane(5, 1.0, "z 1", "z 2", along[0], along[1])
    return latent_panel._view(SimpleNamespace(run=run), 10, seed, z, grid, 1.0)  # type: ignore[arg-type]


def test_a_recipe_and_a_link_name_the_seed_or_hold_z_and_no_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    links: list[dict[str, str]] = []
    monkeypatch.setattr(
        deep_link, "replace_address", lambda words, **_: links.append(dict(parse_qsl(words)))
    )
    assert view_of(of_seed(7), 7).seed == 7
    assert view_of(Z, 7).seed is None  # Moved after the page was drawn.
    for shown in (view_of(of_seed(7), 7), view_of(Z, 7)):
        deep_link.write_address(shown, is_live=False)
    assert (links[0].get("seed"), "z" in links[0]) == ("7", False)
    assert (links[1].get("seed"), "z" in links[1]) == (None, True)


def bank() -> None:
    """Draw the bank of the source that a test has put here."""
    import streamlit as st

    from dashboard.explore import bank_panel

    bank_panel.render(st.session_state["source"])


def test_while_a_generators_digits_are_sorted_anothers_are_not_in_sight_and_choose_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A click that was on its way when the run was changed is about the other run's digits."""
    z = np.arange(20 * LATENT_DIM, dtype=np.float32).reshape(20, LATENT_DIM) / 100
    survey = SimpleNamespace(
        z=z,
        digits=np.full(20, 4),
        pixels=np.zeros((20, 28, 28, 1), np.uint8),
        prediction=SimpleNamespace(probabilities=np.full((20, 10), 0.1)),
        best=lambda digit, most: np.arange(14),
    )
    findings = {"first": SimpleNamespace(survey=survey, step=10), "second": None}
    clicks: list[int | None] = []
    monkeypatch.setattr(surveys, "get_findings", lambda source: findings[source.moment])
    monkeypatch.setattr(surveys, "describe_problem", lambda source: "")
    monkeypatch.setattr(
        bank_panel, "render_tiles", lambda *_, **__: clicks.pop(0) if clicks else None
    )
    page = AppTest.from_function(bank)
    first, second = (SimpleNamespace(moment=it, latent_dim=LATENT_DIM) for it in findings)
    page.session_state["source"] = first
    page.run()
    assert not page.exception
    assert [it.value.split(" ")[0] for it in page.caption] == ["From"]
    page.session_state["source"] = second
    page.run()
    assert [it.value for it in page.caption] == ["Sorting this generator's digits …"]
    assert len(page.main.children) == 3  # The others are taken out of sight at once.
    assert {it.type for it in list(page.main.children.values())[1:]} == {"empty"}
    findings["second"] = findings["first"]
    clicks[:] = [2]
    page.run()
    assert "latent" not in page.session_state
    clicks[:] = [2]
    page.run()
    np.testing.assert_array_equal(page.session_state["latent"], z[2])
