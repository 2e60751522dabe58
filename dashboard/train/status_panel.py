"""The status of the shown run: badge, commands, progress and four numbers."""

from __future__ import annotations

import html
import math
import platform
from typing import Literal

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.components.styling import render_moving_bar
from dashboard.forms import settings_form
from dashboard.remedies.trials_progress import TrialsProgress
from dashboard.run_facts import status_badge, verdict_state
from dashboard.run_facts.labels import describe_best_checkpoint, find_best_step, find_hidden_start
from dashboard.run_facts.raced_runs import describe_trained, is_needed_unchanged
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.demo import Demo
from dashboard.state.trainer import Trainer
from dashboard.tab.continue_run import continue_or_toast, plan_more
from dashboard.tab.explore_request import request_generator
from dashboard.train import series_note
from dashboard.wording.glossary import explain
from dashboard.wording.messages import ANNOUNCED_RUN, render_run_error
from dcgan.config.named_datasets import get_picture_noun
from dcgan.durations import describe_roughly, describe_seconds
from dcgan.evaluation.evaluations_since_change import find_convergence_event
from dcgan.reports import EventReport
from dcgan.runs.run_folder import Run

# Pixels; fixed, so that a longer number does not move its neighbours.
_NUMBER_WIDTH = 140
_WIDE_NUMBER_WIDTH = 230
_ALL_TRIALS = "An estimate of the time until all trials have been trained and measured."


def render(trainer: Trainer, snapshot: Snapshot, trials: TrialsProgress | None = None) -> None:
    """Render the status of a run; with its commands if it is the trainer's own.

    Args:
        trainer: The trainer of this process.
        snapshot: The run.
        trials: If the run is a trial of a remedy, the progress of all trials.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="run-title"):
        with st.container(horizontal=True, vertical_alignment="center", key="run-name"):
            status_badge.render(snapshot.phase)
            if snapshot.run is not None:
                _render_title(snapshot.run)
        with st.container(horizontal=True, width="content", key="run-commands"):
            if snapshot.is_active and snapshot.is_of_this_process:
                _render_commands(trainer, snapshot)
            elif not snapshot.is_active and snapshot.run is not None and snapshot.run.exists():
                _render_ended_buttons(trainer, snapshot.run, snapshot)
    # In a container of fixed height, because for a moment both bars are there.
    with st.container(key="run-bar"):
        if trials is None and snapshot.is_active and snapshot.last is None:
            render_moving_bar()
        else:
            st.progress(snapshot.share_done if trials is None else trials.share_done)
    # Directly below the bar: beside the numbers of an ended run is the button of a new run.
    _render_numbers(snapshot, trials)
    series_note.render(snapshot)
    announced_run, announcement = st.session_state.get(ANNOUNCED_RUN, ("", ""))
    if snapshot.run is not None and snapshot.run.name == announced_run:
        if snapshot.is_active:
            st.caption(f":material/call_split: {escape_markdown(announcement)}")
        else:  # The run may be continued in another way.
            del st.session_state[ANNOUNCED_RUN]
    if not snapshot.is_of_this_process and (owner := _describe_owner(snapshot)):
        st.caption(escape_markdown(owner))
    if snapshot.message:
        render_run_error(snapshot.message, snapshot.config)
    elif snapshot.is_active and snapshot.events and snapshot.events[-1].event == "diverged":
        st.warning(escape_markdown(snapshot.events[-1].text), icon=":material/undo:")
    if text := _describe_convergence(snapshot):
        st.caption(escape_markdown(text))


def _render_title(run: Run) -> None:
    """Render the name of a run and its start, as its card on Runs has them."""
    # One line, whatever its length: the buttons keep their places.
    title = html.escape(run.read_title())
    start = find_hidden_start(run, run.read_title())
    whole = f"{title}, {start}" if start else title
    shown = f"{title} <small>{start}</small>" if start else title
    st.html(f'<h1 title="{whole}">{shown}</h1>')


def _find_convergence_event(snapshot: Snapshot) -> EventReport | None:
    """Return the event that ended a run because it stopped improving; None without one."""
    if snapshot.phase != "finished":
        return None
    return find_convergence_event(snapshot.events, snapshot.step)


def _describe_convergence(snapshot: Snapshot) -> str:
    """Describe how a run stopped improving and where its best pictures are; "" if it did not."""
    event = _find_convergence_event(snapshot)
    if event is None or snapshot.run is None:
        return ""
    best = ""
    if find_best_step(snapshot.run) not in (None, snapshot.step):
        best = (
            f" {describe_best_checkpoint(snapshot.run)} To go back to it, choose it as the "
            "checkpoint on Explore, or branch from it on Runs."
        )
    return f"{event.text}{best}"


def format_tab_title(snapshot: Snapshot) -> str:
    """Return the title of the browser's tab."""
    labels = {
        "running": f"{math.floor(100 * snapshot.share_done)}%",
        "preparing": "Preparing",
        "pausing": "Paused",
        "paused": "Paused",
        "stopping": "Stopping",
        "stopped": "Stopped",
        "finished": "Done",
        "failed": "Failed",
        "interrupted": "Interrupted",
    }
    label = labels.get(snapshot.phase)
    return f"{label} · DCGAN Studio" if label else "DCGAN Studio"


