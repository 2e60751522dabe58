"""The panel of the walk in a run that learned the digits."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import run_pins
from dcgan.runs.pins import Pin
from dcgan.runs.run_folder import Run


def render_walk() -> None:
    """Render the walk for the source that a test has put there, and keep what was shown."""
    import streamlit as st

    from dashboard.recipes import class_choice
    from dashboard.walks import interpolation_panel, walk_stops

    source = class_choice.ask_for_class(st.session_state["source"])
    walk_stops.refresh_first_stops(source)
    st.session_state.setdefault("first", interpolation_panel.get_shown_walk(source))
    interpolation_panel.render(source)
    st.session_state["z"], st.session_state["shown"] = interpolation_panel.get_shown_walk(source)


@pytest.fixture
def walk(class_run: Run, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return the panel before the digits are sorted, with a pin of a 7."""
    pin = Pin(name="mine", z=(1.0, 0.0, 0.0, 0.0), class_name="7")
    monkeypatch.setattr(findings_cache, "get_findings", lambda source: None)
    monkeypatch.setattr(run_pins, "list_pins", lambda source: [pin])
    panel = AppTest.from_function(render_walk, default_timeout=60)
    panel.session_state["source"] = GeneratorSource(class_run, 0)
    panel.run()
    assert not panel.exception
    return panel
