"""Messages on a page: errors of runs, refused clicks, and announcements of runs in training."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.run_folder import Run

MEASURING = "Measuring the last step…"

# Keys of the session.
ANNOUNCED_RUN = "announced_run"  # A run's name, and the message that is shown while it trains.


def render_run_error(problem: Exception | str, config: TrainingConfig | None) -> None:
    """Render an error.

    Args:
        problem: The error, or its text.
        config: The run's settings, whose path of own pictures is shortened for watchers; None if
            they are not known.
    """
    message = str(problem)
    if config is not None:
        message = permissions.hide_path(message, config)
    st.error(escape_markdown(message), icon=":material/error:")


def show_refusal(reason: str | Exception) -> None:
    """Show the reason as a toast, long enough to be read; it may contain Markdown characters."""
    st.toast(escape_markdown(str(reason)), icon=":material/error:", duration="long")


def announce(run: Run, message: str) -> None:
    """Show a message with the status of a run as long as it trains, in this tab."""
    st.session_state[ANNOUNCED_RUN] = run.name, message
