"""The watched run: the fragment that follows it, and the note that it has ended."""

from __future__ import annotations

import streamlit as st

from dashboard.charts import charts_panel
from dashboard.forms import settings_form
from dashboard.quality import quality_panel
from dashboard.remedies import remedies_panel
from dashboard.remedies.trials_progress import hide_other_run, keep_highest, measure_progress
from dashboard.run_facts import verdict_state
from dashboard.runners.trial_runner import RunningTrial
from dashboard.runners.tuning_runner import RunningTuning
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dashboard.tab import short_run, shown_run
from dashboard.tab.following import follow_external
from dashboard.tab.shown_run import ShownRun
from dashboard.train import (
    discriminator_panel,
    precise_distance,
    queue_panel,
    sample_panel,
    status_panel,
    verdict_panel,
)
from dashboard.train.page_state import PageState
from dashboard.tuning import tuning_panel

# Keys of the session.
_END_PHASE = "end_phase"  # Phase in which the watched run has ended, until `toast_end` shows it.


def toast_end(trainer: Trainer) -> None:
    """Show once that the watched run has ended."""
    phase = st.session_state.pop(_END_PHASE, None)
    if trainer.trial_runner.is_busy or trainer.tuning_runner.is_busy:
        return  # The run was stopped to try its remedies, or one of several runs has ended.
    if phase == "finished":
        st.toast("Training is done. The run is saved.", icon=":material/check:")
    elif phase == "stopped":
        hint = " Settings for the next run are above." if settings_form.is_filled() else ""
        st.toast(f"Run saved.{hint}", icon=":material/check:")
    elif phase == "interrupted":
        st.toast("The process that trained it ended without saving.", icon=":material/bolt:")


@st.fragment
def watch(trainer: Trainer, page_state: PageState) -> None:
    """Render the run and follow it; the whole page reruns when a run begins or ends."""
    own_snapshot, external = follow_external(trainer, page_state.shown.name)
    newest = shown_run.find_shown_run(page_state.shown.name, own_snapshot, external)
    _rerun_if_layout_changes(page_state, newest, is_own_active=own_snapshot.is_active)
    st.set_page_config(page_title=status_panel.format_tab_title(newest.snapshot))
    if newest.snapshot.phase == "idle":  # The welcome is above.
        queue_panel.render_problems(trainer)
        queue_panel.render(trainer)
        return
    is_own = newest.name == shown_run.OWN
    trial = trainer.trial_runner.running if is_own else None
    tuning = trainer.tuning_runner.running if is_own else None
    if tuning is not None:
        _render_tuning(trainer, newest.snapshot, tuning)
    elif trial is not None:
        _render_trial(trainer, newest.snapshot, trial)
    else:
        _render_run(trainer, newest.snapshot)


def _rerun_if_layout_changes(
    page_state: PageState, newest: ShownRun, *, is_own_active: bool
) -> None:
    """Rerun the whole page if it would now have other parts than it was rendered with."""
    has_changed = newest.layout_key != page_state.shown.layout_key
    if has_changed or is_own_active != page_state.is_own_active:
        _record_end(page_state.shown, newest)
        st.rerun()
    if page_state.is_form_free and settings_form.is_filled():  # By a button of the verdict.
        st.rerun()
    if verdict_state.has_helpful_remedy(newest.snapshot) != page_state.has_remedy:
        st.rerun()


def _record_end(before: ShownRun, newest: ShownRun) -> None:
    """Record for `toast_end` the phase in which a run has ended, if it has."""
    # Not if a run could not be started: in that case the previous run is shown again.
    runs = before.snapshot.run, newest.snapshot.run
    paths = {None if run is None else run.path for run in runs}
    is_same = newest.name == before.name and len(paths) == 1
    if is_same and before.snapshot.is_active and not newest.snapshot.is_active:
        st.session_state[_END_PHASE] = newest.snapshot.phase


def _render_trial(trainer: Trainer, snapshot: Snapshot, trial: RunningTrial) -> None:
    """Render the trial of a remedy that trains now, with the results of those before it."""
    study = remedies_panel.read_running(trial)
    snapshot = hide_other_run(snapshot, trial, study)
    with st.container(key="run-head"), st.container(key="status", gap="xsmall"):
        progress = keep_highest(measure_progress(snapshot, trial, study), snapshot)
        status_panel.render(trainer, snapshot, progress)
    with st.container(key="run-verdict"):
        remedies_panel.render_running(snapshot, trial, study)


def _render_tuning(trainer: Trainer, snapshot: Snapshot, tuning: RunningTuning) -> None:
    """Render the progress of a tuning, and the newest pictures of its run in training."""
    with st.container(key="run-head"):
        tuning_panel.render_running(trainer, snapshot, tuning)
    if snapshot.run is not None:
        with st.container(key="run-grid", gap="xsmall"):
            sample_panel.render(snapshot.run, snapshot.num_earlier, is_active=snapshot.is_active)


def _render_run(trainer: Trainer, snapshot: Snapshot) -> None:
    """Render all panels of a run, and the queue."""
    # Containers reserve places for elements that may appear later. Without them, Streamlit would
    # replace everything below, charts included. `styles/all_pages.css` lays out those with a key.
    with st.container(key="run-head"), st.container(key="status", gap="xsmall"):
        status_panel.render(trainer, snapshot)
    with st.container(key="run-verdict"):
        with st.container():
            verdict_panel.render(trainer, snapshot)
        with st.container():
            queue_panel.render_problems(trainer)
        if snapshot.run is not None:
            with st.container():
                remedies_panel.render(trainer, snapshot.run, snapshot.step)
    if snapshot.run is not None and snapshot.config is not None:
        with st.container(key="run-grid", gap="xsmall"):
            moment = sample_panel.render(
                snapshot.run, snapshot.num_earlier, is_active=snapshot.is_active
            )
            if not snapshot.is_active and snapshot.history:  # Below the digits: they do not move.
                short_run.render(snapshot.run, snapshot.step)
        # Loading the charts keeps a browser busy for a second, so the first pictures come before.
        if snapshot.sample is not None or snapshot.history:
            with st.container(key="run-charts"):
                options = charts_panel.render(snapshot, moment)
                quality_panel.render(
                    snapshot, options, precise_distance.find_measurement_at_end(snapshot)
                )
            with st.container(key="run-answers"):
                discriminator_panel.render(trainer, snapshot.run, snapshot.config, snapshot.history)
            with st.container(key="run-more"):
                charts_panel.render_more(snapshot, options)
                quality_panel.render_details(trainer, snapshot)
    with st.container(key="run-queue"):
        queue_panel.render(trainer)
