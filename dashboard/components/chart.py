"""Plotly charts that change in place, and a map whose points are digits.

Streamlit's own Plotly element resets the zoom with each new figure.
"""

from __future__ import annotations

import streamlit as st

from dashboard.components.registration import do_nothing, register_component
from dcgan.images.data_urls import encode_data_url

_chart = register_component("chart")
_digit_map = register_component("digit_map")


def render_chart(figure: str, *, height: int, alt: str, key: str, grows: bool = False) -> None:
    """Show a Plotly figure and update it in place.

    Args:
        figure: The figure as JSON, as returned by `Figure.to_json`.
        height: Height in CSS pixels.
        alt: Description of the chart, with its last step.
        key: Streamlit's key; keep it for a chart that changes.
        grows: Whether the chart gets higher for more than one row of its legend, so that the plot
            keeps its height. The page should reserve the height until the chart is drawn.
    """
    _chart(
        key=key,
        data={
            "figure": figure,
            "height": height,
            "grows": grows,
            "alt": alt,
            "theme": st.context.theme.type,
        },
        height="content" if grows else height,
    )


def render_digit_map(
    figure: str,
    *,
    sheet: bytes,
    columns: int,
    num_digits: int,
    digit_side: int,
    height: int,
    chosen: int | None,
    alt: str,
    point_label: str,
    key: str,
) -> int | None:
    """Show a Plotly figure whose points are digits; hovering shows a digit, a click picks it.

    Args:
        figure: The figure as JSON; each point's `customdata` is its digit's index.
        sheet: PNG of all digits without gaps, row by row.
        columns: Number of digits in a row of the sheet.
        num_digits: Number of digits.
        digit_side: Side of one digit, in pixels.
        height: Height in CSS pixels.
        chosen: Index of the digit that gets a ring, or None.
        alt: Description of the chart, with its step.
        point_label: Description of the digit that has the keyboard's focus, before the name of its
            trace, such as "a digit seen as".
        key: Streamlit's key.

    Returns:
        The index of the digit whose pick caused this run of the script; otherwise None.
    """
    result = _digit_map(
        key=key,
        data={
            "figure": figure,
            "height": height,
            "alt": alt,
            "pointLabel": point_label,
            "theme": st.context.theme.type,
            "sheet": encode_data_url(sheet),
            "columns": columns,
            "digitSide": digit_side,
            "chosen": chosen,
        },
        height=height,
        on_picked_change=do_nothing,
    )
    picked = result.picked
    return picked if isinstance(picked, int) and 0 <= picked < num_digits else None
