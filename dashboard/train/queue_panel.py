"""The queue: runs that wait to be trained, with buttons to remove them, pause and resume."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.forms.settings_text import describe_plan
from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.sweeps.queue import QueuedRun

# Keys of the session.
_PROBLEM = "queue_problem"

_MAX_SHOWN = 8  # Few, as the list is rendered again at each report.


def render_problems(trainer: Trainer) -> None:
    """Render the queue's problems until a person dismisses them."""
    problems = trainer.queue_runner.list_problems()
    if problem := st.session_state.pop(_PROBLEM, ""):
        problems.append(problem)
    for problem in dict.fromkeys(problems):  # Each once: both sources may have the same problem.
        st.error(escape_markdown(problem), icon=":material/error:")
    if problems and permissions.may_operate():
        st.button(
            "Dismiss",
            key="dismiss-queue",
            on_click=permissions.operators_only(trainer.queue_runner.clear_problems),
        )


def render(trainer: Trainer) -> None:
    """Render the waiting runs and the buttons; nothing while the queue is empty."""
    waiting = trainer.queue_runner.list_waiting()
    if not waiting:
        return
    is_active = trainer.snapshot().is_active
    with st.container(border=True, key="queue"):
        with st.container(horizontal=True, vertical_alignment="center"):
            runs = "1 run waiting" if len(waiting) == 1 else f"{len(waiting)} runs waiting"
            if not trainer.queue_runner.is_released:
                state = "the queue is paused"
            elif is_active:
                state = "the next one starts when this run ends"
            else:
                state = "the next one starts now"
            st.markdown(f"**{runs}**; {state}.", width="content")
            if permissions.may_operate():
                _render_buttons(trainer, waiting)
        for number, run in enumerate(waiting[:_MAX_SHOWN], start=1):
            _render_run(trainer, number, run)
        if len(waiting) > _MAX_SHOWN:
            st.caption(f"And {len(waiting) - _MAX_SHOWN} more.")


def _render_buttons(trainer: Trainer, waiting: list[QueuedRun]) -> None:
    st.space("stretch")
    if trainer.queue_runner.is_released:
        st.button(
            "Pause queue",
            icon=":material/pause_circle:",
            key="hold-queue",
            on_click=permissions.operators_only(trainer.queue_runner.hold),
            help="The run in training continues to its end; no other starts after it.",
        )
    else:
        st.button(
            "Resume queue",
            icon=":material/playlist_play:",
            key="go-on-queue",
            on_click=permissions.operators_only(trainer.queue_runner.release),
        )
    st.button(
        "Clear",
        icon=":material/delete_sweep:",
        key="clear-queue",
        on_click=_remove,
        args=(trainer, [run.id for run in waiting]),
        help="Removes all waiting runs. The run in training is not changed.",
    )


def _render_run(trainer: Trainer, number: int, run: QueuedRun) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        race = "Race: " if run.race else ""
        plan = escape_markdown(describe_plan(run.config))
        st.markdown(f"{number}. {race}{plan}", width="stretch")
        if permissions.may_operate():
            st.button(
                "Remove",
                icon=":material/close:",
                key=f"take-back-{run.id}",
                type="tertiary",
                on_click=_remove,
                args=(trainer, [run.id]),
            )


@permissions.operators_only
def _remove(trainer: Trainer, ids: list[str]) -> None:
    try:
        trainer.queue_runner.remove(ids)
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
