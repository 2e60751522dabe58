"""A request to Explore: the generator to show at its next visit, kept in the tab's session."""

from __future__ import annotations

import streamlit as st

from dcgan.runs.run_folder import Run

_RUN = "explore_run"


def request_generator(run: Run, step: int | None = None) -> int | None:
    """Make Explore show a run's generator.

    Args:
        run: The run.
        step: The step of its generator; None for the choice of a person who was there before, at
            first the newest.

    Returns:
        The step of the nearest checkpoint; `step` itself if there is no checkpoint.
    """
    st.session_state[_RUN] = run.name
    checkpoints = run.checkpoints.list_steps()
    if step is None or not checkpoints:
        return step
    nearest = min(checkpoints, key=lambda kept: abs(kept - step))
    for is_live in (False, True):
        st.session_state[make_step_key(run.name, is_live=is_live)] = nearest
    return nearest


def take_requested_run() -> str | None:
    """Return the name of the requested run, once; None if none was requested since."""
    name: str | None = st.session_state.pop(_RUN, None)
    return name


def make_step_key(run: str, *, is_live: bool) -> str:
    """Return the key of the choice of a checkpoint, which a live run offers beside its training."""
    return f"source_step_{run}_{is_live}"
