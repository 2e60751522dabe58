"""The stops of the walk: at first the page chooses them, later a person may."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.generators import class_examples
from dashboard.generators.generator_source import GeneratorSource
from dashboard.walks import clear_digits, vector_choice, walk_classes
from dashboard.walks.clear_digits import ShownGenerator

# Keys of the session.
STOPS = "walk_stops"
_FIRST_STOPS = "walk_first_stops"  # The `_FirstStops`; None once a person has chosen others.

_FIRST_DIGITS = (3, 8)  # The first walk goes from one of these digits to the other.
_SEED_STOPS = [vector_choice.name_seed(seed) for seed in range(1, len(_FIRST_DIGITS) + 1)]


@dataclass(frozen=True)
class _FirstStops:
    """The names of the stops that the page chose, and the generator for which it chose them."""

    generator: ShownGenerator
    names: list[str]


def ask_for_stops(source: GeneratorSource) -> list[tuple[str, np.ndarray]]:
    """Render the choice of the stops; return the name and the z of each, in their order."""
    if _FIRST_STOPS not in st.session_state:
        _set_first_stops(source)
    first: _FirstStops | None = st.session_state[_FIRST_STOPS]
    stops = vector_choice.ask_for_vectors(
        source,
        f"{source.noun.capitalize()}s on the way",
        key=STOPS,
        default=choose_first_stops(source),
        help_text=f"In the order of the walk: {vector_choice.list_kinds(source)}."
        + (" A seed can be drawn as several classes in turn." if source.class_name else ""),
        of_all_classes=True,
    )
    _announce_newer_digits(source)
    if first is not None and st.session_state[STOPS] != first.names:
        st.session_state[_FIRST_STOPS] = None
    return stops


def refresh_first_stops(source: GeneratorSource) -> None:
    """Replace the stops that the page chose for another generator, or before it found digits.

    The names that were shown stay until the generator is another one, and a person who has changed
    the stops keeps them.
    """
    first: _FirstStops | None = st.session_state.get(_FIRST_STOPS)
    if first is None or st.session_state.get(STOPS) != first.names:
        return
    digits = vector_choice.list_digits(first.names)
    is_waiting = not set(digits) <= clear_digits.find_clear_digits(source).keys()
    if is_waiting or not first.generator.matches(source):
        _set_first_stops(source)


def choose_first_stops(source: GeneratorSource) -> list[str]:
    """Choose two digits, two classes of one z, or seeds if the generator draws no such digits.

    The digits may not be found yet; the walk then waits for them.
    """
    learned = source.digits
    has_first = set(_FIRST_DIGITS) <= set(learned)
    digits = _FIRST_DIGITS if has_first else learned[:1] + learned[-1:]
    if source.class_name:
        classes = walk_classes.choose_first(source.run.config.class_names)
        if not set(classes) <= set(class_examples.list_digits(source)):
            return [vector_choice.name_selected(source)]
        digits = tuple(map(int, classes))
    is_known = set(digits) <= clear_digits.find_clear_digits(source).keys()
    if len(set(digits)) < 2 or (clear_digits.is_search_over(source) and not is_known):
        return _SEED_STOPS
    return [vector_choice.name_clear_digit(digit) for digit in digits]


def render_clear_digits(source: GeneratorSource) -> None:
    """Render a button that replaces the page's seeds, if the generator draws clear digits now."""
    stops: list[str] = st.session_state[STOPS]
    if st.session_state[_FIRST_STOPS] is None or choose_first_stops(source) == stops:
        return
    st.button(
        "Use clear digits",
        icon=":material/refresh:",
        key="walk-clear-digits",
        on_click=_set_first_stops,
        args=(source,),
        help="By now the generator draws clear digits. Click to walk between two of them.",
    )


def _announce_newer_digits(source: GeneratorSource) -> None:
    """Render that the clear digits among the stops change, while a run trains."""
    if source.trainer is not None and vector_choice.list_digits(st.session_state[STOPS]):
        st.caption("While the run trains, clear digits are chosen again when it has learned more.")


def _set_first_stops(source: GeneratorSource) -> None:
    stops = choose_first_stops(source)
    # A value that is set is sent to the browser, where it replaces what a person chooses meanwhile.
    if st.session_state.get(STOPS) != stops:
        st.session_state[STOPS] = stops
    st.session_state[_FIRST_STOPS] = _FirstStops(ShownGenerator.of(source), stops)
