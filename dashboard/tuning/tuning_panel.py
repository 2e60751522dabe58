"""The newest tuning on the Train page: while it trains, and its result."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import TEXT_WIDTH, escape_markdown, keep_together
from dashboard.runners.tuning_runner import RunningTuning
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.current_training import describe_refusal
from dashboard.state.trainer import Trainer
from dashboard.state.tuning_commands import continue_tuning
from dashboard.tuning import tuning_table
from dashboard.tuning.tuning_progress import measure_progress
from dashboard.wording.messages import show_refusal
from dcgan.config.config_text import get_dataset_base_name
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.training_config import TrainingConfig
from dcgan.durations import describe_roughly, describe_seconds
from dcgan.errors import RunError
from dcgan.tuning.result import TuningResult, judge_tuning
from dcgan.tuning.tuning import Tuning
from dcgan.tuning.tuning_files import delete_tuning, list_tunings, read_tuning
from dcgan.tuning.tuning_text import choose_config, make_command


def render_running(trainer: Trainer, snapshot: Snapshot, running: RunningTuning) -> None:
    """Render the progress of a tuning, with its Stop button and the results so far."""
    progress = measure_progress(running, snapshot)
    name = _name_pictures(running.base)
    with st.container(key="status", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"Tuning for {escape_markdown(name)}", anchor=False, width="content")
            st.space("stretch")
            if permissions.may_operate():
                st.button(
                    "Stop tuning",
                    icon=":material/stop:",
                    key="stop-tuning",
                    on_click=permissions.operators_only(trainer.stop),
                    disabled=snapshot.phase == "stopping",
                    help="Keeps the results so far. The tuning can be continued later.",
                )
        left = keep_together(describe_roughly(progress.seconds_left))
        st.progress(progress.share_done, text=f"{escape_markdown(progress.text)}; {left} left")
    if running.tuning is not None:
        with st.container(key="tuning"):
            st.caption(
                "Distance to real pictures after each round; lower is better.", width=TEXT_WIDTH
            )
            tuning_table.render(running.tuning)


def render_newest(trainer: Trainer) -> None:
    """Render the result of the newest tuning, or that it was interrupted; nothing without one."""
    if not permissions.may_operate():
        return
    if trainer.tuning_runner.problem:
        st.error(escape_markdown(trainer.tuning_runner.problem), icon=":material/error:")
    for folder in list_tunings(trainer.root):
        try:
            tuning = read_tuning(folder)
        except RunError as error:
            st.error(escape_markdown(str(error)), icon=":material/error:")
            return
        if tuning is not None:
            with st.container(border=True, key="tuning"):
                _render_tuning(trainer, folder, tuning)
            return


def _render_tuning(trainer: Trainer, folder: Path, tuning: Tuning) -> None:
    name = escape_markdown(_name_pictures(tuning.base))
    time = datetime.fromisoformat(tuning.created).astimezone()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**Tuning for {name}**, {time.day} {time:%b %H:%M}, "
            f"{describe_seconds(tuning.spent_seconds)}",
            width="content",
        )
        st.space("stretch")
        st.button(
            "Delete this tuning",
            icon=":material/delete:",
            key="delete-tuning",
            type="tertiary",
            on_click=_delete,
            args=(folder,),
        )
    if not tuning.is_finished:
        _render_interrupted(trainer, folder, tuning)
        return
    result = judge_tuning(tuning)
    st.markdown(f"**{escape_markdown(result.headline)}**", width=TEXT_WIDTH)
    if result.reason:
        st.caption(escape_markdown(result.reason), width=TEXT_WIDTH)
    _render_buttons(trainer, tuning, result)
    with st.expander("All settings that were tried", icon=":material/table:"):
        tuning_table.render(tuning)
        st.caption("As a command:")
        st.code(make_command(tuning, result), language=None, wrap_lines=True)


def _render_interrupted(trainer: Trainer, folder: Path, tuning: Tuning) -> None:
    minutes = f"{describe_seconds(tuning.spent_seconds)} of {tuning.minutes:g} min"
    st.markdown(f"Not finished: it was stopped after {minutes}.")
    st.button(
        "Continue tuning",
        icon=":material/play_arrow:",
        key="continue-tuning",
        on_click=_continue,
        args=(trainer, folder),
    )
    with st.expander("Results so far", icon=":material/table:"):
        tuning_table.render(tuning)


def _render_buttons(trainer: Trainer, tuning: Tuning, result: TuningResult) -> None:
    config = choose_config(tuning, result)
    title = "" if result.best is None else tuning.candidates[result.best].label
    st.button(
        "Train with these settings" if title else "Train with the starting settings",
        icon=":material/play_arrow:",
        key="train-tuned",
        on_click=_train,
        args=(trainer, config, title),
        help="Starts a new run with them"
        + (", which ends when it stops improving." if config.until_converged else "."),
    )


def _name_pictures(config: TrainingConfig) -> str:
    """Return the name of a named set, or of the file or folder of the user's pictures."""
    named = NAMED_SETS.get(config.dataset)
    return get_dataset_base_name(config) if named is None else named.name


@permissions.operators_only
def _train(trainer: Trainer, config: TrainingConfig, title: str) -> None:
    try:
        if not trainer.start(config, title=title):
            show_refusal(describe_refusal(trainer))
            return
    except RunError as error:
        show_refusal(error)
        return
    request_focus("status")


@permissions.operators_only
def _continue(trainer: Trainer, folder: Path) -> None:
    try:
        if not continue_tuning(trainer, folder):
            show_refusal(describe_refusal(trainer))
    except RunError as error:
        show_refusal(error)


@permissions.operators_only
def _delete(folder: Path) -> None:
    try:
        delete_tuning(folder)
    except RunError as error:
        show_refusal(error)
