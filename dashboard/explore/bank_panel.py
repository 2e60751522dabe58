"""Pick a digit: the bank of a generator's digits, the surest of each kind first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.components.plain_text import literal
from dashboard.components.tiles import render_tiles
from dashboard.shared import selection
from dashboard.state import surveys
from dashboard.state.generator_source import GeneratorSource
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png

if TYPE_CHECKING:
    from dcgan.latent.survey import Survey

_ALL = "All"
_COLUMNS = 14
_ROWS_OF_ONE = 6  # Where one digit is shown.
_GAP = 2
_SCALE = 2


def render(source: GeneratorSource) -> None:
    """Draw the digits; one that is picked becomes the chosen z."""
    findings = surveys.get_findings(source)
    if findings is None:  # The page looks when all else is drawn.
        st.caption(literal(surveys.describe_problem(source)) or "Sorting this generator's digits …")
        for _ in range(2):  # In the place of another generator's digits, which no click may choose.
            st.empty()
        return
    survey = findings.survey
    if survey.prediction is None:
        st.info("This run has learned from pictures that are no digits: there is nothing to sort.")
        return
    shown = st.segmented_control(
        "Show me",
        [_ALL, *map(str, range(10))],
        default=_ALL,
        required=True,
        key="bank_digit",
        persist_state="session",
    )
    samples = _choose(survey, shown)
    if not samples:
        st.caption(
            f"None of {len(survey.z):,} digits of step {findings.step:,} is {_a(int(shown))}."
        )
        return
    pixels = np.concatenate([survey.pixels[row] for row in samples])
    rows = -(-len(pixels) // _COLUMNS)
    picture = tile(pixels, rows, _COLUMNS, gap=_GAP)
    indices = np.concatenate(samples)
    sureness = survey.prediction.probabilities[indices].max(axis=1)
    # What was picked was picked from what was in sight: the survey may be another by now.
    shown_now = (source.moment, survey.z[indices], survey.digits[indices])
    before = st.session_state.get("bank_shown", shown_now)
    st.session_state["bank_shown"] = shown_now
    picked = render_tiles(
        encode_png(picture),
        size=(picture.shape[1], picture.shape[0]),
        rows=rows,
        columns=_COLUMNS,
        labels=[
            f"{_a(digit).capitalize()}, {sure:.0%} sure"
            for digit, sure in zip(survey.digits[indices], sureness, strict=True)
        ],
        alt=f"Bank of digits ({shown}), step {findings.step}",
        key="bank-picture",
        scale=_SCALE,
    )
    st.caption(
        f"From {len(survey.z):,} digits of step {findings.step:,}, those of which a classifier is "
        "the surest. Pick one: it becomes the chosen z."
    )
    moment, z, digits = before
    if picked is not None and picked < len(z) and moment == source.moment:
        selection.choose(z[picked], f"the bank, {_a(int(digits[picked]))}")
        st.rerun()


def _a(digit: int) -> str:
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _choose(survey: Survey, shown: str) -> list[np.ndarray]:
    """Return which samples are shown, a row of the grid each or several of one digit."""
    if shown != _ALL:
        found = survey.best(int(shown), _ROWS_OF_ONE * _COLUMNS)
        return [found] if len(found) else []
    rows = [survey.best(digit, _COLUMNS) for digit in range(10)]
    # A digit that the generator seldom draws has too few for its row; the grid has no holes.
    return [row for row in rows if len(row) == _COLUMNS]
