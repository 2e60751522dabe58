"""The folded parts of Compare, below the answer: what a person opens stays open."""

from __future__ import annotations

import streamlit as st


def fold(
    label: str, icon: str, key: str, *, is_open: bool = False
) -> st.delta_generator.DeltaGenerator:
    """Return the container of a part that is folded at first.

    Args:
        label: The name of the part.
        icon: Name of a Material icon.
        key: Streamlit's key.
        is_open: Whether it begins open, as the page's address names a choice in it. It counts when
            the session shows the part first: later a person opens and closes it.
    """
    begins_open: bool = st.session_state.setdefault(f"{key}-begins-open", is_open)
    return st.expander(label, icon=f":material/{icon}:", key=key, expanded=begins_open)
