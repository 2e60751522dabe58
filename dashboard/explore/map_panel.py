"""A map of what the generator draws: a few thousand digits, like ones near each other."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from dashboard.components.digit_map import render_digit_map
from dashboard.components.plain_text import literal
from dashboard.shared import chart_cache, selection
from dashboard.state import surveys
from dashboard.state.generator_source import GeneratorSource
from dashboard.state.surveys import Findings
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.images.png_recipe import encode_png

_HEIGHT = 560
_MAX_SIDE = 32  # Of a digit under the pointer, in its own pixels.


def render(source: GeneratorSource) -> None:
    """Draw the map; a digit that is picked becomes the chosen z."""
    findings = surveys.get_findings(source)
    if findings is None:  # The page looks when all else is drawn.
        st.caption(
            literal(surveys.describe_problem(source)) or "Laying out this generator's digits …"
        )
        st.empty()  # In the place of what was said of another generator's map.
        return
    figure, sheet, columns, digit_side = _render(findings)
    num = len(findings.survey.z)
    with st.container(key="map"):
        picked = render_digit_map(
            figure,
            sheet=sheet,
            columns=columns,
            num=num,
            digit_side=digit_side,
            height=_HEIGHT,
            alt=f"Map of {num} digits, step {findings.step}",
            key="map-chart",
        )
    how = (
        "Near each other is what a classifier sees alike, seen from where the digits lie furthest "
        "apart; each colour is what it takes them for."
        if findings.survey.prediction is not None
        else "Along the two directions in which the pictures differ the most."
    )
    st.caption(
        f"{num:,} digits of step {findings.step:,}. {how} Point at one to see it; click, and it "
        "becomes the chosen z. By keyboard: arrows go from digit to digit, Enter chooses."
    )
    # What was picked was picked from what was in sight: the survey may be another by now.
    shown_now = (source.moment, findings.survey.z)
    moment, z = st.session_state.get("map_shown", shown_now)
    st.session_state["map_shown"] = shown_now
    if picked is not None and picked < len(z) and moment == source.moment:
        selection.choose(z[picked], "the map")
        st.rerun()


@lru_cache(maxsize=2)
def _render(findings: Findings) -> tuple[str, bytes, int, int]:
    """Draw the map once for all tabs.

    Returns:
        The figure, all digits in one picture, its columns, and the side of a digit in it.
    """
    survey = findings.survey
    rows, columns = choose_grid_shape(len(survey.z))
    # Larger ones by every other pixel: thousands of them are one picture.
    pixels = survey.pixels[:, ::2, ::2] if survey.pixels.shape[1] > _MAX_SIDE else survey.pixels
    sheet = encode_png(tile(pixels, rows, columns, gap=0))
    figure = chart_cache.map_figure(survey.places(), survey.digits)
    return figure.to_json(), sheet, columns, pixels.shape[1]
