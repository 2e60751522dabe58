"""The findings that a tool shows.

While a run trains, newer findings replace them only when a person asks for it, so that nothing
changes under the pointer, or if they were old when the tool was opened.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.components.invisible import rerun_after
from dashboard.components.picture import render_pixels
from dashboard.generators import findings_cache
from dashboard.generators.findings_cache import Findings
from dashboard.generators.generator_source import GeneratorSource
from dcgan.errors import RunError
from dcgan.images.grids import tile

_CHECK_SECONDS = 1.0  # Interval at which a tool checks for newer findings.
_GAP, _SCALE = 4, 2  # Of the picture of the selected z at both steps.
_WANTED_SUFFIX = "_wanted"  # Of the session's key for whether a person asked for newer findings.


def choose_shown_findings(source: GeneratorSource, key: str) -> Findings | None:
    """Return the findings that a tool shows; None before the first survey.

    Args:
        source: The generator.
        key: Key of the session for this tool.
    """
    newest = findings_cache.get_findings(source)
    shown: Findings | None
    identity, shown = st.session_state.get(key, (None, None))
    if shown is None or identity != source.identity:
        # Nobody looks at these yet: if they are old, newer ones may replace them.
        is_old = newest is not None and findings_cache.repeat_survey_if_changed(source)
        st.session_state[key + _WANTED_SUFFIX] = is_old
    elif newest is None:
        return shown  # Until a newer survey of the same generator has ended.
    else:
        is_same_survey = newest.survey is shown.survey  # The newest may have more directions.
        if not is_same_survey and not st.session_state.get(key + _WANTED_SUFFIX):
            return shown
        if not is_same_survey or findings_cache.describe_problem(source):
            st.session_state.pop(key + _WANTED_SUFFIX, None)
    st.session_state[key] = (source.identity, newest)
    return newest


def want_newest(key: str) -> None:
    """Replace the shown findings by the next ones, without being asked for them."""
    st.session_state[key + _WANTED_SUFFIX] = True


def describe_duration(source: GeneratorSource) -> str:
    """Return how long a survey takes, as the end of a sentence."""
    return f"about {'20 s, because a run is training' if is_training(source) else '5 s'}"


def is_training(source: GeneratorSource) -> bool:
    """Return whether the generator is trained at this moment."""
    return source.trainer is not None and source.trainer.snapshot().phase == "running"


def render_refresh(
    source: GeneratorSource, findings: Findings, key: str, content: str, chosen: int | None
) -> None:
    """Render the step of the shown findings and the button for newer ones, while a run trains.

    Below them is the selected picture at that step, beside the same z drawn now.

    Args:
        source: The generator.
        findings: The findings that the tool shows.
        key: Key of the session for this tool, as for `choose_shown_findings`.
        content: What the tool shows, such as "map".
        chosen: Index of the selected picture in the findings; None if it is not there.
    """
    if source.trainer is None:
        return
    is_wanted = bool(st.session_state.get(key + _WANTED_SUFFIX))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Looking at the newest {source.noun}s …"
            if is_wanted
            else f"Newer {source.noun}s: refresh",
            icon=":material/refresh:",
            key=f"{key}-refresh",
            disabled=is_wanted,
            on_click=_refresh,
            args=(source, findings, key),
        )
        st.caption(
            f"This {content} is of step {findings.step:,}. The run is still training: the "
            f"{source.noun} that you pick may look different by now."
        )
    if chosen is not None:
        _render_then_and_now(source, findings, content, chosen)
    if is_wanted:
        rerun_after(_CHECK_SECONDS, "refreshing", key=f"news-{key}")


def _render_then_and_now(
    source: GeneratorSource, findings: Findings, content: str, index: int
) -> None:
    names = source.run.config.class_names
    class_id = index % len(names) if names and source.class_id is None else source.class_id
    try:
        pixels_now, step = source.generate(
            findings.survey.z[[index]], None if class_id is None else [class_id]
        )
    except RunError:  # The grid shows the error.
        return
    if step == findings.step:
        return
    picture = tile(np.concatenate([findings.survey.pixels[[index]], pixels_now]), 1, 2, gap=_GAP)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{content}-then-and-now"):
        with st.container(width=picture.shape[1] * _SCALE):
            render_pixels(
                picture,
                alt=f"The selected {source.noun} at step {findings.step} and at step {step}",
                key=f"{content}-then-and-now-picture",
                scale=_SCALE,
            )
        st.caption(
            f"The selected {source.noun} at step "
            f"{findings.step:,}, as in this {content}, and the same z now, at step {step:,}."
        )


def _refresh(source: GeneratorSource, findings: Findings, key: str) -> None:
    want_newest(key)
    newest = findings_cache.get_findings(source)
    if newest is not None and newest.survey is findings.survey:
        findings_cache.repeat_survey(source)
