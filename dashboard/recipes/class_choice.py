"""The choice of the class that the generator draws, in runs that learn the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.generators.generator_source import GeneratorSource
from dashboard.tab import selection
from dashboard.tab.explore_request import CLASS, CLASS_REQUEST
from dcgan.runs.run_folder import Run

_DEFAULT_CLASS = "3"  # The same digit as in `first_digit`.
_MAX_CHIPS = 12  # More do not fit into two rows on a phone.


def ask_for_class(source: GeneratorSource) -> GeneratorSource:
    """Render the choice of a class; return the generator of that class.

    For a run that knows no classes a sentence stands in place of the choice, so that nothing below
    it moves, and its generator is returned as it is.
    """
    names = source.run.config.class_names
    # Rendered also without a choice, because a later container would move everything below it.
    container = st.container(key="explore-class")
    _apply_request(names)
    if not names:
        container.caption(
            f"This run has not learned classes: z alone decides which {source.noun} comes."
        )
        return source
    if st.session_state.get(CLASS) not in names:
        st.session_state[CLASS] = _DEFAULT_CLASS if _DEFAULT_CLASS in names else names[0]
    label = "Digit" if all(name.isdecimal() and len(name) == 1 for name in names) else "Class"
    with container:
        if len(names) <= _MAX_CHIPS:
            name = st.segmented_control(
                label,
                names,
                key=CLASS,
                required=True,
                format_func=escape_markdown,
                persist_state="session",
            )
        else:
            name = st.selectbox(label, names, key=CLASS, persist_state="session")
    return replace(source, class_id=names.index(name))


def get_class_id(run: Run) -> int | None:
    """Return the index of the chosen class in a run's names; None if the run lacks the class."""
    names = run.config.class_names
    _apply_request(names)
    chosen = st.session_state.get(CLASS)
    return names.index(chosen) if chosen in names else None


def find_selected(
    source: GeneratorSource, batch: np.ndarray, class_ids: Sequence[int] | np.ndarray | None
) -> int | None:
    """Return the index of the picture with the selected z and class; None if there is none.

    Args:
        source: The generator, with the selected class.
        batch: Latent batch, shape (num, latent_dim).
        class_ids: The class of each vector; None if the generator knows none.
    """
    if class_ids is None:
        return selection.find_in(batch)
    with_class = np.flatnonzero([class_id == source.class_id for class_id in class_ids])
    index = selection.find_in(batch[with_class])
    return None if index is None else int(with_class[index])


def _apply_request(names: Sequence[str]) -> None:
    """Choose the class that another part of the page has requested, if the run knows it."""
    requested = st.session_state.pop(CLASS_REQUEST, None)
    if requested in names:
        st.session_state[CLASS] = requested
