"""The digit that a run shows first: a clear 3, on which slant and thickness are easy to see.

The clear 3 of an included run is known in advance. Another generator shows the selected z until its
digits have been sorted: the z of a seed, or the z of the run shown before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.included_findings import list_clearest_z
from dashboard.tab import selection

_DIGIT = 3  # Runs that learn the classes show the chosen class instead.


class _PageChoice(NamedTuple):
    """A z that the page chose. The page may replace it until a person chooses or moves a z.

    Attributes:
        z: The selected array itself; each choice and each move makes a new array.
        run_name: Name of the run for which it was chosen.
        is_final: Whether it stays until another run is shown; otherwise the run's survey may
            replace it.
    """

    z: np.ndarray
    run_name: str
    is_final: bool


# Keys of the session.
_PAGE_CHOICE = "first_z"


def select_first_digit(source: GeneratorSource) -> None:
    """Select a clear 3 of a run, unless a person has chosen a z or there is no 3.

    A z belongs to one generator, so the page chooses another for another run.
    """
    earlier: _PageChoice | None = st.session_state.get(_PAGE_CHOICE)
    if selection.is_chosen(source.latent_dim):
        z = selection.get_current(source.latent_dim).z
        if earlier is None or earlier.z is not z:
            return
        if earlier.is_final and earlier.run_name == source.run.name:
            return
    findings = findings_cache.get_findings(source)
    digit = _choose_digit(source)
    if findings is None:
        clear_z = list_clearest_z(source).get(digit)
    else:
        index = findings.survey.find_typical(digit)
        clear_z = None if index is None else findings.survey.z[index]
    if clear_z is not None:
        selection.select_z(clear_z, f"a clear {digit}")
    st.session_state[_PAGE_CHOICE] = _PageChoice(
        selection.get_current(source.latent_dim).z,
        source.run.name,
        is_final=clear_z is not None or findings is not None,
    )


def _choose_digit(source: GeneratorSource) -> int:
    """Return the digit to show: the chosen class, a 3, or the first digit that the run learned."""
    if source.digit is not None:
        return source.digit
    learned = source.digits
    return _DIGIT if _DIGIT in learned or not learned else learned[0]
