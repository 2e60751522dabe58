"""A line on the race to which the run in training belongs, with a button to the race."""

from __future__ import annotations

import streamlit as st

from dashboard.shared import compare_address
from dashboard.snapshots.snapshot import Snapshot


def render(snapshot: Snapshot) -> None:
    """Render the line; nothing for a run that no race has started."""
    queued = snapshot.queued
    if not snapshot.is_active or queued is None or not queued.race:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"This is run {queued.run_index + 1} of a race.", width="content")
        if st.button(
            "Show the race", type="tertiary", icon=":material/sports_score:", key="show-race-of-run"
        ):
            compare_address.open_race(queued.race)
            st.switch_page("app_pages/compare.py")
