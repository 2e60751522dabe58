"""Explore: steer the latent space of the run that trains now, or of any saved one."""

from __future__ import annotations

import contextlib

import streamlit as st

from dashboard.components.news import rerun_on_news
from dashboard.components.stylesheet import apply_stylesheet
from dashboard.explore import (
    activations_panel,
    digit_picker_panel,
    latent_panel,
    map_panel,
    own_digit_panel,
    pad_panel,
    sheet_panel,
    write_panel,
)
from dashboard.explore.first_digit import select_first_digit
from dashboard.explore.introduction import GENERATOR, describe_generator
from dashboard.explore.latent_panel import Tool
from dashboard.explore.source_choice import ask_for_source, find_live_run
from dashboard.generators import class_examples, findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import class_choice, deep_link
from dashboard.shared import selection
from dashboard.shared.explore_request import MANY_DIGITS, WRITE_A_NUMBER
from dashboard.shared.following import PICTURE_SECONDS, follow
from dashboard.state import tf_runtime
from dashboard.state.trainer import get_trainer
from dashboard.walks import interpolation_panel, mix_panel, replay_panel
from dcgan.errors import RunError

# Beside the sliders: other ways to choose a z, and to look closer at the chosen one.
TOOLS = {
    WRITE_A_NUMBER: Tool(write_panel.render, needs_grid=False),
    "Pick a digit": Tool(digit_picker_panel.render),
    "Pad": Tool(pad_panel.render),
    "Map": Tool(map_panel.render),
    "Draw": Tool(own_digit_panel.render, needs_grid=False),
    "Mix": Tool(mix_panel.render),
    "Over time": Tool(replay_panel.render, needs_grid=False),
    "Inside": Tool(activations_panel.render, needs_grid=False),
    MANY_DIGITS: Tool(sheet_panel.render, needs_grid=False),
}

_SURVEY_SECONDS = 1.0  # Until the page looks again whether the survey is ready.

trainer = get_trainer()
live_at_start = find_live_run(trainer)
apply_stylesheet("explore")
with st.container(key="explore-head"):
    with st.container():
        st.title("Explore the latent space", anchor=False)
        introduction = st.container()  # Unlike an empty place it keeps its text until the next.
    deep_link.restore(trainer)
    with st.container():
        source = ask_for_source(trainer)
if source is None:
    introduction.markdown(GENERATOR)
    st.info("There is no run to explore yet. Start one on the Train page.")
    st.stop()
explore = st.container(key="explore")
with explore:
    source = class_choice.ask_for_class(source)
introduction.markdown(describe_generator(source))
with st.container(key="explore-wait"), st.spinner("Loading TensorFlow, which takes some seconds"):
    tf_runtime.prepare()
# Before the survey starts: a page shows what was known when it was rendered.
found_at_start = findings_cache.get_findings(source), findings_cache.describe_problem(source)
examples_at_start = class_examples.get_examples(source)
select_first_digit(source)
interpolation_panel.replace_first_stops(source)


@st.fragment
def watch(source: GeneratorSource) -> None:
    """Rerun the page when a run begins or ends, or the generator's survey is missing or newer."""
    follow(trainer, key="news-page", seconds=PICTURE_SECONDS)
    if findings_cache.is_survey_running(source):
        rerun_on_news("sorting", seconds=_SURVEY_SECONDS, key="news-survey")
    if source.trainer is not None and findings_cache.get_complete_findings(source) is not None:
        with contextlib.suppress(RunError):  # The grid shows the error.
            # Repeats the survey where the generator has changed much.
            findings_cache.ensure_complete_findings(source)
    found = findings_cache.get_findings(source), findings_cache.describe_problem(source)
    live = find_live_run(trainer)
    if (
        (live and live.name) != (live_at_start and live_at_start.name)
        or findings_cache.is_survey_due(source)
        or found[0] is not found_at_start[0]
        or (not examples_at_start and class_examples.get_examples(source))
        or found[1] != found_at_start[1]
    ):
        st.rerun()


page_z = selection.get_current(source.latent_dim).z
with explore:
    # Each panel is a fragment: what a person does in one reruns no other.
    st.fragment(latent_panel.render)(source, page_z, TOOLS)
    with st.container(key="explore-walk"):
        st.subheader("From one digit to another", anchor=False)
        st.fragment(interpolation_panel.render)(source)
# After the grid, as it takes seconds; the page is then rendered again with its result.
findings_cache.start_survey(source)
watch(source)
