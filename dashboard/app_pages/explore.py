"""Explore: steer the latent space of the run that trains now, or of any saved one."""

from __future__ import annotations

import contextlib

import streamlit as st

from dashboard.explore import (
    activations_panel,
    bank_panel,
    deep_link,
    interpolation_panel,
    latent_panel,
    map_panel,
    mix_panel,
    own_digit_panel,
    pad_panel,
    pins_panel,
    replay_panel,
    sheet_panel,
)
from dashboard.explore.source_choice import choose_source, find_live_run
from dashboard.shared import selection
from dashboard.shared.following import PICTURE_SECONDS, follow
from dashboard.state import surveys, tf_runtime
from dashboard.state.generator_source import GeneratorSource
from dashboard.state.trainer import process_trainer
from dcgan.errors import RunError

# Tabs with other ways to choose a z, or to look closer at the chosen one.
TOOLS = {
    "Pick a digit": bank_panel.render,
    "Pad": pad_panel.render,
    "Draw a digit": own_digit_panel.render,
    "Mix": mix_panel.render,
    "Map": map_panel.render,
    "Through training": replay_panel.render,
    "Inside": activations_panel.render,
}

trainer = process_trainer()
live_at_start = find_live_run(trainer)
st.title("Explore the latent space", anchor=False)
st.markdown(
    "The generator turns a list of numbers, **z**, into a digit. Nearby numbers give similar "
    "digits; move the sliders and see."
)
deep_link.restore(trainer)
source = choose_source(trainer)
if source is None:
    st.info("There is no run to explore yet. Start one on the Train page.")
    st.stop()
with st.spinner("Loading the generator"):
    tf_runtime.prepare()


@st.fragment
def watch(source: GeneratorSource) -> None:
    """Rerun the page when a run begins or ends, or the generator's survey is missing or newer."""
    follow(trainer, key="news-page", seconds=PICTURE_SECONDS)
    if source.trainer is not None and surveys.get_findings(source) is not None:
        surveys.survey_generator(source)  # Repeats the survey where the generator has changed much.
    live = find_live_run(trainer)
    if (
        (live and live.name) != (live_at_start and live_at_start.name)
        or surveys.is_needed(source)
        or surveys.get_findings(source) is not findings_at_start
    ):
        st.rerun()


findings_at_start = surveys.get_findings(source)
page_z = selection.current(source.latent_dim).z
# Each panel is a fragment: what a person does in one reruns no other.
st.fragment(latent_panel.render)(source, page_z)
st.fragment(pins_panel.render)(source)
st.subheader("Choose another digit, or look closer", anchor=False)
st.caption("A digit that you pick, draw or mix here becomes the selected digit of the grid above.")
tabs = st.tabs(list(TOOLS), key="tool", on_change="rerun")
for tab, render_tool in zip(tabs, TOOLS.values(), strict=True):
    if tab.open:  # Closed tabs render nothing.
        with tab:
            st.fragment(render_tool)(source)
st.subheader("From one digit to another", anchor=False)
st.fragment(interpolation_panel.render)(source)
st.subheader("Many digits at once", anchor=False)
st.fragment(sheet_panel.render)(source)
if surveys.is_needed(source):
    # Last, as it takes a second or two; the page is then rendered again with its result.
    with contextlib.suppress(RunError):  # The grid shows the error.
        surveys.survey_generator(source)
        st.rerun()
watch(source)
