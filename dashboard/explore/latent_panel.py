"""The chosen z, the sliders that move it, and the grid around it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components.news import rerun_on_news
from dashboard.components.picture import render_picture
from dashboard.components.plain_text import literal
from dashboard.components.sliders import SliderGrid
from dashboard.components.weights import send_weights
from dashboard.explore import deep_link, plane_axes, slider_panel
from dashboard.explore.deep_link import GRID_SIZES, STRIDES, View
from dashboard.shared import selection
from dashboard.shared.following import PICTURE_SECONDS, follow_generator
from dashboard.state import generator_source
from dashboard.state.generator_source import GeneratorSource
from dcgan.errors import RunError
from dcgan.images.digit_archives import pack_digits
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.arithmetic import MAX_PSI, plane_grid, truncate
from dcgan.latent.sampling import fingerprint

_AT_FIRST = {"psi": 1.0, "plane_size": 5, "plane_step": 2.0}
_GRID = "latent-grid"
_COLUMNS = (6, 5)  # Picture and sliders.
_GAP = 2
_FRAME_GREY = 150
_FILE_SCALE = 6
# What the page may get of a generator that trains: a small one every few seconds.
_WEIGHTS_SECONDS, _WEIGHTS_BYTES_A_SECOND = 4.0, 200_000


@dataclass(frozen=True)
class _Plane:
    """What the grid around the chosen z shows.

    Attributes:
        size: Digits in a row and in a column.
        step: From one digit to the next.
        rows, columns: The names of what they step along, as a person chose them.
        row_direction, column_direction: Those, shape (latent_dim,).
    """

    size: int
    step: float
    rows: str
    columns: str
    row_direction: np.ndarray
    column_direction: np.ndarray

    def latent(self, center: np.ndarray, psi: float) -> np.ndarray:
        """Return the grid's latent batch, row by row."""
        grid = plane_grid(
            center, self.row_direction, self.column_direction, self.size, self.size, self.step
        )
        return truncate(grid, psi)


def render(source: GeneratorSource, page_z: np.ndarray) -> None:
    """Draw the choices, the grid and, beside it, the sliders; the grid alone follows training.

    Args:
        source: The generator.
        page_z: The chosen z that the rest of the page was drawn with, shape (latent_dim,).
    """
    # Set here and not by the widgets: a picture or a link may have set them before.
    for key, value in _AT_FIRST.items():
        st.session_state.setdefault(key, value)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        selection.render_seed(source.latent_dim)
        psi = st.slider(
            "Truncation",
            0.0,
            MAX_PSI,
            step=0.05,
            key="psi",
            persist_state="session",
            width=200,
            help="Scales z towards the mean: below 1 the digits get more typical and more alike, "
            "above 1 stranger.",
        )
        sliders = slider_panel.choose_view(source.latent_dim)
        grid = _choose_plane(source)
    _steer(source, grid, psi, sliders, page_z)
    _give_weights(source)
    _render_downloads(source, selection.get(source.latent_dim), grid, psi)


def grid_in_sight(latent_dim: int) -> tuple[np.ndarray, int]:
    """Return the latent batch of the grid in sight, row by row, and how many digits a row has."""
    z, side = st.session_state.get("latent_grid", (np.zeros((0, 0)), 0))
    if z.shape[1] != latent_dim:  # Not drawn yet, for this run.
        return selection.get(latent_dim)[np.newaxis].astype(np.float32), 1
    return z, side


@st.fragment
def _steer(
    source: GeneratorSource, grid: _Plane, psi: float, sliders: str, page_z: np.ndarray
) -> None:
    """Draw grid and sliders by themselves: the less a slider's move redraws, the sooner it shows.

    The grid comes first, as a person who moved a slider waits for it.
    """
    vector = selection.get(source.latent_dim)
    # Four times its size in a window of 1,280 pixels.
    picture, controls = st.columns(_COLUMNS, gap="medium")
    with picture:
        z = grid.latent(vector, psi)
        st.session_state["latent_grid"] = (z, grid.size)
        st.fragment(_render_grid)(source, z, grid)
    with controls:
        in_page = SliderGrid(
            f".st-key-{_GRID}",
            grid.size,
            source.run.config.image_size,
            _GAP,
            grid.step,
            grid.row_direction,
            grid.column_direction,
            psi,
        )
        slider_panel.render(source, sliders, in_page, generator_source.get_page_name(source))
    is_live = source.trainer is not None
    seed = selection.seed()
    deep_link.write_address(_view(source, source.step, seed, vector, grid, psi), is_live=is_live)
    # Last: an element that appears above the sliders would replace them during a drag.
    if not np.array_equal(vector, page_z) and rerun_on_news(
        fingerprint(vector), seconds=PICTURE_SECONDS, key="news-sliders"
    ):
        st.rerun()  # A slider has moved z and rests: the rest of the page follows.


