"""The digits of a generator, sorted by a classifier, to pick one from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.components.tiles import render_tiles
from dashboard.explore_tools import shown_findings
from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.tab import selection
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.wording import add_article

if TYPE_CHECKING:
    from dcgan.latent.survey import Survey

# Keys of the session.
_BANK_DIGIT = "bank_digit"
_RENDERED = "bank_rendered"
_FINDINGS = "bank_findings"

_ALL = "All"
_COLUMNS = 14  # Narrow windows show the first of them.
_ROWS_OF_ONE_DIGIT = 6
_GAP = 2
_SCALE = 2


def render(source: GeneratorSource) -> None:
    """Render the digits; picking one selects its z."""
    findings = shown_findings.choose_shown_findings(source, _FINDINGS)
    if findings is None:
        st.caption(
            escape_markdown(findings_cache.describe_problem(source))
            or f"Sorting this generator's digits, {shown_findings.describe_duration(source)}."
        )
        for _ in range(2):  # Removes another generator's digits before a click picks one.
            st.empty()
        return
    survey = findings.survey
    if survey.prediction is None:
        st.info("This run was trained on pictures other than digits, so there is nothing to sort.")
        return
    choice = _ask_for_digit(source)
    samples = _find_samples(survey, choice, source.digits)
    if not samples:
        st.caption(
            f"None of {len(survey.z):,} digits of this generator is {add_article(int(choice))}."
        )
        return
    st.caption(
        f"The clearest of {len(survey.z):,} generated digits. Pick one to explore it: it comes to "
        "the middle of the grid."
    )
    pixels = np.concatenate([survey.pixels[row] for row in samples])
    rows = -(-len(pixels) // _COLUMNS)
    picture = tile(pixels, rows, _COLUMNS, gap=_GAP)
    indices = np.concatenate(samples)
    sureness = survey.prediction.probabilities[indices].max(axis=1)
    # A click refers to the digits of the previous run of the script: there may be a newer survey.
    rendered = (source.identity, survey.z[indices], survey.digits[indices].tolist())
    identity, z, digits = st.session_state.get(_RENDERED, rendered)
    st.session_state[_RENDERED] = rendered
    chosen = selection.find_in(survey.z[indices])
    picked = render_tiles(
        encode_png(picture),
        size=(picture.shape[1], picture.shape[0]),
        rows=rows,
        columns=_COLUMNS,
        labels=[
            f"{add_article(digit).capitalize()}, {sure:.0%} sure"
            for digit, sure in zip(survey.digits[indices], sureness, strict=True)
        ],
        alt=f"Bank of digits ({choice}), step {findings.step}",
        key="bank-picture",
        scale=_SCALE,
        gap=_GAP,
        chosen=chosen,
        crop=True,
    )
    shown_findings.render_refresh(
        source, findings, _FINDINGS, "list", None if chosen is None else int(indices[chosen])
    )
    if picked is not None and picked < len(z) and identity == source.identity:
        selection.select_z(z[picked], f"{add_article(digits[picked])} that you picked")
        st.rerun()


def _ask_for_digit(source: GeneratorSource) -> str:
    """Render the choice of a digit, unless the generator draws the chosen class only."""
    if source.digit is not None:
        return str(source.digit)
    if len(source.digits) == 1:
        return str(source.digits[0])
    choices = [_ALL, *map(str, source.digits)]
    if st.session_state.get(_BANK_DIGIT, _ALL) not in choices:  # Only another run learned it.
        del st.session_state[_BANK_DIGIT]
    return st.segmented_control(
        "Show me",
        choices,
        default=_ALL,
        required=True,
        key=_BANK_DIGIT,
        persist_state="session",
    )


def _find_samples(survey: Survey, choice: str, digits: tuple[int, ...]) -> list[np.ndarray]:
    """Return the indices of the samples to show, row by row.

    Args:
        survey: The survey.
        choice: One digit, for several rows of it, or `_ALL` for a row of each digit.
        digits: The digits that the run has learned.
    """
    if choice != _ALL:
        found = survey.find_clearest(int(choice), _ROWS_OF_ONE_DIGIT * _COLUMNS)
        num_rows = -(-len(found) // _COLUMNS)
        # Sorted column by column, because a narrow window shows only the first columns.
        order = np.arange(num_rows * _COLUMNS).reshape(_COLUMNS, num_rows).T.ravel()
        return [found[order[order < len(found)]]] if len(found) else []
    rows = [survey.find_clearest(digit, _COLUMNS) for digit in digits]
    # Leave out a digit that the generator rarely makes: its row would have holes.
    return [row for row in rows if len(row) == _COLUMNS]
