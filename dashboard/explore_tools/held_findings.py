"""The findings that a tool shows: held while a run trains, until a person asks for newer ones."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.components.invisible import rerun_on_news
from dashboard.components.picture import render_picture
from dashboard.generators import findings_cache
from dashboard.generators.findings_cache import Findings
from dashboard.generators.generator_source import GeneratorSource
from dcgan.config.named_datasets import get_picture_noun
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png

_SECONDS = 1.0  # Until a tool looks again whether newer findings are there.
_GAP, _SCALE = 4, 2  # Of the picture of then and now.
_WANTED = "_wanted"  # Suffix of the key: whether newer findings were asked for.


def hold(source: GeneratorSource, key: str) -> Findings | None:
    """Return the findings that a tool shows, which no newer ones replace unless asked for.

    Args:
        source: The generator.
        key: Key of the session for this tool.
    """
    newest = findings_cache.get_findings(source)
    held: Findings | None
    identity, held = st.session_state.get(key, (None, None))
    if newest is not None and held is not None and identity == source.identity:
        is_same = newest.survey is held.survey  # It may have more directions.
        if not is_same and not st.session_state.get(key + _WANTED):
            return held
        if not is_same or findings_cache.describe_problem(source):
            st.session_state.pop(key + _WANTED, None)
    st.session_state[key] = (source.identity, newest)
    return newest


def describe_duration(source: GeneratorSource) -> str:
    """Return how long a survey takes, as the end of a sentence."""
    is_training = source.trainer is not None and source.trainer.snapshot().phase == "running"
    return f"about {'20 s, as a run trains' if is_training else '5 s'}"


def render_refresh(
    source: GeneratorSource, findings: Findings, key: str, noun: str, chosen: int | None
) -> None:
    """Render the step of the shown findings and the button for newer ones, while a run trains.

    Below them, the selected digit as it was then and as it is now.

    Args:
        source: The generator.
        findings: The findings that the tool shows.
        key: As in `hold`.
        noun: What the tool shows, such as "map".
        chosen: Index of the selected digit in the findings; None if it is not there.
    """
    if source.trainer is None:
        return
    is_wanted = bool(st.session_state.get(key + _WANTED))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Looking at the newest digits …" if is_wanted else "Newer digits: refresh",
            icon=":material/refresh:",
            key=f"{key}-refresh",
            disabled=is_wanted,
            on_click=_refresh,
            args=(source, findings, key),
        )
        st.caption(
            f"This {noun} is of step {findings.step:,}. The run trains on: the digit that you pick "
            "may look different by now."
        )
    if chosen is not None:
        _render_then_and_now(source, findings, noun, chosen)
    if is_wanted:
        rerun_on_news("refreshing", seconds=_SECONDS, key=f"news-{key}")


def _render_then_and_now(
    source: GeneratorSource, findings: Findings, noun: str, index: int
) -> None:
    names = source.run.config.class_names
    class_id = index % len(names) if names and source.class_id is None else source.class_id
    try:
        now, step = source.generate(
            findings.survey.z[[index]], None if class_id is None else [class_id]
        )
    except RunError:  # The grid shows the error.
        return
    if step == findings.step:
        return
    picture = tile(np.concatenate([findings.survey.pixels[[index]], now]), 1, 2, gap=_GAP)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{noun}-then-and-now"):
        with st.container(width=picture.shape[1] * _SCALE):
            render_picture(
                encode_png(picture),
                size=(picture.shape[1], picture.shape[0]),
                alt=f"The selected digit at step {findings.step} and at step {step}",
                key=f"{noun}-then-and-now-picture",
                scale=_SCALE,
            )
        st.caption(
            f"The selected {get_picture_noun(source.run.config.dataset)} at step "
            f"{findings.step:,}, as in this {noun}, and the same z now, at step {step:,}."
        )


def _refresh(source: GeneratorSource, shown: Findings, key: str) -> None:
    st.session_state[key + _WANTED] = True
    newest = findings_cache.get_findings(source)
    if newest is not None and newest.survey is shown.survey:
        findings_cache.repeat_survey(source)
