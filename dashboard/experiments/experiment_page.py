"""The page of one experiment: question, prediction, run and answer."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import TEXT_WIDTH, escape_markdown, keep_together
from dashboard.experiments import (
    answer_panel,
    experiment_view,
    lesson_runs,
    student_work,
    walk_panel,
)
from dashboard.experiments.catalog import EXPERIMENTS, get_experiment_number
from dashboard.experiments.experiment import (
    COMMON_SETTINGS,
    MAX_SECONDS,
    Experiment,
    estimate_seconds,
)
from dashboard.experiments.student_work import StudentWork
from dashboard.process.storage_limits import LimitError
from dashboard.snapshots.followed_run import read_snapshot
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state import current_training
from dashboard.state.trainer import Trainer
from dashboard.tab import shown_run
from dashboard.tab.following import follow
from dashboard.wording.glossary import explain_setting
from dashboard.wording.messages import render_run_error
from dcgan.durations import describe_roughly, describe_seconds

_MAX_SAVE_SECONDS = 60.0  # Wait for the last step and for saving a run that is stopped.


def render(trainer: Trainer, experiment: Experiment) -> None:
    """Render the page of an experiment."""
    work = student_work.get_work(experiment)
    newest = permissions.hide_others_ended_run(trainer.snapshot())
    snapshot = _find_run(newest, work, experiment)
    if snapshot is not None and not snapshot.is_active and work.ended is not snapshot:
        student_work.record_answer(experiment, work, snapshot)
        request_focus("experiment-answer")
        st.rerun()  # The page frame moves the focus, and it was rendered before the request.
    with (
        st.container(key=student_work.EXPERIMENT_KEY),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        st.button(
            "All experiments",
            icon=":material/arrow_back:",
            key="experiment-list",
            on_click=student_work.open_experiment,
            args=(None,),
        )
        number = get_experiment_number(experiment)
        st.caption(f"Experiment {number} of {len(EXPERIMENTS)}", width="content")
        st.title(experiment.title, anchor=False, width="content")
    with st.container(width=TEXT_WIDTH):
        st.markdown(experiment.question)
        _render_changes(experiment, has_run=snapshot is not None)
        _ask_for_prediction(experiment, work, snapshot)
    _render_run(trainer, experiment, newest, snapshot)


def _render_run(
    trainer: Trainer, experiment: Experiment, newest: Snapshot, snapshot: Snapshot | None
) -> None:
    """Render the start button, the run or its answer; for the walk render the walks.

    Args:
        trainer: The trainer.
        experiment: The experiment.
        newest: Snapshot of the trainer, which may train another run.
        snapshot: Snapshot of the experiment's run; None before there is one.
    """
    work = student_work.get_work(experiment)
    if experiment.find_answer is None:
        walk_panel.render(trainer, experiment, work)
        return
    has_answer = snapshot is not None and not snapshot.is_active and bool(snapshot.history)
    if has_answer:
        with st.container(key="experiment-answer"):
            # Side by side, so that a person can see the pictures while reading the answer; on a
            # phone they come first.
            run_place, answer_place = st.columns([1, 2], gap="medium")
    else:
        answer_place, run_place = st.container(), st.container()
    with run_place:
        _watch(trainer, experiment, _get_layout(newest, snapshot))
    if snapshot is None or not (snapshot.is_active or snapshot.history):
        _render_start(trainer, experiment, work, newest, snapshot)
    elif not snapshot.is_active:
        with answer_place:
            answer_panel.render(experiment, work)
            experiment_view.render_observations(experiment, snapshot)
            answer_panel.render_reason(experiment, work)
            _render_again(trainer, experiment, newest)
        # Stays at the lower edge of the window while the answer is read.
        with st.container(key="experiment-next-row"):
            answer_panel.render_next_step(experiment, work)


def _render_changes(experiment: Experiment, *, has_run: bool) -> None:
    """Render what the experiment changes; once there is a run, the rest is in its help."""
    if experiment.changed_settings:
        text = f"{escape_markdown(experiment.changed_settings)}."
        explanation = explain_setting(next(iter(experiment.changes)))
        if has_run:
            st.caption(text, help=f"{explanation}\n\n{COMMON_SETTINGS}")
        else:
            st.caption(f"Changed setting. {text} {COMMON_SETTINGS}", help=explanation)
    elif experiment.find_answer is not None and not has_run:
        st.caption(COMMON_SETTINGS)


def _ask_for_prediction(
    experiment: Experiment, work: StudentWork, snapshot: Snapshot | None
) -> None:
    """Render the choice of a prediction; once there is a run, only the chosen one."""
    if work.is_answered:  # The answer repeats the prediction.
        return
    if work.prediction is not None and (snapshot is not None or work.answer is not None):
        st.markdown(f"**Your prediction.** {experiment.predictions[work.prediction]}")
        return
    work.prediction = st.radio(
        "Your prediction",
        range(len(experiment.predictions)),
        work.prediction,
        format_func=experiment.predictions.__getitem__,
        key=f"prediction-{experiment.key}",
    )


def _find_run(newest: Snapshot, work: StudentWork, experiment: Experiment) -> Snapshot | None:
    """Return the snapshot of the experiment's run; None if there is none yet.

    Any run in training with the experiment's settings counts as its run. So the page finds the run
    again after a reload, and all students of a class that shares a server see it.
    """
    if experiment.find_answer is None:
        return None
    if newest.is_active and newest.config == experiment.config:
        work.config = newest.config
    folder = None if newest.run is None else newest.run.path
    if work.config is not None and newest.config == work.config:
        work.folder = folder or work.folder
        return newest
    if folder is not None and folder == work.folder:
        return newest  # With other settings: after it diverged, its learning rates were lowered.
    if work.ended is None and work.folder is not None:
        return read_snapshot(work.folder)  # Another run has begun while the student was elsewhere.
    return work.ended


def _get_layout(newest: Snapshot, snapshot: Snapshot | None) -> tuple[object, ...]:
    """Return the state that decides which parts the page has; a change reruns the page."""
    return newest.is_active, None if snapshot is None else (
        snapshot.is_active,
        snapshot.run is None,
    )


@st.fragment
def _watch(trainer: Trainer, experiment: Experiment, layout: tuple[object, ...]) -> None:
    """Render the run and follow it; the whole page reruns when a run begins or ends.

    Buttons are outside this fragment, because a click in a fragment reruns only the fragment.
    """
    newest = follow(trainer)
    snapshot = _find_run(newest, student_work.get_work(experiment), experiment)
    if _get_layout(newest, snapshot) != layout:
        st.rerun()
    if snapshot is None or not (snapshot.is_active or snapshot.history):
        return
    if snapshot.is_active and snapshot.run is not None:
        lesson_runs.name_run(snapshot.run, experiment, student_work.get_work(experiment).prediction)
    normal = None if snapshot.is_active else student_work.find_normal_digits(experiment)
    experiment_view.render(trainer, experiment, snapshot, normal)


def _render_start(
    trainer: Trainer,
    experiment: Experiment,
    work: StudentWork,
    newest: Snapshot,
    snapshot: Snapshot | None,
) -> None:
    """Render the start button, with a warning if it stops a run in training."""
    if snapshot is not None and snapshot.message:
        render_run_error(snapshot.message, snapshot.config)
    if not permissions.may_operate():
        st.info(
            f"{_explain_refusal(trainer)} The last experiment, the walk, trains nothing: everybody "
            "can do it."
        )
        return
    label = "Start the experiment"
    if kind := current_training.name_kind(trainer):
        label = f"Stop {kind} and start the experiment"
        stops = escape_markdown(current_training.describe_stop(trainer))
        st.info(stops, icon=":material/model_training:")
    is_pressed = st.button(
        "Start the experiment" if work.prediction is None else label,
        type="primary",
        icon=":material/play_arrow:",
        key="start-experiment",
        disabled=work.prediction is None,
    )
    if work.prediction is None:
        st.caption("Choose a prediction first.")
    else:
        st.caption(_describe_duration(experiment, newest))
    answer_panel.render_continue(trainer)
    if is_pressed:
        _start(trainer, experiment, work, newest)


def _explain_refusal(trainer: Trainer) -> str:
    if trainer.demo is not None:
        return (
            "This demo cannot train experiments, because they take too long. Install the program "
            "to run them."
        )
    return "Only operators of this server can start the run."


def _describe_duration(experiment: Experiment, newest: Snapshot) -> str:
    limit = keep_together(describe_seconds(MAX_SECONDS))
    seconds = estimate_seconds(experiment, newest)
    if seconds is None:
        return (
            f"Usually takes about {experiment.seconds} seconds; on a slow or busy computer up to "
            f"{limit}."
        )
    duration = keep_together(describe_roughly(seconds))
    return (
        f"Takes {duration} at the speed of the last run here; it ends after {limit} at the latest."
    )


def _render_again(trainer: Trainer, experiment: Experiment, newest: Snapshot) -> None:
    if newest.is_active or not permissions.may_operate():
        return
    work = student_work.get_work(experiment)
    with st.container(horizontal=True):
        if st.button(
            "Run it again",
            type="primary" if work.needs_another_run else "secondary",
            icon=":material/replay:",
            key="experiment-again",
        ):
            _start(trainer, experiment, work, newest)
        has_failed = (
            experiment.is_failure
            and work.answer is not None
            and work.answer.outcome == experiment.expected
        )
        if newest is work.ended and st.button(
            "Fix it on the Train page" if has_failed else "Open it on the Train page",
            icon=":material/healing:" if has_failed else ":material/model_training:",
            key="experiment-train",
            help="The Train page has a verdict. **Test remedies** there shows which change helps "
            "most."
            if has_failed
            else "The Train page has a verdict on the run and suggests what may help.",
        ):
            shown_run.request_run(shown_run.OWN)
            st.switch_page("app_pages/train.py")
        answer_panel.render_continue(trainer)


@permissions.operators_only
def _start(trainer: Trainer, experiment: Experiment, work: StudentWork, running: Snapshot) -> None:
    """Start the run; first stop and save the run that the page showed as training."""
    if running.is_active:
        trial = trainer.trial_runner.running
        # A trial's folder is deleted with its study, so the studied run is remembered instead; a
        # run of a race would be trained too long if it alone were continued.
        interrupted = current_training.find_race(trainer) or running.run
        if trial is not None:
            interrupted = trial.run
        if trainer.tuning_runner.is_busy:  # Its own page continues it.
            interrupted = None
        # Before the run is stopped, because a poll of the page can interrupt the script where the
        # spinner ends. The script then runs again with the pressed button and a stopped run.
        student_work.remember_interrupted(interrupted)
        with st.spinner("Saving the run in training"):
            trainer.skip_measuring()
            trainer.stop(running.run)
            if not trainer.join(_MAX_SAVE_SECONDS):
                st.warning("The run is still being saved. Try again in a moment.")
                return
    try:
        is_started = trainer.start(experiment.config)
    except LimitError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    if not is_started:
        st.toast("Another run has just started.", icon=":material/info:")
    else:
        work.config, work.folder = trainer.snapshot().config, None
        work.ended, work.answer = None, None
        # The focus goes to the top, not to the run, so that the title and question stay in sight.
        request_focus(student_work.EXPERIMENT_KEY)
    st.rerun()
