"""The grid of pictures around the selected z, and beside it the tools that change z."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components.invisible import rerun_on_news, send_weights
from dashboard.components.picture import render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.components.sliders import SliderGrid
from dashboard.explore import grid_files, grid_plane, pins_panel, slider_panel
from dashboard.explore.grid_plane import GridPlane
from dashboard.generators import findings_cache, generator_source
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import deep_link, plane_axes, shown_grid
from dashboard.tab import selection
from dashboard.tab.explore_request import TOOL
from dashboard.tab.following import PICTURE_SECONDS, follow_generator
from dashboard.tab.selection import Selection
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.latent.sampling import fingerprint
from dcgan.wording import add_article

_SLIDERS = "Sliders"
_GRID = "latent-grid"  # Key of the container that holds the picture.
_SELECTED = "selected-picture-place"  # Key of the container of the digit in its middle, enlarged.
_GAP = 2
_FRAME_GREY = 150
# The page gets the weights of a generator in training at this interval, or less often so that their
# mean rate stays below a limit.
_WEIGHTS_SECONDS, _WEIGHTS_BYTES_PER_SECOND = 4.0, 200_000


@dataclass(frozen=True)
class Tool:
    """A tool beside the sliders.

    Attributes:
        render: Function that renders it for a generator.
        needs_grid: Whether a person looks at the grid while using the tool. If so, the grid stays
            in sight above the tool on a phone.
    """

    render: Callable[[GeneratorSource], None]
    needs_grid: bool = True


def render(source: GeneratorSource, page_z: np.ndarray, tools: Mapping[str, Tool]) -> None:
    """Render the actions, the grid and the tools.

    Args:
        source: The generator.
        page_z: The z that the rest of the page was rendered with, shape (latent_dim,).
        tools: The tools beside the sliders, by name.
    """
    with st.container(key="explore-actions"):
        with st.container(horizontal=True):
            selection.render_surprise(source.latent_dim, source.noun, source.digit)
            plane = grid_plane.ask_for_plane(source)
            st.fragment(pins_panel.render_menu)(source)
        st.fragment(pins_panel.render_problem)(source)
        _send_weights(source)
    with st.container(key="explore-files"):
        grid_files.render_downloads(source, plane)
    _render_grid_and_tools(source, plane, page_z, tools)


@st.fragment
def _render_grid_and_tools(
    source: GeneratorSource, plane: GridPlane, page_z: np.ndarray, tools: Mapping[str, Tool]
) -> None:
    """Render the parts that a moved slider changes, as a fragment, so that nothing else reruns.

    The grid comes before the sliders, so that the new picture is sent first.
    """
    selected = selection.get_current(source.latent_dim)
    z = selected.z
    with st.container(key="explore-stage"):
        batch = plane.sample(z)
        shown_grid.set_shown_batch(batch, plane.size)
        st.fragment(_render_grid)(source, batch, plane)
    with st.container(key="explore-tools"):
        if st.session_state.get(TOOL, _SLIDERS) not in (_SLIDERS, *tools):
            st.session_state[TOOL] = _SLIDERS  # A tool of another run, which this one lacks.
        tabs = st.tabs([_SLIDERS, *tools], key=TOOL, on_change="rerun")
        for tab, name in zip(tabs, [_SLIDERS, *tools], strict=True):
            if tab.open:  # Closed tabs render nothing.
                with tab:
                    if name == _SLIDERS:
                        _render_sliders(source, plane)
                        continue
                    with st.container(key=None if tools[name].needs_grid else "tool-without-grid"):
                        st.fragment(tools[name].render)(source)
        is_live = source.trainer is not None
        recipe = grid_files.make_recipe(source, source.step, plane, z, selected.chosen_seed)
        deep_link.write_address(recipe, is_live=is_live)
        # Last, because an element that appears above the sliders would replace them during a drag.
        if not np.array_equal(z, page_z) and rerun_on_news(
            fingerprint(z), seconds=PICTURE_SECONDS, key="news-sliders"
        ):
            st.rerun()  # The sliders have stopped moving z, so the rest of the page follows.


def _render_sliders(source: GeneratorSource, plane: GridPlane) -> None:
    with st.container(key="slider-choice"):
        choice = slider_panel.ask_for_sliders(source)
        search = slider_panel.describe_search(source, choice)
        st.caption(search, help=slider_panel.VALUE_HELP if search else None)
    slider_grid = SliderGrid(
        selector=f".st-key-{_GRID}",
        middle_selector=f".st-key-{_SELECTED}",
        alt=_describe_grid(source, selection.get_current(source.latent_dim), plane),
        size=plane.size,
        digit_side=source.run.config.image_size,
        gap=_GAP,
        step=plane.step,
        row_direction=plane.row_direction,
        column_direction=plane.column_direction,
        psi=plane.psi,
    )
    slider_panel.render(source, choice, slider_grid, generator_source.get_page_name(source))


@st.fragment
def _send_weights(source: GeneratorSource) -> None:
    """Send the generator to the page, and newer weights while it trains."""
    seconds = _WEIGHTS_SECONDS
    with contextlib.suppress(RunError):  # The grid shows the error.
        packed = generator_source.pack_for_page(source)
        if packed is None:
            return
        send_weights(packed, key="weights")
        seconds = max(seconds, len(packed) / _WEIGHTS_BYTES_PER_SECOND)
    follow_generator(source, key="news-weights", seconds=seconds)


def _render_grid(source: GeneratorSource, batch: np.ndarray, plane: GridPlane) -> None:
    follow_generator(source, key="news-grid")
    size = plane.size
    try:
        pixels, step = source.generate(batch)
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    picture = _frame_middle(tile(pixels, size, size, gap=_GAP), size)
    selected = selection.get_current(source.latent_dim)
    with st.container(key=_GRID):
        render_pixels(
            picture,
            scale=6,
            alt=f"{_describe_grid(source, selected, plane)}, step {step}, z={fingerprint(batch)}",
            key="latent-picture",
            fill=True,
        )
    # On a phone the digits of the grid are small. The page draws it too while a slider moves.
    with st.container(key=_SELECTED):
        middle = len(batch) // 2
        render_pixels(
            pixels[middle],
            scale=6,
            alt=f"The selected {source.noun}, step {step}, z={fingerprint(batch[[middle]])}",
            key="selected-picture",
            fill=True,
        )
    truncation = "" if plane.psi == 1 else f", distance from the average {plane.psi:g}"
    with st.container(key="grid-caption"):
        st.caption(
            f"In the middle: the selected {source.noun}, "
            f"{describe_selected(source, selected, step)}{truncation}. "
            f"{escape_markdown(describe_axes(plane.column_name, plane.row_name))}"
            f"{explain_new_names(source)} Step {step:,}."
        )
    # `styles/explore.css` shows this one in a narrow window, where it lies beside the grid.
    with st.container(key="grid-caption-short"):
        axes = shorten_axes(plane.column_name, plane.row_name)
        st.caption(f"{escape_markdown(axes)} Step {step:,}.")


def describe_axes(column_name: str, row_name: str) -> str:
    """Return what changes from left to right and from top to bottom, in a sentence or two."""
    if column_name in plane_axes.RANDOM_DIRECTIONS and row_name in plane_axes.RANDOM_DIRECTIONS:
        return "To the right and downwards z changes in two random directions."
    across, down = (
        "a random direction of z" if name in plane_axes.RANDOM_DIRECTIONS else name
        for name in (column_name, row_name)
    )
    return f"Left to right: {across}. Top to bottom: {down}."


def shorten_axes(column_name: str, row_name: str) -> str:
    """Return what `describe_axes` says, in as few words as fit beside the grid on a phone."""
    across, down = (
        "random" if name in plane_axes.RANDOM_DIRECTIONS else name
        for name in (column_name, row_name)
    )
    if across == down == "random":
        return "To the right and down: random directions."
    return f"To the right: {across}. Down: {down}."


def explain_new_names(source: GeneratorSource) -> str:
    """Explain, until another z is chosen, why the axes have changed by themselves; "" otherwise."""
    keys = (plane_axes.GRID_ACROSS, plane_axes.GRID_DOWN)
    are_new = [key for key in keys if plane_axes.has_just_been_named(source, key)]
    return " Until now these directions were random; they have just been found." if are_new else ""


def describe_selected(source: GeneratorSource, selected: Selection, step: int) -> str:
    """Describe the selected picture by its digit, such as "a 3", or by the origin of its z.

    The digit is known if the survey has sorted this z at this step: after further training the same
    z may give another digit. In a run that learned the digits it is the drawn class.

    Args:
        source: The generator.
        selected: The selected z.
        step: Step of the generator that drew the grid.
    """
    findings = findings_cache.get_findings(source)
    if findings is not None and findings.survey.prediction is not None:
        index = selection.find_in(findings.survey.z)
        if index is not None and source.digit is not None:
            return add_article(source.digit)
        if index is not None and findings.step == step:
            return add_article(int(findings.survey.digits[index]))
    if selected.seed is not None:
        return f"a random one (seed {selected.seed})"
    return escape_markdown(f"from {selected.origin}")


def _describe_grid(source: GeneratorSource, selected: Selection, plane: GridPlane) -> str:
    """Return the alternative text of the grid, without the step and the hash."""
    return (
        f"Latent grid, {plane.size} by {plane.size} {source.noun}s around the selected one, from "
        f"{selected.origin}; to the right {plane.column_name}, down {plane.row_name}"
    )


def _frame_middle(picture: np.ndarray, size: int) -> np.ndarray:
    """Frame the picture in the middle; the frame lies in the gaps and covers no picture."""
    pitch = (picture.shape[0] + _GAP) // size
    start = size // 2 * pitch - 1
    end = start + pitch - _GAP + 1
    framed = picture.copy()
    framed[start, start : end + 1] = framed[end, start : end + 1] = _FRAME_GREY
    framed[start : end + 1, start] = framed[start : end + 1, end] = _FRAME_GREY
    return framed
