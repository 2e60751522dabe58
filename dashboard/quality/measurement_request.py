"""A measurement on request: its button, the wait, and its last result until the next request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from dashboard.wording.messages import render_run_error
from dcgan.errors import DCGANError
from dcgan.runs.run_folder import Run

_Result = TypeVar("_Result")


def ask_for_measurement(
    run: Run,
    name: str,
    label: str,
    measure: Callable[[], _Result],
    *,
    icon: str,
    help_text: str,
    wait_text: str,
    disabled: bool = False,
) -> _Result | None:
    """Render the button that starts a measurement of a run, and the error if it failed.

    Args:
        run: The run.
        name: Name of the measurement, which begins its keys in the session.
        label, icon, help_text, disabled: Of the button.
        measure: Makes the measurement; may raise a `DCGANError`.
        wait_text: Shown while it is made.

    Returns:
        The last result for this run; None without one.
    """
    request_key, result_key = f"{name}-request", f"{name}-result"
    # A callback, as the script may be restarted before it reaches the lines below the button.
    st.button(
        label,
        icon=icon,
        help=help_text,
        disabled=disabled,
        on_click=st.session_state.__setitem__,
        args=(request_key, run.name),
    )
    if st.session_state.get(request_key) == run.name:
        result: _Result | None = None
        problem = ""
        with st.spinner(wait_text):
            try:
                result = measure()
            except DCGANError as error:
                problem = str(error)
            except Exception:
                del st.session_state[request_key]  # Else every rerun would measure and fail again.
                raise
            st.session_state[result_key] = (run.name, run.created, result, problem)
            del st.session_state[request_key]
    stored: tuple[str, str, _Result | None, str] = st.session_state.get(
        result_key, ("", "", None, "")
    )
    run_name, created, last, last_problem = stored
    if (run_name, created) != (run.name, run.created):
        return None
    if last_problem:
        render_run_error(last_problem, run.config)
    return last
