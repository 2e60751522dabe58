"""The classes of each stop of a walk, in runs that learned the classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.generators.generator_source import GeneratorSource
from dashboard.walks import vector_choice, walk_start
from dcgan.latent.sampling import fingerprint

_FIRST = ("3", "8")  # The same digits as in runs without classes.

# Keys of the session.
_DRAWN = "walk_drawn_class"  # The class above the grid when the choice was last rendered.


def choose_first(names: Sequence[str]) -> list[str]:
    """Return the two classes between which a walk begins.

    Args:
        names: The classes of the run, at least two.
    """
    return list(_FIRST) if set(_FIRST) <= set(names) else [names[0], names[-1]]


def ask_for_classes(
    source: GeneratorSource, stops: Sequence[tuple[str, np.ndarray]], *, asks_for_selected: bool
) -> list[list[str]]:
    """Render the choice of classes for each stop; return their names in the order of the walk.

    A clear digit is drawn as its own class and has no choice. A stop with several classes is the
    same z, drawn as each of them in turn. The selected z follows the class that is chosen above the
    grid, until a person chooses other classes for it.

    Args:
        source: A generator that knows classes.
        stops: Names and vectors of the stops, as `vector_choice.ask_for_vectors` returns them.
        asks_for_selected: Whether the selected z has a choice too.
    """
    names = source.run.config.class_names
    selected_class = walk_start.find_start(source).class_name
    stop_names = [stop for stop, _ in stops]
    chosen = []
    with st.container(horizontal=True, key="walk-classes"):
        for index, (stop, vector) in enumerate(stops):
            is_selected = vector_choice.is_selected(stop)
            if is_selected and not asks_for_selected:
                chosen.append([selected_class])
                continue
            own_class = vector_choice.find_class_name(source, stop)
            if vector_choice.is_clear_digit(stop) and own_class in names:
                chosen.append([own_class])
                continue
            key = f"walk_classes_{stop}"
            if vector_choice.is_pin(stop):  # Another pin may have its name later.
                key += f"_{fingerprint(vector)}"
            previous: list[str] | None = st.session_state.get(key)
            if previous is None or not set(previous) <= set(names):
                st.session_state[key] = _choose_classes(source, stop_names, index)
            elif is_selected and previous == [st.session_state.get(_DRAWN)]:
                st.session_state[key] = [selected_class]
            chosen.append(
                st.multiselect(
                    f"{escape_markdown(stop)}, drawn as",
                    names,
                    key=key,
                    persist_state="session",
                    width=280,
                    placeholder="Choose classes",
                    help="The same z as each of these in turn: slant and thickness stay.",
                )
            )
    st.session_state[_DRAWN] = selected_class
    return chosen


def _choose_classes(source: GeneratorSource, stops: Sequence[str], index: int) -> list[str]:
    """Choose the first classes of a stop: two if it is the only one, otherwise its own."""
    names = source.run.config.class_names
    first = choose_first(names)
    if len(stops) == 1:
        return first
    own_class = vector_choice.find_class_name(source, stops[index])
    return [own_class if own_class in names else first[index % len(first)]]
