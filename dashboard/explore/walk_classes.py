"""The class of each stop of a walk, in runs that learned the classes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.explore import vector_choice
from dashboard.state.generator_source import GeneratorSource

_FIRST = ("3", "8")  # As the stops of a walk of other runs.


def ask_for_classes(source: GeneratorSource, stops: Sequence[str]) -> list[str]:
    """Render the choice of a class for each stop; return their names, none if the run knows none.

    The selected digit keeps the class that is chosen above the grid.

    Args:
        source: The generator.
        stops: Names of the stops, as `vector_choice.ask_for_vectors` returns them.
    """
    if not source.class_name:
        return []
    names = source.run.config.class_names
    first = _FIRST if set(_FIRST) <= set(names) else names
    chosen = []
    with st.container(horizontal=True, key="walk-classes"):
        for place, stop in enumerate(stops):
            if stop == vector_choice.SELECTED:
                chosen.append(source.class_name)
                continue
            key = f"walk_class_{stop}"
            if st.session_state.get(key) not in names:
                own = vector_choice.find_class_name(source, stop)
                st.session_state[key] = own if own in names else first[place % len(first)]
            chosen.append(
                st.selectbox(
                    f"{escape_markdown(stop)} as",
                    names,
                    key=key,
                    persist_state="session",
                    width=150,
                )
            )
    return chosen
