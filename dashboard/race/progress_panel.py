"""The progress of a race: the run in training, the time that is left, and the button to stop."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import rerun_after
from dashboard.components.plain_text import escape_markdown, keep_together
from dashboard.race.progress import RaceProgress
from dashboard.shared.messages import show_refusal
from dashboard.state.race_commands import stop_race
from dashboard.state.trainer import Trainer
from dcgan.durations import describe_roughly
from dcgan.errors import RunError
from dcgan.sweeps.race import OTHER_SECONDS, Race


def render(trainer: Trainer, race: Race, progress: RaceProgress, *, is_late: bool) -> None:
    """Render the progress of a race with its buttons.

    Args:
        trainer: The trainer.
        race: A race of which runs train or wait.
        progress: Its progress.
        is_late: Whether the run in training builds its networks for longer than usual.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{_describe_progress(trainer, race, progress, is_late)}**", width="content")
        st.space("stretch")
        if permissions.may_operate():
            if progress.current_index is None and not trainer.queue_runner.is_released:
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
    run = race.runs[progress.current_index]
    seed = f", seed {run.config.seed}" if race.num_seeds > 1 else ""
    left = f"{keep_together(describe_roughly(progress.seconds_left))} left"
    # While networks are built nothing else changes on the page.
    rerun_after(OTHER_SECONDS + 1, f"{race.name} {progress.current_index}", key="news-race-late")
    if is_late:
        left = "longer than usual: the computer is busy"
    label = escape_markdown(race.variant_labels[run.variant_index])
    return f"Run {progress.current_index + 1} of {len(race.runs)}: {label}{seed}; {left}"


@permissions.operators_only
def _stop(trainer: Trainer, race: Race) -> None:
    try:
        stop_race(trainer, race)
    except RunError as error:
        show_refusal(error)
