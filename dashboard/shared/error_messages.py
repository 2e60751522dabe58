"""Errors on a page: of a run, and of a click that did nothing."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dcgan.config.training_config import TrainingConfig

BUSY = "Another run is training. Stop it first."


def render_run_error(problem: Exception | str, config: TrainingConfig | None) -> None:
    """Render an error.

    Args:
        problem: The error, or its text.
        config: The run's settings, whose path of own pictures is shortened for watchers; None if
            they are not known.
    """
    message = str(problem)
    if config is not None:
        message = access.hide_path(message, config)
    st.error(escape_markdown(message), icon=":material/error:")


def show_refusal(reason: str | Exception) -> None:
    """Show the reason as a toast, long enough to be read; it may contain Markdown characters."""
    st.toast(escape_markdown(str(reason)), icon=":material/error:", duration="long")
