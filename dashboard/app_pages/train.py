"""Train: start a run, watch it learn, download its pictures.

A run that another process trains can be watched here, but not paused or stopped.
"""

from __future__ import annotations

import streamlit as st

from dashboard.components.focus import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.forms import settings_form, settings_table
from dashboard.server import access
from dashboard.shared import charts_panel, shown_run, verdict_panel
from dashboard.shared.following import follow_external
from dashboard.state.trainer import get_trainer
from dashboard.train import (
    data_panel,
    discriminator_panel,
    interrupted_panel,
    quality_panel,
    queue_panel,
    quiz_panel,
    remedies_panel,
    sample_panel,
    status_panel,
    steering_panel,
    welcome_panel,
)
from dashboard.train.trials_progress import hide_other_run, keep_highest, measure_progress
from dcgan.config_text import hide_dataset_path
from dcgan.errors import RunError
from dcgan.runs.library import find_writing_run

trainer = get_trainer()
may_operate = access.may_operate()
# What comes and goes above the run has a place of its own, so that the run keeps its position:
# Streamlit would otherwise replace it, and with it the charts and the poll that follows it.
above = st.container(key="above-run")
with above:
    shown = shown_run.ask_for_run(trainer)
at_start = shown.snapshot
is_own_active = trainer.snapshot().is_active
# Searched once for each run of the page, as it reads all folders.
writing_run = None if at_start.phase == "idle" else find_writing_run(trainer.root)
# The shown run may be one of another process that has ended while one trains here.
is_form_free = may_operate and not at_start.is_active and not is_own_active
# A remedy that has helped is the next step, so the form of another run is folded below.
has_remedy = verdict_panel.has_helpful_remedy(at_start)
is_form_at_top = is_form_free and not has_remedy


@st.fragment
def watch() -> None:
    """Render the run and follow it; the whole page reruns when a run begins or ends."""
    own, external = follow_external(trainer, shown.name)
    newest = shown_run.find_shown(shown.name, own, external)
    snapshot = newest.snapshot
    if newest.layout_key != shown.layout_key or own.is_active != is_own_active:
        # Not if it could not be started: the run before it is shown again then.
        paths = {None if it.run is None else it.run.path for it in (at_start, snapshot)}
        is_same = newest.name == shown.name and len(paths) == 1
        if at_start.is_active and is_same and not snapshot.is_active:
            st.session_state["ended"] = snapshot.phase
        st.rerun()
    if is_form_free and settings_form.is_filled():  # By a button of the verdict.
        st.rerun()
    if verdict_panel.has_helpful_remedy(snapshot) != has_remedy:
        st.rerun()
    st.set_page_config(page_title=status_panel.format_tab_title(snapshot))
    if snapshot.phase == "idle":  # The welcome is above.
        queue_panel.render_problems(trainer)
        queue_panel.render(trainer)
        return
    trial = trainer.trial_runner.running if newest.name == shown_run.OWN else None
    if trial is not None:
        study = remedies_panel.read_running(trial)
        snapshot = hide_other_run(snapshot, trial, study)
        with st.container(key="run-head"), st.container(key="status", gap="xsmall"):
            progress = keep_highest(measure_progress(snapshot, trial, study), snapshot)
            status_panel.render(trainer, snapshot, progress)
        with st.container(key="run-verdict"):
            remedies_panel.render_running(snapshot, trial, study)
        return
    # Containers hold the places of what may appear later: without them, everything below would be
    # replaced, charts included. `styles/all_pages.css` places those with a key in two columns.
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
        grid = st.container(key="run-grid", gap="xsmall")
        size = st.container(key="run-size", horizontal=True, vertical_alignment="center")
        with grid:
            sample_panel.render(
                snapshot.run, snapshot.num_earlier, size, is_active=snapshot.is_active
            )
        with size:
            welcome_panel.render_write(writing_run, is_small=True)
        # Loading the charts keeps a browser busy for a second, so the first pictures come before.
        if snapshot.sample is not None or snapshot.history:
            with st.container(key="run-charts"):
                options = charts_panel.render(snapshot)
                quality_panel.render(trainer, snapshot, options)
            with st.container(key="run-answers"):
                discriminator_panel.render(trainer, snapshot.run, snapshot.config)
            with st.container(key="run-more"):
                charts_panel.render_more(snapshot, options)
    with st.container(key="run-queue"):
        queue_panel.render(trainer)


def render_settings() -> None:
    """Render the settings of the shown run, folded."""
    if at_start.config is not None:
        with st.expander("Settings of this run", icon=":material/list:"):
            if at_start.run is not None and at_start.run.dataset.note:
                st.caption(escape_markdown(at_start.run.dataset.note))
            settings_table.render(
                at_start.config if may_operate else hide_dataset_path(at_start.config)
            )


