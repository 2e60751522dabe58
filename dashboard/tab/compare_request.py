"""A request to Compare: the runs to compare at its next visit, kept in the tab's session."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dcgan.runs.run_folder import Run

# Keys of the session.
_RUNS = "compare_requested_runs"
_RACE = "compare_race_of_runs"  # The requested runs, and the name of the race that asked for them.
# Key of the tabs of Compare, and their labels.
TABS, RUNS_TAB, RACE_TAB = "compare-tabs", "Runs", "Race"


def request_comparison(runs: Sequence[Run], race_name: str = "") -> None:
    """Make Compare show these runs; a single one beside another.

    Args:
        runs: The runs.
        race_name: Name of the race that shows them, to which Compare then leads back; "" without.
    """
    names = [run.name for run in runs]
    st.session_state[_RUNS] = names
    st.session_state[_RACE] = names, race_name
    st.session_state[TABS] = RUNS_TAB


def is_comparison_requested() -> bool:
    """Return whether runs were requested that Compare has not shown yet."""
    return _RUNS in st.session_state


def take_compared_runs() -> list[str]:
    """Return the names of the requested runs, once; empty if none was requested since."""
    names: list[str] = st.session_state.pop(_RUNS, [])
    return names


def find_race_of(runs: Sequence[Run]) -> str:
    """Return the name of the race that asked for these runs; "" if other runs are shown."""
    names, race_name = st.session_state.get(_RACE, ([], ""))
    return race_name if sorted(names) == sorted(run.name for run in runs) else ""