@st.fragment
def _give_weights(source: GeneratorSource) -> None:
    """Send the page the generator, and newer weights while it trains."""
    seconds = _WEIGHTS_SECONDS
    with contextlib.suppress(RunError):  # The grid has said so.
        packed = generator_source.pack_for_page(source)
        if packed is None:
            return
        send_weights(packed, key="weights")
        seconds = max(seconds, len(packed) / _WEIGHTS_BYTES_A_SECOND)
    follow_generator(source, key="news-weights", seconds=seconds)


def _choose_plane(source: GeneratorSource) -> _Plane:
    with st.popover("Directions", icon=":material/grid_goldenratio:"):
        directions = plane_axes.directions(source)
        rows = plane_axes.choose("Rows step along", directions, "row_direction")
        columns = plane_axes.choose("Columns step along", directions, "column_direction")
        size = st.select_slider(
            "Rows and columns", GRID_SIZES, key="plane_size", persist_state="session"
        )
        step = st.slider(
            "Step from one digit to the next",
            *STRIDES,
            step=0.1,
            key="plane_step",
            persist_state="session",
            help="In units of z, whose numbers mostly lie between -2 and 2.",
        )
    return _Plane(size, step, rows, columns, directions[rows], directions[columns])


def _render_grid(source: GeneratorSource, z: np.ndarray, grid: _Plane) -> None:
    follow_generator(source, key="news-grid")
    size = grid.size
    try:
        pixels, step = source.generate(z)
    except RunError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    picture = _mark_middle(tile(pixels, size, size, gap=_GAP), size)
    seed = selection.seed()
    around = f"z from {selection.origin()}" if seed is None else f"seed {seed}"
    with st.container(key=_GRID):
        render_picture(
            encode_png(picture),
            size=(picture.shape[1], picture.shape[0]),
            scale=6,
            alt=f"Latent grid, {size} by {size} digits around {around}, step {step}, "
            f"z={fingerprint(z)}",
            key="latent-picture",
        )
    origin = literal(selection.origin())
    psi = st.session_state["psi"]
    times = "" if psi == 1 else f", times {psi:g}"
    st.caption(
        f"The chosen z, from {origin}{times}, is in the middle. Downwards it moves along "
        f"{literal(grid.rows)}, to the right along {literal(grid.columns)}. Step {step:,}."
    )


def _render_downloads(
    source: GeneratorSource, vector: np.ndarray, grid: _Plane, psi: float
) -> None:
    # Not part of the grid, which is drawn again and again: see `sample_panel.render_downloads`.
    # What the sliders have made of the vector is read when a file is asked for.
    seed = selection.seed()
    name = f"z-{fingerprint(vector)}" if seed is None else f"seed-{seed}"
    size = grid.size

    def recipe(step: int) -> dict[str, object]:
        return _view(source, step, seed, vector, grid, psi).model_dump()

    def png() -> bytes:
        pixels, step = source.generate(grid.latent(vector, psi))
        return encode_png(tile(pixels, size, size, scale=_FILE_SCALE), recipe(step))

    def digits() -> bytes:
        z = grid.latent(vector, psi)
        pixels, step = source.generate(z)
        return pack_digits(pixels, z, recipe=recipe(step))

    with st.container(horizontal=True):
        deep_link.render_opening()
        st.download_button(
            "Download PNG",
            png,
            file_name=f"latent-grid-{name}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="latent-png",
        )
        st.download_button(
            "Download ZIP",
            digits,
            file_name=f"latent-grid-{name}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            key="latent-zip",
            help="Each digit as a PNG, and all latent vectors.",
        )


def _view(
    source: GeneratorSource,
    step: int | None,
    seed: int | None,
    vector: np.ndarray,
    grid: _Plane,
    psi: float,
) -> View:
    return View(
        run=source.run.name,
        created=source.run.created,
        step=step,
        seed=selection.seed_of(vector, seed),  # A slider may have moved it since.
        z=tuple(vector.tolist()),
        truncation=psi,
        rows=grid.size,
        columns=grid.size,
        row_direction=grid.rows,
        column_direction=grid.columns,
        row_vector=tuple(grid.row_direction.tolist()),
        column_vector=tuple(grid.column_direction.tolist()),
        plane_step=grid.step,
    )


def _mark_middle(picture: np.ndarray, size: int) -> np.ndarray:
    """Draw a thin frame around the tile in the middle, in the gap, over no digit."""
    pitch = (picture.shape[0] + _GAP) // size
    start = size // 2 * pitch - 1
    end = start + pitch - _GAP + 1
    framed = picture.copy()
    framed[start, start : end + 1] = framed[end, start : end + 1] = _FRAME_GREY
    framed[start : end + 1, start] = framed[start : end + 1, end] = _FRAME_GREY
    return framed
