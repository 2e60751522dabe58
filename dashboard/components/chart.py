"""Plotly charts that change in place.

Streamlit's own Plotly element drops a person's zoom with each new figure.
"""

from __future__ import annotations

import streamlit as st

from dashboard.components.registration import register_component

_chart = register_component("chart")


def render_chart(figure: str, *, height: int, alt: str, key: str) -> None:
    """Show a Plotly figure and update it in place.

    Args:
        figure: The figure as JSON, as returned by `Figure.to_json`.
        height: Height in CSS pixels.
        alt: Description of the chart, with its last step.
        key: Streamlit's key; keep it for a chart that changes.
    """
    _chart(
        key=key,
        data={"figure": figure, "height": height, "alt": alt, "theme": st.context.theme.type},
        height=height,
    )
