"""The choice of a trained run whose weights a new run starts with."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.state.trainer import get_trainer

_FRESH = ""


def render(
    label: str, value: str, container: st.delta_generator.DeltaGenerator, key: str, help_text: str
) -> str:
    """Render a select box of the runs with a checkpoint; return the name of the chosen one.

    Args:
        label: Name of the field.
        value: The first value: a run's name, or "" for none.
        container: The container to render in.
        key: Streamlit's key.
        help_text: Help text of the field.
    """
    runs = [
        run for run in permissions.list_runs(get_trainer().root)[0] if run.checkpoints.list_steps()
    ]
    titles = {run.name: run.read_label().title for run in runs}
    # The session's value, such as of advice, may be a run that this person does not see.
    chosen_before = st.session_state.get(key, value)
    # Set it each time: the browser keeps the old label of a run that was renamed, and sends it.
    st.session_state[key] = chosen_before
    kept = [value, chosen_before]
    options = list(dict.fromkeys([_FRESH, *filter(None, kept), *titles]))
    chosen: str = container.selectbox(
        label,
        options,
        key=key,
        format_func=lambda name: _describe(name, titles),
        help=help_text,
        persist_state="session",
    )
    return chosen


def _describe(name: str, titles: dict[str, str]) -> str:
    if name == _FRESH:
        return "Random weights"
    title = titles.get(name, name)
    return title if title == name else f"{title} ({name})"
