"""The hint that a person's own run is short; its button leads to the included run."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.run_facts.labels import EXPERIMENT_TITLE
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun


def render_hint() -> None:
    """Render the hint of the run `first` for the session's number of trained steps."""
    import streamlit as st

    from dashboard.state.trainer import get_trainer
    from dashboard.tab import short_run
    from dcgan.runs.library import find_run

    short_run.render(find_run("first", get_trainer().root), st.session_state["step"])


def list_buttons_at_step(step: int) -> list[str]:
    page = AppTest.from_function(render_hint, default_timeout=60)
    page.session_state["step"] = step
    page.run()
    assert not page.exception
    assert all("Better digits take longer." in text.value for text in page.markdown)
    assert all(button.help.startswith("It trained for ") for button in page.button)
    return [button.label for button in page.button]


@pytest.fixture
def own_run(new_run: NewRun, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a run of the pictures that an included run has learned, with 13 steps an epoch."""
    included = new_run("included")
    monkeypatch.setattr("dcgan.installation.INCLUDED_RUN", included.path)
    return new_run("first")


@pytest.mark.usefixtures("own_run")
def test_a_run_of_less_than_an_epoch_leads_to_the_included_one() -> None:
    assert list_buttons_at_step(12) == ["Explore the included run"]
    assert list_buttons_at_step(13) == []


def test_the_run_of_an_experiment_needs_no_hint(own_run: Run) -> None:
    own_run.write_label(f"{EXPERIMENT_TITLE}Speed the generator up", note="")
    assert list_buttons_at_step(12) == []


@pytest.mark.usefixtures("new_run")
def test_a_run_of_other_pictures_has_no_included_run_to_look_at(new_run: NewRun) -> None:
    new_run("first")
    assert list_buttons_at_step(12) == []
