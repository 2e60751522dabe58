"""The badge of a run's status: the same label, icon and colour on every page."""

from __future__ import annotations

from typing import Literal, NamedTuple

import streamlit as st

from dashboard.snapshots.snapshot import Phase
from dcgan.runs.manifest import State


class _Badge(NamedTuple):
    label: str
    icon: str
    color: Literal["blue", "green", "orange", "gray", "red"]
    help_text: str | None = None


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
        "The process that trained it has ended without saving. It can be continued from its last "
        "checkpoint.",
    ),
    "failed": _Badge("Failed", "error", "red"),
}
_MEASURING = _Badge("Measuring", "straighten", "blue")  # "Training" would be wrong.


def render(status: State | Phase, *, has_alarm: bool = False, is_measuring: bool = False) -> None:
    """Render the badge of a status; with an alarm beside it, "Finished" is not green."""
    badge = _MEASURING if is_measuring and status == "running" else _BADGES[status]
    if has_alarm and status == "finished":
        help_text = "It ended with the problem shown here."
        badge = badge._replace(icon="warning", color="gray", help_text=help_text)
    st.badge(badge.label, icon=f":material/{badge.icon}:", color=badge.color, help=badge.help_text)
