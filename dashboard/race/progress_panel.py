"""The progress of a race: the run in training, the time that is left, and the button to stop."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import rerun_after
from dashboard.components.plain_text import escape_markdown, keep_together
from dashboard.race.progress import RaceProgress
from dashboard.state.race_commands import stop_race, train_missing
from dashboard.state.trainer import Trainer
from dashboard.wording.messages import show_refusal
from dcgan.durations import describe_roughly
from dcgan.errors import RunError
from dcgan.sweeps.race import OTHER_SECONDS, Race


def render(
    trainer: Trainer,
    race: Race,
    progress: RaceProgress,
    interrupted: Sequence[int],
    *,
    is_late: bool,
) -> None:
    """Render the progress of a race with its buttons.

    Args:
        trainer: The trainer.
        race: A race of which runs train or wait.
        progress: Its progress.
        interrupted: Indices of the runs that the end of the server has interrupted.
        is_late: Whether the run in training builds its networks for longer than usual.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        is_held = progress.current_index is None and not trainer.queue_runner.is_released
        text = _describe_progress(trainer, race, progress, is_late)
        if is_held and interrupted:
            num_left = len(interrupted) + len(progress.list_indices("waiting"))
            text = f"The race was interrupted: {num_left} of {len(race.runs)} runs are left"
        st.markdown(f"**{text}**", width="content")
        st.space("stretch")
        if permissions.may_operate():
            if is_held and interrupted:
                st.button(
                    "Continue the race",
                    type="primary",
                    icon=":material/play_arrow:",
                    key="continue-race",
                    help="Trains the runs that wait, and an interrupted one from its start.",
                    on_click=_continue,
                    args=(trainer, race, interrupted),
                )
            elif is_held:
                st.button(
                    "Resume queue",
                    icon=":material/playlist_play:",
                    key="release-race",
                    on_click=permissions.operators_only(trainer.queue_runner.release),
                )
            st.button(
                "Stop the race",
                icon=":material/stop:",
                key="stop-race",
                on_click=_stop,
                args=(trainer, race),
                # On Train one run can be stopped alone; those that wait would then train.
                disabled=_is_stopping(trainer, progress) and not progress.list_indices("waiting"),
            )
    st.progress(progress.share_done)


def _describe_progress(trainer: Trainer, race: Race, progress: RaceProgress, is_late: bool) -> str:
    if progress.current_index is None:
        num = len(progress.list_indices("waiting"))
        waiting = f"{num} of {len(race.runs)} runs wait"
        if trainer.snapshot().is_active:
            return f"{waiting} until the run in training has ended"
        is_held = not trainer.queue_runner.is_released
        return f"{waiting}: the queue is paused" if is_held else f"{waiting}; the next one starts"
    if _is_stopping(trainer, progress):
        number = f"run {progress.current_index + 1} of {len(race.runs)}"
        if progress.states[progress.current_index] == "measuring":
            return f"Stopping: the measurement of {number} ends first"
        return f"Stopping: {number} is being saved"
    run = race.runs[progress.current_index]
    seed = f", seed {run.config.seed}" if race.num_seeds > 1 else ""
    left = f"{keep_together(describe_roughly(progress.seconds_left))} left"
    # While networks are built nothing else changes on the page.
    rerun_after(OTHER_SECONDS + 1, f"{race.name} {progress.current_index}", key="news-race-late")
    if is_late:
        left = "longer than usual: the computer is busy"
    label = escape_markdown(race.variant_labels[run.variant_index])
    return f"Run {progress.current_index + 1} of {len(race.runs)}: {label}{seed}; {left}"


def _is_stopping(trainer: Trainer, progress: RaceProgress) -> bool:
    """Return whether a person has stopped the run in training or in measurement."""
    return progress.current_index is not None and trainer.snapshot().phase == "stopping"


@permissions.operators_only
def _continue(trainer: Trainer, race: Race, interrupted: Sequence[int]) -> None:
    try:
        train_missing(trainer, race, interrupted)
    except RunError as error:
        show_refusal(error)


@permissions.operators_only
def _stop(trainer: Trainer, race: Race) -> None:
    try:
        stop_race(trainer, race)
    except RunError as error:
        show_refusal(error)