def render_form_beside_run(label: str, icon: str, key: str, *, may_start: bool) -> None:
    """Render the form of a new run below one in training, folded; its fields only if it is open."""
    if settings_form.is_filled():  # By the Runs page.
        st.session_state[key] = True
    expander = st.expander(label, icon=icon, key=key, on_change="rerun")
    if expander.open:
        with expander:
            request = (
                settings_form.render(st.container(), is_primary=not has_remedy)
                if may_start
                else settings_form.render_for_queue()
            )
            start_or_queue(request)


def render_extras() -> None:
    """Render what is folded below a run: its data and settings, and what else can be trained."""
    if at_start.run is not None and at_start.run.exists():
        data_panel.render_folded(trainer, at_start.run)
    if has_trials:
        return
    if is_own_active:
        if at_start.is_here and at_start.run is not None and may_operate:
            steering = st.expander(
                "Steer this run", icon=":material/tune:", key="steer", on_change="rerun"
            )
            if steering.open:
                with steering:
                    steering_panel.render(trainer, at_start.run)
        render_settings()
        if may_operate:
            render_form_beside_run(
                "Queue another run", ":material/playlist_add:", "queue-another", may_start=False
            )
    elif at_start.is_active:  # A run of another process does not prevent training here.
        render_settings()
        if may_operate:
            render_form_beside_run(
                "Train another run here", ":material/add:", "train-here", may_start=True
            )
    else:
        render_settings()
        if is_form_free and not is_form_at_top:
            render_form_beside_run("Start a new run", ":material/add:", "new-run", may_start=True)


def render_start() -> None:
    """Render what the page has at its top while nothing trains: the button and the settings."""
    if at_start.phase == "idle":
        start, settings = welcome_panel.render(trainer), st.container()
    elif is_form_at_top:
        start, settings = st.columns([1, 3])
    if is_form_at_top:
        with settings:
            if at_start.phase == "idle":
                request = settings_form.render(start, shows_classes=True)
                interrupted_panel.render(trainer, start)
            else:  # The play icon is that of the run's own button.
                request = settings_form.render(
                    start,
                    icon=":material/add:",
                    is_primary=not status_panel.is_continuing_primary(at_start)
                    and not verdict_panel.has_primary_action(at_start),
                    may_reset=verdict_panel.is_alarm(at_start),
                    is_beside_run=True,
                )
        with start:
            start_or_queue(request)


@access.operators_only
def start_or_queue(request: settings_form.TrainingRequest | None) -> None:
    """Start the requested run, or add the requested runs to the queue."""
    if request is None:
        return
    try:
        if request.is_for_later:
            trainer.queue_runner.add(request.configs)
        elif not trainer.start(request.configs[0]):
            st.toast("A run was already training; here it is.", icon=":material/info:")
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    request_focus("status")
    st.rerun()


ended = st.session_state.pop("ended", None)
if trainer.trial_runner.is_busy:
    ended = None  # The run was stopped to try its remedies, or a trial has ended.
if ended == "finished":
    st.toast("Training is done. The run is saved.", icon=":material/check:")
elif ended == "stopped":
    hint = " Settings for the next run are above." if settings_form.is_filled() else ""
    st.toast(f"Run saved.{hint}", icon=":material/check:")
elif ended == "interrupted":
    st.toast("The process that trained it ended without saving.", icon=":material/bolt:")

run_page = st.container(key="run-page")
welcome = above.empty()  # Cleared at once, not when the whole page of a run is there.
with run_page:
    form_place = st.container(key="run-form")
if at_start.phase == "idle":
    with welcome.container():
        render_start()
        if may_operate:
            remedies_panel.render_interrupted(trainer)
else:
    welcome.empty()
    if not at_start.is_active:
        with form_place:
            render_start()
# The trials of remedies have the page to themselves.
has_trials = shown.name == shown_run.OWN and trainer.trial_runner.running is not None
has_pictures = at_start.run is not None and at_start.sample is not None and at_start.run.exists()
with run_page:
    watch()
    if at_start.run is not None and has_pictures and not has_trials:
        with st.container(key="run-play", horizontal=True, gap="xsmall"):
            quiz_panel.render(trainer, at_start.run)
            sample_panel.render_film(at_start.run)
        with st.container(key="run-downloads", horizontal=True, gap="xsmall"):
            sample_panel.render_downloads(at_start.run)
if at_start.phase == "idle":
    welcome_panel.render_data(trainer)
else:
    with run_page, st.container(key="run-extras"):
        render_extras()
