"""A request to Explore: the run and step to show at its next visit, kept in the tab's session.

Also the keys of the choices of Explore's panels, which links and opened pictures set too.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dcgan.config.named_datasets import get_picture_noun
from dcgan.runs.run_folder import Run

# Keys of the session.
CLASS = "explore_class"  # The name of the chosen class.
CLASS_REQUEST = "explore_class_request"  # Name of the class to choose at the next script run.
TOOL = "tool"  # The chosen tool.
_RUN = "explore_run"
_REQUEST = "explore_request"  # The `StepRequest` of this tab, kept until the next one.
# The choices of the grid's plane, and of a sheet.
PSI, PLANE_SIZE, PLANE_STEP = "psi", "plane_size", "plane_step"
SHEET_COUNT, SHEET_SEED, SHEET_PSI = "sheet_count", "sheet_seed", "sheet_psi"
SHEET_ALL_CLASSES = "sheet_all_classes"


def name_sheet_tool(noun: str) -> str:
    """Return the name of the tool that shows a sheet, such as "Many digits"."""
    return f"Many {noun}s"


def name_write_tool(noun: str) -> str:
    """Return the name of the tool that writes what a person types, such as "Write a number"."""
    return "Write a number" if noun == "digit" else "Write a text"


@dataclass(frozen=True)
class StepRequest:
    """A request for a step of a run.

    Attributes:
        run_name: The run's name.
        step: The requested step.
        nearest: Step of the checkpoint nearest to it.
        origin: The requesting part of the page, such as "the replay".
    """

    run_name: str
    step: int
    nearest: int
    origin: str


def request_generator(run: Run, step: int | None = None, origin: str = "") -> int | None:
    """Make Explore show a run's generator.

    Args:
        run: The run.
        step: The step of its generator; None for the newest.
        origin: The requesting part of the page, such as "the replay".

    Returns:
        The step of the nearest checkpoint; `step` itself if there is no checkpoint.
    """
    st.session_state[_RUN] = run.name
    request_newest(run.name)
    checkpoints = run.checkpoints.list_steps()
    if step is None or not checkpoints:
        return step
    nearest = min(checkpoints, key=lambda kept: abs(kept - step))
    for is_live in (False, True):
        st.session_state[make_step_key(run.name, is_live=is_live)] = nearest
    st.session_state[_REQUEST] = StepRequest(run.name, step, nearest, origin)
    return nearest


def request_writing(run: Run) -> None:
    """Make Explore open the tool that writes, with a run's newest generator."""
    request_generator(run)
    st.session_state[TOOL] = name_write_tool(get_picture_noun(run.config.dataset))


def request_class(class_name: str) -> None:
    """Make Explore draw a class at the next run of the whole script; ignored if its run lacks it.

    May be called after the choice of the class was rendered; then the choice's own key cannot be
    set any more.
    """
    st.session_state[CLASS_REQUEST] = class_name


def request_newest(run_name: str) -> None:
    """Make Explore show the newest generator of a run, also after more training of the run."""
    st.session_state.pop(_REQUEST, None)
    for is_live in (False, True):
        st.session_state.pop(make_step_key(run_name, is_live=is_live), None)


def find_step_request(run_name: str, step: int) -> StepRequest | None:
    """Return the last request if it led to this checkpoint of a run."""
    request: StepRequest | None = st.session_state.get(_REQUEST)
    is_same = request is not None and (request.run_name, request.nearest) == (run_name, step)
    return request if is_same else None


def take_requested_run() -> str | None:
    """Return the name of the requested run, once; None if none was requested since."""
    name: str | None = st.session_state.pop(_RUN, None)
    return name


def make_step_key(run_name: str, *, is_live: bool) -> str:
    """Return the key of the choice of a checkpoint; a live run has another key."""
    return f"source_step_{run_name}_{is_live}"
