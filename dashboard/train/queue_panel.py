"""What waits for its turn to be trained: seen, taken back, held and let go on."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dashboard.shared.run_summary import closest_preset
from dashboard.state import picture_sets
from dashboard.state.trainer import Trainer
from dcgan.config import TrainingConfig
from dcgan.errors import RunError
from dcgan.sweeps.queue import QueuedRun

_PROBLEM = "queue_problem"
_IN_SIGHT = 8  # It is drawn again at each look at the trainer.


def render_problems(trainer: Trainer) -> None:
    """Say what went wrong, until a person has read it; nothing where nothing did."""
    _, problems = trainer.queue_runner.list_waiting()
    if problem := st.session_state.pop(_PROBLEM, ""):
        problems.append(problem)
    for problem in dict.fromkeys(problems):  # One may come from two places.
        st.error(escape_markdown(problem), icon=":material/error:")
    if problems and access.may_operate():
        st.button(
            "Dismiss",
            key="dismiss-queue",
            on_click=access.operators_only(trainer.queue_runner.clear_problems),
        )


def render(trainer: Trainer) -> None:
    """Draw the list and its buttons; nothing where nothing waits."""
    waiting, _ = trainer.queue_runner.list_waiting()
    if not waiting:
        return
    is_active = trainer.snapshot().is_active
    goes_on = trainer.queue_runner.is_released
    with st.container(border=True, key="queue"):
        with st.container(horizontal=True, vertical_alignment="center"):
            runs = "1 run waits" if len(waiting) == 1 else f"{len(waiting)} runs wait"
            how = "it begins" if len(waiting) == 1 else "they begin one after the other"
            if not goes_on:
                words = f"**{runs}** until you let them go on."
            elif is_active:
                words = f"**{runs}**; {how} when this one has ended."
            else:
                words = f"**{runs}**; {how} now."
            st.markdown(words, width="content")
            if access.may_operate():
                _render_buttons(trainer, waiting)
        for number, run in enumerate(waiting[:_IN_SIGHT], start=1):
            _render_one(trainer, number, run)
        if len(waiting) > _IN_SIGHT:
            st.caption(f"And {len(waiting) - _IN_SIGHT} more.")


def _render_buttons(trainer: Trainer, waiting: list[QueuedRun]) -> None:
    st.space("stretch")
    if trainer.queue_runner.is_released:
        st.button(
            "Hold the queue",
            icon=":material/pause_circle:",
            key="hold-queue",
            on_click=access.operators_only(trainer.queue_runner.hold),
            help="The run in training goes on to its end; none begins after it.",
        )
    else:
        st.button(
            "Go on with the queue",
            icon=":material/playlist_play:",
            key="go-on-queue",
            on_click=access.operators_only(trainer.queue_runner.release),
        )
    st.button(
        "Clear",
        icon=":material/delete_sweep:",
        key="clear-queue",
        on_click=_remove,
        args=(trainer, [run.id for run in waiting]),
        help="Takes all of them off the list. The run in training is not touched.",
    )


def _render_one(trainer: Trainer, number: int, run: QueuedRun) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{number}. {escape_markdown(describe(run.config))}", width="stretch")
        if access.may_operate():
            st.button(
                "Take back",
                icon=":material/close:",
                key=f"take-back-{run.id}",
                type="tertiary",
                on_click=_remove,
                args=(trainer, [run.id]),
            )


def describe(config: TrainingConfig) -> str:
    """Say what a run will be, by what differs from its preset."""
    preset, changes = closest_preset(config)
    words = [
        f"{preset.capitalize()} preset",
        *(f"{name} {value}" for name, value in changes.items()),
    ]
    if config.dataset != TrainingConfig().dataset:
        words.append(picture_sets.NAMES.get(config.dataset, "own pictures"))
    if config.epochs is not None:
        words.append("1 epoch" if config.epochs == 1 else f"{config.epochs} epochs")
    if config.max_seconds is not None:
        words.append(f"{config.max_seconds:g} s at most")
    return ", ".join(words)


@access.operators_only
def _remove(trainer: Trainer, ids: list[str]) -> None:
    try:
        trainer.queue_runner.remove(ids)
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
