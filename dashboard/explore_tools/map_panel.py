"""The map: a few thousand pictures of a generator on a plane, similar ones near each other."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.components.chart import render_digit_map
from dashboard.components.invisible import rerun_after
from dashboard.components.plain_text import escape_markdown
from dashboard.components.styling import render_keyboard_hint, render_moving_bar
from dashboard.explore_tools import map_chart, shown_findings
from dashboard.generators import findings_cache
from dashboard.generators.findings_cache import Findings
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import class_choice
from dashboard.tab import selection
from dashboard.tab.explore_request import request_class
from dcgan.errors import RunError
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.images.png_recipe import encode_png

if TYPE_CHECKING:
    from dcgan.latent.survey import Survey

_HEIGHT = 376  # It ends above the fold of a window of 1280 by 800.
_MAX_SIDE = 32  # Larger pictures are shown at the pointer at half their size.

# Keys of the session.
_RENDERED = "map_rendered"
_FINDINGS = "map_findings"

_CHECK_SECONDS = 1.0  # Interval at which the page checks whether the map is ready.


def render(source: GeneratorSource) -> None:
    """Render the map; a pick selects the picture's z, and its class in a run with classes."""
    names, noun = source.run.config.class_names, source.noun
    all_classes = replace(source, class_id=None)  # Draws all classes in turn.
    findings = shown_findings.choose_shown_findings(all_classes, _FINDINGS)
    if findings is None or not _has_places(findings.survey, source.digits):
        _render_without_map(all_classes, findings)
        return
    figure, sheet, columns, digit_side = _build_map(findings)
    num = len(findings.survey.z)
    classes = np.arange(num) % len(names) if names else None
    chosen_index = class_choice.find_selected(source, findings.survey.z, classes)
    ring_index = (
        _find_most_similar(source, findings.survey, classes)
        if chosen_index is None
        else chosen_index
    )
    layout = (
        "Similar ones are near each other; the colour is the digit that a classifier reads."
        if findings.survey.prediction is not None
        else "The axes are the two directions in which the pictures differ the most."
    )
    st.caption(
        f"Each dot is one of {num:,} generated {noun}s. {layout} Pick one to explore it: it comes "
        "to the middle of the grid."
    )
    with st.container(key="map"):
        picked = render_digit_map(
            figure,
            sheet=sheet,
            columns=columns,
            num_digits=num,
            digit_side=digit_side,
            height=_HEIGHT,
            chosen=ring_index,
            alt=f"Map of {num} {noun}s, step {findings.step}",
            point_label="one of the" if findings.survey.prediction is None else "a digit seen as",
            key="map-chart",
        )
    _explain_ring(noun, chosen_index, ring_index)
    shown_findings.render_refresh(all_classes, findings, _FINDINGS, "map", chosen_index)
    render_keyboard_hint(f"By keyboard: arrows go from {noun} to {noun}, Enter chooses.", key="map")
    # A click refers to the map of the previous run of the script: there may be a newer survey.
    rendered = (all_classes.identity, findings.survey.z)
    identity, z = st.session_state.get(_RENDERED, rendered)
    st.session_state[_RENDERED] = rendered
    if picked is not None and picked < len(z) and identity == all_classes.identity:
        if names:
            request_class(names[picked % len(names)])
        selection.select_z(z[picked], "the map")
        st.rerun()


def _has_places(survey: Survey, digits: tuple[int, ...]) -> bool:
    """Return whether the pictures are different enough to have different places on the map.

    Early in a training a classifier reads the same digit everywhere.

    Args:
        survey: The pictures.
        digits: The digits that the run has learned; empty if its pictures are not digits.
    """
    return survey.is_diverse and len(np.unique(survey.digits)) >= min(2, len(digits))


def _render_without_map(source: GeneratorSource, findings: Findings | None) -> None:
    """Render the reason why there is no map, and start the survey that it needs.

    Args:
        source: The generator, which draws all classes in turn.
        findings: Findings of pictures that are too alike; None before the first survey.
    """
    noun, problem = source.noun, findings_cache.describe_problem(source)
    may_come = findings is None or source.trainer is not None
    if findings is None:
        text = f"Laying out this generator's {noun}s, {shown_findings.describe_duration(source)}."
    else:
        text = f"At step {findings.step:,} the {noun}s are too alike for a map."
        text += " It comes when they differ." if may_come else ""
        shown_findings.want_newest(_FINDINGS)
    st.caption(escape_markdown(problem) or text)
    if may_come and not problem:
        render_moving_bar()
    st.empty()  # Removes another generator's map before a click picks from it.
    # The survey starts after the rest of the page was rendered; of the chosen class only.
    if may_come and source.run.config.class_names:
        findings_cache.start_survey(source, only_first=True)
        findings_cache.repeat_survey_if_changed(source)
        rerun_after(_CHECK_SECONDS, "laying out", key="news-map")


def _explain_ring(noun: str, chosen_index: int | None, ring_index: int | None) -> None:
    if chosen_index is not None:
        st.caption(f"The ring marks the selected {noun}.")
    elif ring_index is not None:
        st.caption(
            f"The selected {noun} is not one of these. The ring marks the one that looks most "
            "like it."
        )


def _find_most_similar(
    source: GeneratorSource, survey: Survey, classes: np.ndarray | None
) -> int | None:
    """Return the index of the picture that is most like the selected one, pixel by pixel.

    Args:
        source: The generator, with the selected class.
        survey: The pictures.
        classes: The class of each picture; only pictures of the selected class are compared. None
            without classes.

    Returns:
        None if the selected picture cannot be drawn.
    """
    z = selection.get_current(source.latent_dim).z[np.newaxis].astype(np.float32)
    try:
        selected, _ = source.generate(z)
    except RunError:  # The grid shows the error.
        return None
    candidates = np.arange(len(survey.z))
    if classes is not None:
        candidates = np.flatnonzero(classes == source.class_id)
    differences = _shrink(survey.pixels[candidates]).astype(np.int32) - _shrink(selected)
    return int(candidates[(differences**2).sum(axis=(1, 2, 3)).argmin()])


@lru_cache(maxsize=2)
def _build_map(findings: Findings) -> tuple[str, bytes, int, int]:
    """Build the map once for all tabs.

    Returns:
        The figure as JSON; a PNG of all pictures, its number of columns, and the side of a picture
        in pixels.
    """
    survey = findings.survey
    rows, columns = choose_grid_shape(len(survey.z))
    pixels = _shrink(survey.pixels)  # Thousands of them are sent in one picture.
    sheet = encode_png(tile(pixels, rows, columns, gap=0))
    figure = map_chart.make_map(survey.project(), survey.digits)
    return figure.to_json(), sheet, columns, pixels.shape[1]


def _shrink(pixels: np.ndarray) -> np.ndarray:
    """Return every other pixel of large pictures; small ones as they are."""
    return pixels[:, ::2, ::2] if pixels.shape[1] > _MAX_SIDE else pixels
