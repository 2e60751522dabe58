"""Explore: steer the latent space of the run that trains now, or of any saved one."""

from __future__ import annotations

import streamlit as st

from dashboard.components.styling import apply_stylesheet
from dashboard.explore import latent_panel
from dashboard.explore.first_digit import select_first_digit
from dashboard.explore.introduction import INTRODUCTION_WITHOUT_RUN, describe_generator
from dashboard.explore.latent_panel import Tool
from dashboard.explore.page_watch import ShownState, watch
from dashboard.explore.source_choice import ask_for_source, find_live_run
from dashboard.explore_tools import (
    activations_panel,
    digit_picker_panel,
    map_panel,
    own_digit_panel,
    pad_panel,
    sheet_panel,
    write_panel,
)
from dashboard.generators import findings_cache
from dashboard.process import tf_runtime
from dashboard.recipes import class_choice, deep_link
from dashboard.state.trainer import get_trainer
from dashboard.tab import selection
from dashboard.tab.explore_request import name_sheet_tool, name_write_tool
from dashboard.walks import interpolation_panel, mix_panel, replay_panel, walk_stops

_PICK_A_DIGIT = "Pick a digit"
# The tools beside the sliders, from simple to deep: other ways to choose a z, then closer looks at
# the selected one. `styles/explore.css` divides the tabs into groups by their places.
TOOLS = {
    _PICK_A_DIGIT: Tool(digit_picker_panel.render),
    "Map": Tool(map_panel.render),
    "Pad": Tool(pad_panel.render),
    "Draw": Tool(own_digit_panel.render, needs_grid=False),
    name_write_tool("digit"): Tool(write_panel.render, needs_grid=False),
    name_sheet_tool("digit"): Tool(sheet_panel.render, needs_grid=False),
    "Mix": Tool(mix_panel.render),
    "Over time": Tool(replay_panel.render, needs_grid=False),
    "Inside": Tool(activations_panel.render, needs_grid=False),
}


def _list_tools(noun: str) -> dict[str, Tool]:
    """Return the tools for a generator of digits or of other pictures."""
    names = {name("digit"): name(noun) for name in (name_sheet_tool, name_write_tool)}
    return {
        names.get(name, name): tool
        for name, tool in TOOLS.items()
        if noun == "digit" or name != _PICK_A_DIGIT
    }


trainer = get_trainer()
live_run = find_live_run(trainer)
apply_stylesheet("explore")
with st.container(key="explore-head"):
    with st.container():
        title = st.container()
        introduction = st.container()  # `st.empty` would lose its text before the new one comes.
    deep_link.restore(trainer)
    with st.container():
        source = ask_for_source(trainer)
noun = "digit" if source is None else source.noun
title.title(f"Explore the {noun}s", anchor=False)
if source is None:
    introduction.markdown(INTRODUCTION_WITHOUT_RUN)
    st.info("There is no run to explore yet. Start one on the Train page.")
    st.stop()
explore = st.container(key="explore")
with explore:
    source = class_choice.ask_for_class(source)
introduction.markdown(describe_generator(source))
with (
    explore,
    st.container(key="explore-wait"),
    st.spinner("Loading TensorFlow, which takes some seconds"),
):
    tf_runtime.prepare()
# Read before the survey starts, because later findings make the page rerun.
shown = ShownState.read(source, live_run)
select_first_digit(source)
walk_stops.refresh_first_stops(source)

page_z = selection.get_current(source.latent_dim).z
with explore:
    # Each panel is a fragment, so that a click in one panel reruns no other.
    st.fragment(latent_panel.render)(source, page_z, _list_tools(noun))
    with st.container(key="explore-walk-link"):
        st.markdown("[:material/south: Walk](#walk)")
    with st.container(key="explore-walk"):
        st.subheader(f"Walk from one {noun} to another", anchor="walk")
        st.fragment(interpolation_panel.render)(source)
# After the grid, as it takes seconds; the page is then rendered again with its result.
findings_cache.start_survey(source)
watch(trainer, source, shown)
