"""A line on the page while the server does not answer.

Streamlit itself disables all widgets at once, and a quarter of a minute later opens a dialog that
asks for the internet connection.
"""

from __future__ import annotations

from dashboard.components.registration import register_component

_connection = register_component("connection")


def render_connection() -> None:
    """Render the component that watches the connection; invisible, once per script run."""
    _connection(key="connection", height=1)
