"""A line on the race or the experiment that trained a run, with a button that goes back to it."""

from __future__ import annotations

import streamlit as st

from dashboard.run_facts.labels import is_experiment
from dashboard.run_facts.raced_runs import map_raced_runs
from dashboard.snapshots.snapshot import Snapshot
from dashboard.tab import compare_address

_KEY = "series-note"  # See `styles/all_pages.css`.


def render(snapshot: Snapshot) -> None:
    """Render the line; nothing for a run that a person has started."""
    queued, run = snapshot.queued, snapshot.run
    if snapshot.is_active:
        if queued is not None and queued.race:
            _render_race(f"This is run {queued.run_index + 1} of a race.", queued.race)
    elif run is not None and not run.is_read_only:
        raced = map_raced_runs(run.path.parent).get(run.name)
        if raced is not None:
            end = "" if raced.is_race_complete else ", which is not complete"
            _render_race(f"This is run {raced.index + 1} of a race{end}.", raced.race.name)
        elif is_experiment(run):
            _render_experiment()


def _render_race(text: str, race: str) -> None:
    with st.container(key=_KEY, horizontal=True, vertical_alignment="center"):
        st.caption(text, width="content")
        if st.button(
            "Show the race", type="tertiary", icon=":material/sports_score:", key="show-race-of-run"
        ):
            compare_address.open_race(race)
            st.switch_page("app_pages/compare.py")


def _render_experiment() -> None:
    with st.container(key=_KEY, horizontal=True, vertical_alignment="center"):
        st.caption("This is the run of an experiment on Learn.", width="content")
        if st.button(
            "Show the experiments",
            type="tertiary",
            icon=":material/school:",
            key="show-experiments",
        ):
            st.switch_page("app_pages/learn.py")
