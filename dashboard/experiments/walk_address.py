"""The answer of the walk in the page's address, from which a reload of the page restores it.

The answers of the other experiments are restored from their runs; the walk has no run.
"""

from __future__ import annotations

import streamlit as st

from dashboard.experiments import notes
from dashboard.experiments.answers import answer_walk
from dashboard.experiments.catalog import WALK, find_experiment
from dashboard.experiments.walks import Walks

_PARAMETER = "walk"  # The prediction's number, from 1, and three shares of readable pictures.
_KEPT = "walk_in_address"  # Key of the parameter's value in the session.


def keep(prediction: int, walks: Walks) -> None:
    """Write a prediction and the shares of readable pictures into the address."""
    shares = (walks.ends, walks.between, walks.blended)
    st.session_state[_KEPT] = "-".join([str(prediction + 1), *(f"{share:g}" for share in shares)])
    _write()


def restore() -> None:
    """Restore the answer from the address in a new session; otherwise write it there again.

    It must be written again because other pages of the program drop the parameter.
    """
    if _KEPT in st.session_state:
        _write()
        return
    experiment = find_experiment(WALK)
    found = _parse(st.query_params.get(_PARAMETER, ""))
    if experiment is None or found is None or found[0] >= len(experiment.predictions):
        return
    note = notes.get_note(experiment)
    note.prediction, note.answer = found[0], answer_walk(*found[1])
    st.session_state[_KEPT] = st.query_params[_PARAMETER]


def _write() -> None:
    if st.query_params.get(_PARAMETER) != st.session_state[_KEPT]:
        st.query_params[_PARAMETER] = st.session_state[_KEPT]


def _parse(text: str) -> tuple[int, tuple[float, float, float]] | None:
    """Return the index of the prediction and the shares; None for a text that has none."""
    try:
        prediction, ends, between, blended = text.split("-")
        index, shares = int(prediction) - 1, (float(ends), float(between), float(blended))
    except ValueError:
        return None
    is_valid = index >= 0 and all(0 <= share <= 1 for share in shares)
    return (index, shares) if is_valid else None
