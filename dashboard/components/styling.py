"""The style sheets in `dashboard/styles/`, and small elements that they style."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).resolve().parents[1] / "styles"


def apply_stylesheet(name: str) -> None:
    """Add a style sheet to the page; once per script run.

    In the file, `__BACKGROUND__` stands for the colour of the page's background, and `__EDGE__` for
    the colour of the edge of black pictures, which is visible on a dark page only.
    """
    light, dark = (st.get_option(f"theme.{scheme}.backgroundColor") for scheme in ("light", "dark"))
    css = (_FOLDER / f"{name}.css").read_text(encoding="utf-8")
    css = css.replace("__BACKGROUND__", f"light-dark({light}, {dark})")
    css = css.replace("__EDGE__", "light-dark(transparent, rgb(138 138 153 / 60%))")
    st.html(f"<style>\n{css}</style>")


def render_moving_bar() -> None:
    """Render a progress bar without a value; `styles/all_pages.css` moves it."""
    st.html('<div class="moving-bar" role="progressbar" aria-label="Getting ready"></div>')


def render_keyboard_hint(text: str, *, key: str) -> None:
    """Render a caption about keys, hidden without a mouse; `key` ends the container's key."""
    with st.container(key=f"keyboard-hint-{key}"):
        st.caption(text)
