"""A sentence that the status of a run shows as long as it trains, in one tab."""

from __future__ import annotations

import streamlit as st

from dcgan.runs.run_folder import Run

ANNOUNCED_RUN = "announced_run"  # Name of a run, and a sentence for it.


def announce(run: Run, words: str) -> None:
    """Show a sentence with the status of a run as long as it trains, in this tab."""
    st.session_state[ANNOUNCED_RUN] = run.name, words