def _describe_owner(snapshot: Snapshot) -> str:
    """Describe which other process trains or trained a run; "" if the run has ended normally."""
    location = {"": "", platform.node(): " on this machine"}.get(
        snapshot.machine or "", f" on {snapshot.machine}"
    )
    process = f"another process{location}"
    if snapshot.is_active:
        if not permissions.may_operate():  # Watchers have no commands in any case.
            return f"Trained by {process}."
        return f"Trained by {process}; only that process can pause or stop it."
    if snapshot.phase == "interrupted":
        saved = _find_newest_checkpoint(snapshot.run)
        until = f" It is saved up to step {saved:,}." if saved is not None else ""
        return f"It was trained by {process}, which ended without saving.{until}"
    return ""  # The badge shows how it has ended.


def _find_newest_checkpoint(run: Run | None) -> int | None:
    """Return the step of a run's newest checkpoint; None if there is none or it cannot be read."""
    try:
        return None if run is None else run.checkpoints.find_newest()
    except OSError:  # A shared disk is gone.
        return None


def _render_commands(trainer: Trainer, snapshot: Snapshot) -> None:
    if not permissions.may_operate():
        if trainer.demo is not None and snapshot.run is not None:
            _render_visitors_stop(trainer.demo, snapshot.run, snapshot)
        return
    # The key has the run's name, so that a click never reaches the next run of the queue.
    key = "" if snapshot.run is None else snapshot.run.name
    if snapshot.phase == "paused":
        st.button(
            "Resume training",
            icon=":material/play_arrow:",
            key=f"resume-{key}",
            type="primary",
            on_click=permissions.operators_only(trainer.end_pause),
            args=(snapshot.run,),
        )
    else:
        st.button(
            "Pause training",
            icon=":material/pause:",
            key=f"pause-{key}",
            on_click=permissions.operators_only(trainer.pause),
            args=(snapshot.run,),
            disabled=snapshot.phase != "running",
        )
    st.button(
        "Stop training",
        icon=":material/stop:",
        key=f"stop-{key}",
        on_click=permissions.operators_only(trainer.stop),
        args=(snapshot.run,),
        disabled=snapshot.phase == "stopping",
        help="Saves everything. The run can be continued later.",
    )


def _render_visitors_stop(demo: Demo, run: Run, snapshot: Snapshot) -> None:
    """Render the only command of a demo's visitor, for the visitor's own run."""
    if demo.owns(permissions.get_visitor(), run):
        st.button(
            "Stop training",
            icon=":material/stop:",
            key=f"stop-{run.name}",
            on_click=_stop_visitors,
            args=(demo, run),
            disabled=snapshot.phase == "stopping",
            help="Saves everything, and lets the next visitor train.",
        )


def _stop_visitors(demo: Demo, run: Run) -> None:
    demo.stop(permissions.get_visitor(), run)


def _render_ended_buttons(trainer: Trainer, run: Run, snapshot: Snapshot) -> None:
    """Render the buttons of a run that has ended."""
    primary = choose_primary_button(snapshot)
    # The panel with results of remedies has its own button to continue.
    may_continue = permissions.may_operate() and not verdict_state.has_results(snapshot)
    if may_continue and not is_needed_unchanged(run):
        st.button(
            _label_continuing(run, snapshot),
            icon=":material/play_arrow:",
            key="continue-ended",
            type="primary" if primary == "continue" else "secondary",
            on_click=_continue,
            args=(trainer, run, snapshot),
            disabled=not snapshot.is_of_this_process and _find_newest_checkpoint(run) is None,
            help="Trains to the planned end, or as long again if that is reached.",
        )
    # Last, in the place of "Stop training": a second click there does not train the run again.
    noun = get_picture_noun(run.config.dataset)
    if st.button(
        f"Explore these {noun}s",
        icon=":material/explore:",
        key="explore-ended",
        type="primary" if primary == "explore" else "secondary",
    ):
        request_generator(run)
        st.switch_page("app_pages/explore.py")


