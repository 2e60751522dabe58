"""The word, icon and colour for where a run stands: the same on every page."""

from __future__ import annotations

from typing import Literal, NamedTuple

import streamlit as st

from dashboard.state.snapshot import Phase
from dcgan.runs.manifest import State


class _Badge(NamedTuple):
    word: str
    icon: str
    color: Literal["blue", "green", "orange", "gray", "red"]
    help_text: str | None = None  # What a newcomer may not know.


_BADGES: dict[State | Phase, _Badge] = {
    "preparing": _Badge("Preparing", "hourglass_top", "blue"),
    "running": _Badge("Training", "model_training", "green"),
    "pausing": _Badge("Pausing", "pause", "orange"),
    "paused": _Badge("Paused", "pause", "orange"),
    "stopping": _Badge("Saving and stopping", "stop", "orange"),
    "stopped": _Badge("Stopped", "stop", "gray", "Saved; it can be continued."),
    "finished": _Badge("Finished", "check", "green"),
    "interrupted": _Badge(
        "Interrupted",
        "bolt",
        "orange",
        "Its process ended without a word. It continues from its last checkpoint.",
    ),
    "failed": _Badge("Failed", "error", "red"),
}


def render(state: State | Phase) -> None:
    """Draw the badge of a run's state."""
    badge = _BADGES[state]
    st.badge(badge.word, icon=f":material/{badge.icon}:", color=badge.color, help=badge.help_text)
