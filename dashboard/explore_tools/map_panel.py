"""The map: a few thousand digits of a generator on a plane, similar ones near each other."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import streamlit as st

from dashboard.components.digit_map import render_digit_map
from dashboard.components.invisible import rerun_on_news
from dashboard.components.plain_text import escape_markdown
from dashboard.components.styling import render_keyboard_hint
from dashboard.explore_tools import held_findings, map_chart
from dashboard.generators import findings_cache
from dashboard.generators.findings_cache import Findings
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import class_choice
from dashboard.shared import selection
from dashboard.shared.explore_request import request_class
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.images.png_recipe import encode_png

_HEIGHT = 460
_MAX_SIDE = 32  # Larger digits are shown under the pointer at half their size.
_RENDERED = "map_shown"
_HELD = "map_held"
_SECONDS = 1.0  # Until the page looks again whether the map is ready.


def render(source: GeneratorSource) -> None:
    """Render the map; picking a digit selects its z, and its class in a run that learned them."""
    names = source.run.config.class_names
    everything = replace(source, class_id=None)  # All classes in turn.
    findings = held_findings.hold(everything, _HELD)
    if findings is None:  # The survey is taken after the rest of the page was rendered.
        problem = findings_cache.describe_problem(everything)
        st.caption(escape_markdown(problem) or "Laying out this generator's digits …")
        st.empty()  # Removes another generator's map before a click picks a digit of it.
        if names:  # The page itself surveys the chosen class only.
            findings_cache.start_survey(everything, only_first=True)
            rerun_on_news("laying out", seconds=_SECONDS, key="news-map")
        return
    figure, sheet, columns, digit_side = _build(findings)
    num = len(findings.survey.z)
    layout = (
        "Similar ones are near each other; the colour is the digit that a classifier reads."
        if findings.survey.prediction is not None
        else "The axes are the two directions in which the pictures differ the most."
    )
    st.caption(
        f"Each dot is one of {num:,} generated digits. {layout} Pick one to explore it: it comes "
        "to the middle of the grid."
    )
    with st.container(key="map"):
        picked = render_digit_map(
            figure,
            sheet=sheet,
            columns=columns,
            num=num,
            digit_side=digit_side,
            height=_HEIGHT,
            chosen=class_choice.find_drawn(
                source, findings.survey.z, [i % len(names) for i in range(num)] if names else None
            ),
            alt=f"Map of {num} digits, step {findings.step}",
            key="map-chart",
        )
    held_findings.render_refresh(everything, findings, _HELD, "map")
    render_keyboard_hint("By keyboard: arrows go from digit to digit, Enter chooses.", key="map")
    # A click refers to the map of the previous run of the script: there may be a newer survey.
    rendered = (everything.identity, findings.survey.z)
    identity, z = st.session_state.get(_RENDERED, rendered)
    st.session_state[_RENDERED] = rendered
    if picked is not None and picked < len(z) and identity == everything.identity:
        if names:
            request_class(names[picked % len(names)])
        selection.select_z(z[picked], "the map")
        st.rerun()


@lru_cache(maxsize=2)
def _build(findings: Findings) -> tuple[str, bytes, int, int]:
    """Build the map once for all tabs.

    Returns:
        The figure as JSON, all digits in one PNG, its columns, and the side of a digit in pixels.
    """
    survey = findings.survey
    rows, columns = choose_grid_shape(len(survey.z))
    # Every other pixel of large digits, as thousands of them are sent in one picture.
    pixels = survey.pixels[:, ::2, ::2] if survey.pixels.shape[1] > _MAX_SIDE else survey.pixels
    sheet = encode_png(tile(pixels, rows, columns, gap=0))
    figure = map_chart.make_map(survey.project(), survey.digits)
    return figure.to_json(), sheet, columns, pixels.shape[1]