def choose_primary_button(snapshot: Snapshot) -> Literal["continue", "explore", ""]:
    """Return which button of an ended run is the primary one; "" if none of them is.

    None is primary for an included run and for a finished run whose verdict says that something is
    wrong; and if the verdict has a primary button, or the form was filled for a new run. While the
    last step is measured, the verdict without it decides, so that the button keeps its colour.
    """
    run = snapshot.run
    is_own = run is not None and not run.is_read_only and permissions.may_operate()
    is_other_primary = settings_form.shows_settings_of_a_run() or verdict_state.has_primary_action(
        snapshot
    )
    has_ended = snapshot.phase in ("stopped", "interrupted", "finished")
    if run is None or not is_own or is_other_primary or not has_ended:
        return ""
    if verdict_state.suggests_stopping(snapshot):
        return "explore"
    may_get_other = snapshot.phase == "finished" or snapshot.is_measuring
    needs_other = may_get_other and verdict_state.is_alarm(snapshot)
    return "" if needs_other or is_needed_unchanged(run) else "continue"


def _label_continuing(run: Run, snapshot: Snapshot) -> str:
    epochs, seconds = _plan_more(run, snapshot)
    if epochs is not None:
        return f"Continue for {epochs} more epoch{'s' if epochs > 1 else ''}"
    if seconds is not None:
        return f"Continue for {describe_seconds(seconds)} more"
    return "Continue this run"


def _continue(trainer: Trainer, run: Run, snapshot: Snapshot) -> None:
    epochs, seconds = _plan_more(run, snapshot)
    continue_or_toast(trainer, run, epochs=epochs, seconds=seconds)


def _plan_more(run: Run, snapshot: Snapshot) -> tuple[int | None, float | None]:
    last = snapshot.last
    return (None, None) if last is None else plan_more(run, last.step, last.seconds)


def _render_numbers(snapshot: Snapshot, trials: TrialsProgress | None) -> None:
    last, config = snapshot.last, snapshot.config
    is_training = snapshot.phase in ("running", "pausing")
    epochs = f" of {config.epochs}" if config is not None and config.epochs else ""
    has_reached_limit = _has_reached_limit(snapshot)
    if has_reached_limit or _find_convergence_event(snapshot) is not None:
        epochs = ""  # The run ended before its planned epochs.
    # Only a run that trains now has a speed.
    speed = snapshot.images_per_second if is_training else None
    with st.container(horizontal=True, key="numbers"):
        if trials is not None:
            st.metric(
                "Trial",
                f"{trials.index + 1} of {trials.num_trials}",
                width=_NUMBER_WIDTH,
                help="Each trial trains a copy for a short time, with one remedy or without any.",
            )
        else:
            st.metric(
                "Epoch",
                f"{last.epoch}{epochs}" if last else "–",
                width=_NUMBER_WIDTH,
                help=explain("epoch"),
            )
        st.metric(
            "Step",
            f"{last.step:,}" if last else "–",
            width=_NUMBER_WIDTH,
            help=explain("step"),
        )
        if is_training or snapshot.phase == "preparing":
            label, left, explanation = _describe_time_left(snapshot, trials)
            st.metric(
                "Speed",
                f"{speed:,.0f} pictures/s" if speed is not None else "–",
                width=_WIDE_NUMBER_WIDTH,
                help=explain("speed"),
            )
            st.metric(
                label,
                describe_roughly(left) if left is not None else "–",
                width=_WIDE_NUMBER_WIDTH,
                help=explanation,
            )
        else:
            st.metric(
                "Time trained (its limit)" if has_reached_limit else "Time trained",
                describe_trained(snapshot.run, last.seconds) if last and snapshot.run else "–",
                width=_WIDE_NUMBER_WIDTH,
                help=explain("time_trained"),
            )


def _describe_time_left(
    snapshot: Snapshot, trials: TrialsProgress | None
) -> tuple[str, float | None, str]:
    """Return the label, the seconds and the explanation of the time left; None if not known."""
    if trials is not None:
        return "Time left in all", trials.seconds_left, _ALL_TRIALS
    label, explanation = "Time left", explain("time_left")
    if snapshot.config is not None and snapshot.config.until_converged:
        label, explanation = f"{label} at most", f"{explanation} {explain('until_converged')}"
    return label, snapshot.seconds_left, explanation


def _has_reached_limit(snapshot: Snapshot) -> bool:
    """Return whether the run has trained as long as its time limit allows."""
    config, last = snapshot.config, snapshot.last
    return config is not None and last is not None and config.has_reached_time_limit(last.seconds)
