"""A request to Compare: the run to compare at its next visit, kept in the tab's session."""

from __future__ import annotations

import streamlit as st

from dcgan.runs.run_folder import Run

# Keys of the session.
_RUN = "compare_run"


def request_comparison(run: Run) -> None:
    """Make Compare show a run beside another."""
    st.session_state[_RUN] = run.name


def is_comparison_requested() -> bool:
    """Return whether a run was requested that Compare has not shown yet."""
    return _RUN in st.session_state


def take_compared_run() -> str | None:
    """Return the name of the requested run, once; None if none was requested since."""
    name: str | None = st.session_state.pop(_RUN, None)
    return name
