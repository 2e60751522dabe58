"""The answer of the walk in the page's address, from which a reload of the page restores it.

The answers of the other experiments are restored from their runs; the walk has no run.
"""

from __future__ import annotations

import streamlit as st

from dashboard.experiments import student_work
from dashboard.experiments.answers import answer_walk
from dashboard.experiments.catalog import WALK, find_experiment
from dashboard.experiments.walks import Walks

# In the address: the prediction's number, from 1, three shares of readable pictures, a run's name.
_PARAMETER = "walk"

# Keys of the session.
_PARAMETER_VALUE = "walk_parameter_value"
RUN_KEY = "walk_run"  # Name of the run whose generator draws the walks.


def write_answer(prediction: int, walks: Walks, run_name: str) -> None:
    """Write a prediction, the shares of readable pictures and the run's name into the address."""
    shares = (
        f"{share:g}"
        for share in (walks.readable_at_ends, walks.readable_between, walks.readable_blends)
    )
    st.session_state[_PARAMETER_VALUE] = "-".join([str(prediction + 1), *shares, run_name])
    _write_parameter()


def restore_answer() -> None:
    """Restore the answer from the address in a new session; otherwise write it there again.

    Other pages of the program drop the parameter, so it must be written again.
    """
    if _PARAMETER_VALUE in st.session_state:
        _write_parameter()
        return
    experiment = find_experiment(WALK)
    parsed = _parse(st.query_params.get(_PARAMETER, ""))
    if experiment is None or parsed is None:
        return
    prediction, shares, run_name = parsed
    if prediction >= len(experiment.predictions):
        return
    work = student_work.get_work(experiment)
    work.prediction, work.answer = prediction, answer_walk(*shares)
    st.session_state[RUN_KEY] = run_name
    st.session_state[_PARAMETER_VALUE] = st.query_params[_PARAMETER]


def _write_parameter() -> None:
    if st.query_params.get(_PARAMETER) != st.session_state[_PARAMETER_VALUE]:
        st.query_params[_PARAMETER] = st.session_state[_PARAMETER_VALUE]


def _parse(parameter_value: str) -> tuple[int, tuple[float, float, float], str] | None:
    """Return the prediction's index, the shares and the run's name; None for an invalid value."""
    try:
        prediction, ends, between, blended, run_name = parameter_value.split("-", 4)
        index, shares = int(prediction) - 1, (float(ends), float(between), float(blended))
    except ValueError:
        return None
    is_valid = index >= 0 and all(0 <= share <= 1 for share in shares)
    return (index, shares, run_name) if is_valid else None
