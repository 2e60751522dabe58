"""A line about keys, which the page's style hides on devices without a mouse."""

from __future__ import annotations

import streamlit as st


def render_keyboard_hint(text: str, *, key: str) -> None:
    """Render a caption about keys; `key` is the end of the container's key."""
    with st.container(key=f"keyboard-hint-{key}"):
        st.caption(text)
