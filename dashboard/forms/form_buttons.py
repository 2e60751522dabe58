"""The buttons below the fields of the form: those that do not start a run at once."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.state.current_training import describe_wait
from dashboard.state.trainer import get_trainer

_MINUTES = (1, 5, 10, 20, 60)


@dataclass(frozen=True)
class PressedButtons:
    """The buttons that were pressed.

    Attributes:
        is_for_later: Whether `Add to the queue` was pressed.
        tuning_minutes: The chosen time if `Tune for these pictures` was pressed, otherwise 0.
    """

    is_for_later: bool = False
    tuning_minutes: float = 0.0


def render(*, may_tune: bool) -> PressedButtons:
    """Render the buttons.

    Args:
        may_tune: Whether to render the button of a tuning too, which starts at once.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key="form-buttons"):
        is_for_later = st.button(
            "Add to the queue",
            icon=":material/playlist_add:",
            key="add-to-queue",
            help="Runs in the queue are trained one after the other.",
        )
        if not may_tune:
            if wait := describe_wait(get_trainer()):
                st.caption(escape_markdown(wait), width="content")
            return PressedButtons(is_for_later)
        is_tuning = st.button(
            "Tune for these pictures",
            icon=":material/science:",
            key="tune",
            help="Looks for better settings for these pictures. Short runs try other R1 penalties, "
            "learning rates and channels; after each round the better half continues. The "
            "settings above take part until the end.",
        )
        minutes = st.selectbox(
            "Minutes for tuning",
            _MINUTES,
            index=_MINUTES.index(10),
            key="tuning-minutes",
            persist_state="session",
            width=140,
        )
    return PressedButtons(is_for_later, float(minutes) if is_tuning else 0.0)
