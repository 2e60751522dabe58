"""Toasts that explain why a click did nothing."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown

BUSY = "Another run is training. Stop it first."


def show_refusal(reason: str | Exception) -> None:
    """Show the reason as a toast, long enough to be read; it may contain Markdown characters."""
    st.toast(escape_markdown(str(reason)), icon=":material/error:", duration="long")
