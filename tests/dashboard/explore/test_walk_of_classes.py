"""A walk from class to class, in a run that learned the classes."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.explore import interpolation_panel, pins_panel
from dashboard.explore.vector_choice import SELECTED
from dashboard.state import findings_cache
from dashboard.state.generator_source import GeneratorSource
from dcgan.runs.pins import Pin
from dcgan.runs.run_folder import Run
from tests.dashboard.explore.examples import DIGITS


def page() -> None:
    """Render the walk for the source that a test has put there, and keep what was shown."""
    import streamlit as st

    from dashboard.explore import class_choice, interpolation_panel

    source = class_choice.ask_for_class(st.session_state["source"])
    interpolation_panel.render(source)
    st.session_state["shown"] = interpolation_panel.get_shown_classes(source)


@pytest.fixture
def walk(class_run: Run, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return the panel before the digits are sorted, with a pin of a 7."""
    pin = Pin(name="mine", z=(1.0, 0.0, 0.0, 0.0), class_name="7")
    monkeypatch.setattr(findings_cache, "get_findings", lambda source: None)
    monkeypatch.setattr(pins_panel, "list_pins", lambda source: [pin])
    found = AppTest.from_function(page, default_timeout=60)
    found.session_state["source"] = GeneratorSource(class_run, 0)
    found.run()
    assert not found.exception
    return found


def find_ends(walk: AppTest) -> list[str]:
    """Return the classes at both ends, each of which has all the weight there."""
    weights = walk.session_state["shown"]
    ends = weights[[0, -1]]
    np.testing.assert_allclose(np.sort(ends)[:, -2:], [[0, 1], [0, 1]], atol=0.01)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    return [DIGITS[place] for place in ends.argmax(axis=1)]


def test_a_walk_leads_from_a_3_to_an_8_or_another_class(walk: AppTest) -> None:
    assert find_ends(walk) == ["3", "8"]
    assert walk.session_state["shown"][4].max() < 1  # Between the stops.
    walk.selectbox(key="walk_class_Seed 2").select("5").run()
    assert find_ends(walk) == ["3", "5"]
    walk.toggle(key="walk_even").set_value(True).run()
    assert find_ends(walk) == ["3", "5"]
    assert not walk.exception


def test_a_pin_comes_in_its_class_and_the_selected_digit_in_the_chosen_one(walk: AppTest) -> None:
    walk.multiselect[0].set_value([SELECTED, "Pin: mine"]).run()
    assert find_ends(walk) == ["3", "7"]
    assert [box.label for box in walk.selectbox] == ["Pin\\: mine as"]
    walk.session_state["explore_class"] = "4"
    walk.run()
    assert find_ends(walk) == ["4", "7"]


def test_a_run_of_other_classes_has_a_walk_between_those(walk: AppTest, class_run: Run) -> None:
    class_run.config = class_run.config.replace(class_names=tuple("abcdefghij"))
    walk.session_state["source"] = GeneratorSource(class_run, 0)
    walk.run()
    assert not walk.exception
    assert [box.value for box in walk.selectbox] == ["a", "b"]


def test_a_digit_of_the_walk_is_drawn_in_its_class(
    walk: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpolation_panel, "render_tiles", lambda *_, **__: 7)
    walk.run()
    assert not walk.exception
    assert walk.session_state["explore_class"] == "8"
