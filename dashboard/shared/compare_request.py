"""A request to Compare: the runs to compare at its next visit, kept in the tab's session."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dcgan.runs.run_folder import Run

# Keys of the session.
_RUNS = "compare_requested_runs"
# Key of the tabs of Compare, and their labels.
TABS, RUNS_TAB, RACE_TAB = "compare-tabs", "Runs", "Race"


def request_comparison(runs: Sequence[Run]) -> None:
    """Make Compare show these runs; a single one beside another."""
    st.session_state[_RUNS] = [run.name for run in runs]
    st.session_state[TABS] = RUNS_TAB


def is_comparison_requested() -> bool:
    """Return whether runs were requested that Compare has not shown yet."""
    return _RUNS in st.session_state


def take_compared_runs() -> list[str]:
    """Return the names of the requested runs, once; empty if none was requested since."""
    names: list[str] = st.session_state.pop(_RUNS, [])
    return names
