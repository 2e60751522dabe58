"""The digits beside an experiment's answer; without a normal run, the included run's digits."""

from __future__ import annotations

from types import SimpleNamespace

from streamlit.testing.v1 import AppTest

from dashboard.experiments.catalog import EXPERIMENTS
from dcgan.config.setting_info import list_settings_that_affect
from dcgan.runs import run_folder
from dcgan.runs.run_folder import open_run


def find_digits() -> None:
    """Find the digits to compare with those of a run that ended."""
    import streamlit as st

    from dashboard.experiments import notes
    from dashboard.experiments.catalog import EXPERIMENTS

    notes.get_note(EXPERIMENTS[1]).ended = st.session_state["ended"]
    st.session_state["found"] = notes.find_normal_digits(EXPERIMENTS[1])


def test_without_a_normal_run_they_are_those_of_the_included_one() -> None:
    page = AppTest.from_function(find_digits)
    page.session_state["ended"] = SimpleNamespace(step=938)
    found = page.run().session_state["found"]
    assert (found.step, found.is_own) == (938, False)
    page.session_state["ended"] = SimpleNamespace(step=100)
    assert page.run().session_state["found"].step < 100


def test_the_included_run_has_the_settings_of_a_normal_one() -> None:
    included, usual = open_run(run_folder.INCLUDED_RUN).config, EXPERIMENTS[0].config
    schedule = list_settings_that_affect("schedule", "saving")
    for name in type(usual).model_fields:
        if name not in schedule:
            assert getattr(included, name) == getattr(usual, name), name
