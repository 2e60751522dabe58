"""A progress bar that moves without a known share, while a run gets ready."""

from __future__ import annotations

import streamlit as st


def render_moving_bar() -> None:
    """Render the bar; `styles/all_pages.css` moves it."""
    st.html('<div class="moving-bar" role="progressbar" aria-label="Getting ready"></div>')
