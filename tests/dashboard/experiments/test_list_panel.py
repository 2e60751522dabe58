"""The list of the experiments: how it marks one whose run has not ended."""

from __future__ import annotations

import pytest

from dashboard.snapshots.snapshot import Phase, Snapshot
from tests.dashboard.rendering import list_buttons, prepare_panel, run_page


def render_entry() -> None:
    """Render the button of the second experiment as a script."""
    import streamlit as st

    from dashboard.experiments import list_panel
    from dashboard.experiments.catalog import EXPERIMENTS

    list_panel._render_entry(EXPERIMENTS[1], st.session_state["active"])


@pytest.mark.parametrize(
    ("phase", "state"),
    [
        ("running", " – **training now**"),
        ("pausing", " – **paused**"),
        ("paused", " – **paused**"),
        (None, ""),
    ],
)
def test_a_paused_experiment_is_not_said_to_train(phase: Phase | None, state: str) -> None:
    active = None if phase is None else Snapshot(phase=phase)
    page = run_page(prepare_panel(render_entry, active=active))
    assert list_buttons(page) == [f"2. Speed the generator up{state}"]
