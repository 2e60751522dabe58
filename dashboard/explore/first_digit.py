"""The digit that a tab shows first: a clear 3, on which slant and thickness are easy to see.

The clear 3 of an included run is known in advance. Other generators show the digit of a seed
until their digits have been sorted.
"""

from __future__ import annotations

import streamlit as st

from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.included_findings import list_clearest_z
from dashboard.shared import selection

_DIGIT = 3  # Runs that learn the classes show the chosen class instead.

# Keys of the session.
# The first z, which is that of a seed. It is replaced unless a person chooses or moves a z.
_UNTOUCHED = "untouched_first_z"


def select_first_digit(source: GeneratorSource) -> None:
    """Select a clear 3 of a generator, unless a person has chosen a z or there is no 3."""
    findings = findings_cache.get_findings(source)
    is_first = not selection.is_chosen(source.latent_dim)
    learned = source.digits
    digit = _DIGIT if _DIGIT in learned or not learned else learned[0]
    digit = digit if source.digit is None else source.digit
    if findings is None:
        clear_z = list_clearest_z(source).get(digit) if is_first else None
        if clear_z is not None:
            selection.select_z(clear_z, f"a clear {digit}")
        elif is_first:
            st.session_state[_UNTOUCHED] = selection.get_current(source.latent_dim).z
        return
    untouched = st.session_state.pop(_UNTOUCHED, None)
    # Each choice and each move makes a new array.
    is_untouched = not is_first and selection.get_current(source.latent_dim).z is untouched
    if not (is_first or is_untouched):
        return
    clear = findings.survey.find_typical(digit)
    if clear is not None:
        selection.select_z(findings.survey.z[clear], f"a clear {digit}")
