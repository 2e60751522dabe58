"""The outcome of a person's last action on the Runs page, shown until the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.components.plain_text import escape_markdown

# Keys of the session.
_LAST_ACTION = "runs_last_action"


@dataclass(frozen=True)
class Outcome:
    """An action's outcome.

    Attributes:
        notice: Sentence beside the heading, plain text.
        problem: Error below the heading, plain text.
        undo: Command of an Undo button beside the notice.
    """

    notice: str = ""
    problem: str = ""
    undo: Callable[[], None] | None = None


def set_outcome(outcome: Outcome) -> None:
    """Replace the last action's outcome."""
    st.session_state[_LAST_ACTION] = outcome


def render_notice() -> None:
    """Render the notice and its Undo button, if any."""
    outcome = _get_outcome()
    if outcome.notice:
        st.markdown(escape_markdown(outcome.notice), width="content")
    if outcome.undo is not None:
        st.button("Undo", icon=":material/undo:", key="undo", on_click=outcome.undo)


def render_problem() -> None:
    """Render the error, if any."""
    if problem := _get_outcome().problem:
        st.error(escape_markdown(problem), icon=":material/error:")


def _get_outcome() -> Outcome:
    outcome: Outcome = st.session_state.get(_LAST_ACTION, Outcome())
    return outcome
