"""The stops of the walk: at first the page chooses them, later a person may.

The walk begins at the selected digit, so that it follows the sliders, and ends at a clear one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.generators import class_examples
from dashboard.generators.generator_source import GeneratorSource
from dashboard.tab import selection
from dashboard.walks import clear_digits, vector_choice, walk_classes, walk_start
from dashboard.walks.clear_digits import ShownGenerator

# Keys of the session.
STOPS = "walk_stops"
_FIRST_STOPS = "walk_first_stops"  # The `_FirstStops`; None once a person has chosen others.

_FIRST_DIGITS = (8, 3)  # The first walk goes to one of these; to the 3 from an 8.
_CLEAR_START = 3
_FIRST_SEEDS = (1, 2)  # Those to which a walk goes without clear digits.


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
        selected_z=walk_start.find_start(source).z,
    )
    _announce_newer_digits(source)
    if first is not None and st.session_state[STOPS] != first.names:
        st.session_state[_FIRST_STOPS] = None
    return stops


def asks_for_selected_class() -> bool:
    """Return whether the selected z has a choice of classes; not in a walk that the page chose."""
    return st.session_state.get(_FIRST_STOPS) is None or len(st.session_state[STOPS]) == 1


def refresh_first_stops(source: GeneratorSource) -> None:
    """Replace stops that the page chose for another generator or start, or before any were found.

    A person who has changed the stops keeps them.
    """
    first: _FirstStops | None = st.session_state.get(_FIRST_STOPS)
    if first is None or st.session_state.get(STOPS) != first.names:
        return
    digits, wanted = vector_choice.list_digits(first.names), choose_first_stops(source)
    is_waiting = not set(digits) <= clear_digits.find_clear_digits(source).keys()
    is_other_digit = bool(digits and vector_choice.list_digits(wanted)) and wanted != first.names
    if is_waiting or is_other_digit or not first.generator.matches(source):
        _set_first_stops(source)


def choose_first_stops(source: GeneratorSource) -> list[str]:
    """Choose the selected digit and a clear one, two classes of one z, or a seed as the end.

    The digit may not be found yet; the walk then waits for it.
    """
    start = walk_start.find_start(source)
    selected = vector_choice.name_selected(source)
    if source.class_name:
        classes = walk_classes.choose_first(source.run.config.class_names)
        if not set(classes) <= set(class_examples.list_digits(source)):
            return [selected]
        ends = [int(name) for name in reversed(classes) if name != start.class_name]
    else:
        learned = source.digits
        has_first = set(_FIRST_DIGITS) <= set(learned)
        ends = list(_FIRST_DIGITS if has_first else learned[-1:] + learned[:1])
        if len(set(ends)) < 2:  # A run of one digit: two of it differ less than two of any seed.
            ends = []
    known = clear_digits.find_clear_digits(source)
    if not source.class_name:  # Two classes of one z are two pictures.
        ends = [end for end in ends if end not in known or not _is_same(known[end], start.z)]
    if not ends or (clear_digits.is_search_over(source) and ends[0] not in known):
        seeds = (seed for seed in _FIRST_SEEDS if not _is_seed(start.z, seed))
        return [selected, vector_choice.name_seed(next(seeds))]
    return [selected, vector_choice.name_clear_digit(ends[0])]


def render_other_start(source: GeneratorSource) -> None:
    """Render a button for another start: the selected digit, or else a clear 3."""
    stops: list[str] = st.session_state[STOPS]
    if not stops:
        return
    selected = vector_choice.name_selected(source)
    clear_z = clear_digits.find_clear_digits(source).get(_CLEAR_START)
    start = walk_start.find_start(source)
    is_picked = walk_start.is_picked(source)
    if stops[0] != selected or is_picked:
        which = "this" if is_picked else "the selected"
        label, name = f"Start from {which} {source.noun}", selected
    elif clear_z is not None and not (
        start.class_name in ("", str(_CLEAR_START)) and _is_same(clear_z, start.z)
    ):
        name = vector_choice.name_clear_digit(_CLEAR_START)
        label = f"Start from {name.lower()}"
    else:
        return
    st.button(
        label,
        icon=":material/start:",
        key="walk-start",
        on_click=_set_start,
        args=(source, name),
    )
    if is_picked and stops[0] == selected:
        st.caption(f"The walk still starts from the {source.noun} that was selected before.")


def _set_start(source: GeneratorSource, name: str) -> None:
    walk_start.forget_pick()
    refresh_first_stops(source)  # Its end must be another digit than the new start.
    stops: list[str] = st.session_state[STOPS]
    if stops[0] != name:
        first, others = stops[0], [stop for stop in stops[1:] if stop != name]
        # The start is replaced, as the clear digit and the selected one take turns.
        is_kept = not (vector_choice.is_selected(first) or vector_choice.is_clear_digit(first))
        st.session_state[STOPS] = [name, *([first] if is_kept else []), *others]
        st.session_state[_FIRST_STOPS] = None


def _is_same(z: np.ndarray, other_z: np.ndarray) -> bool:
    return np.array_equal(z.astype(np.float32), other_z.astype(np.float32))


def _is_seed(z: np.ndarray, seed: int) -> bool:
    return selection.confirm_seed(z, seed) is not None


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
