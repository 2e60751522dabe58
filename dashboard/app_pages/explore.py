"""Explore: steer the latent space of the run that trains now, or of any saved one."""

from __future__ import annotations

import contextlib

import streamlit as st

from dashboard.explore import (
    activations_panel,
    deep_link,
    digit_picker_panel,
    interpolation_panel,
    latent_panel,
    map_panel,
    mix_panel,
    own_digit_panel,
    pad_panel,
    page_style,
    replay_panel,
    sheet_panel,
)
from dashboard.explore.collapse import describe_generator
from dashboard.explore.first_digit import choose_first_digit
from dashboard.explore.source_choice import choose_source, find_live_run
from dashboard.shared import selection
from dashboard.shared.following import PICTURE_SECONDS, follow
from dashboard.state import findings_cache, tf_runtime
from dashboard.state.generator_source import GeneratorSource
from dashboard.state.trainer import process_trainer
from dcgan.errors import RunError

# Beside the sliders: other ways to choose a z, and to look closer at the chosen one.
TOOLS = {
    "Pick a digit": digit_picker_panel.render,
    "Pad": pad_panel.render,
    "Map": map_panel.render,
    "Draw": own_digit_panel.render,
    "Mix": mix_panel.render,
    "Over time": replay_panel.render,
    "Inside": activations_panel.render,
    sheet_panel.NAME: sheet_panel.render,
}

trainer = process_trainer()
live_at_start = find_live_run(trainer)
page_style.apply_style()
with st.container(key="explore-head"):
    with st.container():
        st.title("Explore the latent space", anchor=False)
        introduction = st.empty()
    deep_link.restore(trainer)
    with st.container():
        source = choose_source(trainer)
if source is None:
    introduction.markdown("The generator turns a list of numbers, **z**, into a digit.")
    st.info("There is no run to explore yet. Start one on the Train page.")
    st.stop()
introduction.markdown(describe_generator(source))
with (
    st.container(key="explore-wait"),
    st.spinner("Sorting this generator's digits to name the sliders (about 10 s)"),
):
    tf_runtime.prepare()
    with contextlib.suppress(RunError):  # The grid shows the error.
        findings_cache.ensure_first_findings(source)
choose_first_digit(source)


@st.fragment
def watch(source: GeneratorSource) -> None:
    """Rerun the page when a run begins or ends, or the generator's survey is missing or newer."""
    follow(trainer, key="news-page", seconds=PICTURE_SECONDS)
    if source.trainer is not None and findings_cache.get_complete_findings(source) is not None:
        findings_cache.ensure_complete_findings(
            source
        )  # Repeats the survey where the generator has changed much.
    live = find_live_run(trainer)
    if (
        (live and live.name) != (live_at_start and live_at_start.name)
        or findings_cache.is_survey_due(source)
        or findings_cache.get_findings(source) is not findings_at_start
    ):
        st.rerun()


findings_at_start = findings_cache.get_findings(source)
page_z = selection.get_current(source.latent_dim).z
with st.container(key="explore"):
    # Each panel is a fragment: what a person does in one reruns no other.
    st.fragment(latent_panel.render)(source, page_z, TOOLS)
    with st.container(key="explore-walk"):
        st.subheader("From one digit to another", anchor=False)
        st.fragment(interpolation_panel.render)(source)
if findings_cache.is_survey_due(source):
    # Last, as it takes a second or two; the page is then rendered again with its result.
    with contextlib.suppress(RunError):  # The grid shows the error.
        findings_cache.ensure_complete_findings(source)
        st.rerun()
watch(source)
