"""The panels folded below a run: its data and settings, its steering, and the form of a new run."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.forms import settings_table
from dashboard.run_facts import folder_name
from dashboard.state.trainer import Trainer
from dashboard.train import new_run_panel, steering_panel
from dashboard.train.page_state import PageState
from dashboard.welcome import data_panel
from dcgan.config.config_text import hide_dataset_path
from dcgan.runs.run_folder import Run


def render(trainer: Trainer, page_state: PageState) -> None:
    """Render the panels that are folded below the shown run; while trials train, only its data."""
    snapshot = page_state.snapshot
    if snapshot.run is not None and snapshot.run.exists():
        data_panel.render_folded(trainer, snapshot.run, "Data")
    if page_state.has_trials:
        return
    is_own_shown = page_state.is_own_active and snapshot.is_of_this_process
    if is_own_shown and snapshot.run is not None and page_state.may_operate:
        _render_steering(trainer, snapshot.run)
    _render_settings(page_state)
    _render_new_run(trainer, page_state)


def _render_steering(trainer: Trainer, run: Run) -> None:
    steering = st.expander("Steer this run", icon=":material/tune:", key="steer", on_change="rerun")
    if steering.open:
        with steering:
            steering_panel.render(trainer, run)


def _render_settings(page_state: PageState) -> None:
    """Render the settings of the shown run."""
    run, config = page_state.snapshot.run, page_state.snapshot.config
    if config is None:
        return
    with st.expander("Settings of this run", icon=":material/list:"):
        if run is not None:
            folder_name.render(run)
        if run is not None and run.dataset.summary:
            st.caption(escape_markdown(run.dataset.summary))
        settings_table.render(config if page_state.may_operate else hide_dataset_path(config))


def _render_new_run(trainer: Trainer, page_state: PageState) -> None:
    """Render the form of a new run, unless it is above the shown one."""
    if not page_state.may_operate:
        return
    if page_state.is_own_active:
        new_run_panel.render_folded(
            trainer,
            page_state,
            "Queue another run",
            ":material/playlist_add:",
            "queue-another",
            may_start=False,
        )
    elif page_state.snapshot.is_active:  # A run of another process does not prevent training here.
        new_run_panel.render_folded(
            trainer,
            page_state,
            "Train another run here",
            ":material/add:",
            "train-here",
            may_start=True,
        )
    elif not page_state.is_form_at_top:
        new_run_panel.render_folded(
            trainer, page_state, "Start a new run", ":material/add:", "new-run", may_start=True
        )
