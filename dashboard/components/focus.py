"""The keyboard focus: moved to what appears after a click, and scrolled into sight."""

from __future__ import annotations

import uuid

import streamlit as st

from dashboard.components.registration import register_component

_REQUEST = "focus_request"

_focus = register_component("focus")


def request_focus(key: str) -> None:
    """Move the focus to the container with this key as soon as the page shows it."""
    st.session_state[_REQUEST] = {"target": key, "token": uuid.uuid4().hex}


def render_focus() -> None:
    """Render the component that carries out requests; invisible, once per script run."""
    _focus(key="focus", data=st.session_state.get(_REQUEST), height=1)
