"""Registration of the JavaScript in `frontend/` with Streamlit."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_FRONTEND = Path(__file__).with_name("frontend")


def register_component(name: str, *needed: str) -> ComponentRenderer:
    """Register a component and return the function that puts it on a page.

    Args:
        name: The component's name, and that of its module in `frontend/`.
        *needed: Modules whose functions it calls.
    """
    parts = [(_FRONTEND / f"{module}.js").read_text("utf-8") for module in (*needed, name)]
    return st.components.v2.component(name, js="\n".join(parts), isolate_styles=False)


def do_nothing() -> None:
    """Serve as a callback: Streamlit returns only those values that have one."""
