"""The hint to the included run below a person's own run of less than an epoch."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shared.run_labels import EXPERIMENT_TITLE
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun


def script() -> None:
    """Render the hint of the run `first`, as if it had trained for the steps that a test chose."""
    import streamlit as st

    from dashboard.shared import short_run
    from dashboard.state.trainer import get_trainer
    from dcgan.runs.library import find_run

    short_run.render(find_run("first", get_trainer().root), st.session_state["step"])


def list_buttons(step: int) -> list[str]:
    page = AppTest.from_function(script, default_timeout=60)
    page.session_state["step"] = step
    page.run()
    assert not page.exception
    return [button.label for button in page.button]


@pytest.fixture
def own(new_run: NewRun, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a run of the pictures that an included run has learned, with 13 steps an epoch."""
    included = new_run("included")
    monkeypatch.setattr("dcgan.runs.run_folder.INCLUDED_RUN", included.path)
    return new_run("first")


@pytest.mark.usefixtures("own")
def test_a_run_of_less_than_an_epoch_leads_to_the_included_one() -> None:
    assert list_buttons(12) == ["Explore the included run"]
    assert list_buttons(13) == []


def test_the_run_of_an_experiment_needs_no_hint(own: Run) -> None:
    own.write_label(f"{EXPERIMENT_TITLE}Make it collapse", note="")
    assert list_buttons(12) == []


@pytest.mark.usefixtures("new_run")
def test_a_run_of_other_pictures_has_no_included_run_to_look_at(new_run: NewRun) -> None:
    new_run("first")
    assert list_buttons(12) == []
