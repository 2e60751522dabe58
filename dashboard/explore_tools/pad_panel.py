"""The pad: pictures along two directions of z, to move in with a finger or the arrow keys."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import pad_plane, plane_axes
from dashboard.tab.following import LARGE_SECONDS, follow_generator
from dcgan.errors import RunError


def render(source: GeneratorSource) -> None:
    """Render the choice of directions and the pad."""
    with st.container(horizontal=True):
        plane_axes.ask_for_axis("Left to right", source, plane_axes.PAD_ACROSS)
        plane_axes.ask_for_axis("Top to bottom", source, plane_axes.PAD_DOWN)
    st.fragment(_render_pad)(source)


def _render_pad(source: GeneratorSource) -> None:
    follow_generator(source, key="news-pad", seconds=LARGE_SECONDS)
    plane = pad_plane.get_or_make_plane(source)
    try:
        pixels, step = source.generate(plane.sample())
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    if pad_plane.render_plane(plane, pixels, step, noun=source.noun, key=pad_plane.EXPLORE_PAD_KEY):
        st.rerun()
