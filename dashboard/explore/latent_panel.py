"""The grid of digits around the selected z, and beside it the sliders that move z."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components.news import rerun_on_news
from dashboard.components.picture import render_picture
from dashboard.components.plain_text import escape_markdown
from dashboard.components.sliders import SliderGrid
from dashboard.components.weights import send_weights
from dashboard.explore import deep_link, plane_axes, slider_panel
from dashboard.explore.recipes import GRID_SIZES, PLANE_STEPS, GridRecipe
from dashboard.shared import selection
from dashboard.shared.following import PICTURE_SECONDS, follow_generator
from dashboard.shared.glossary import explain
from dashboard.state import generator_source
from dashboard.state.generator_source import GeneratorSource
from dcgan.errors import RunError
from dcgan.images.digit_archives import pack_digits
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.arithmetic import MAX_PSI, plane_grid, truncate
from dcgan.latent.sampling import fingerprint

_DEFAULTS = {"psi": 1.0, "plane_size": 5, "plane_step": 2.0}
_GRID = "latent-grid"  # Key of the container that holds the picture.
_BATCH_SHOWN = "latent_grid"
# Widths of picture and sliders. In a window 1,280 pixels wide, the picture shows each pixel of a
# digit as 4×4 pixels.
_COLUMNS = (6, 5)
_GAP = 2
_FRAME_GREY = 150
_FILE_SCALE = 6
# How often the page gets the weights of a generator in training: large ones are sent less often.
_WEIGHTS_SECONDS, _WEIGHTS_BYTES_PER_SECOND = 4.0, 200_000


@dataclass(frozen=True)
class _GridPlane:
    """The plane in latent space that the grid shows, around the selected z.

    Attributes:
        size: Digits in a row and in a column.
        step: Distance in z from one digit to the next.
        rows, columns: Names of the directions down and to the right.
        row_direction, column_direction: Unit vectors of these directions, shape (latent_dim,).
    """

    size: int
    step: float
    rows: str
    columns: str
    row_direction: np.ndarray
    column_direction: np.ndarray

    def sample(self, center: np.ndarray, psi: float) -> np.ndarray:
        """Return the latent batch of the grid, row by row, truncated."""
        batch = plane_grid(
            center, self.row_direction, self.column_direction, self.size, self.size, self.step
        )
        return truncate(batch, psi)


def render(source: GeneratorSource, page_z: np.ndarray) -> None:
    """Render the choices, the grid and the sliders.

    Args:
        source: The generator.
        page_z: The z that the rest of the page was rendered with, shape (latent_dim,).
    """
    # Set here, not as the widgets' defaults, because a restored recipe may have set other values.
    for key, value in _DEFAULTS.items():
        st.session_state.setdefault(key, value)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        selection.render_seed_field(source.latent_dim)
        psi = st.slider(
            "Truncation",
            0.0,
            MAX_PSI,
            step=0.05,
            key="psi",
            persist_state="session",
            width=200,
            help=explain("truncation"),
        )
        sliders = slider_panel.choose_sliders(source.latent_dim)
        plane = _choose_plane(source)
    _render_grid_and_sliders(source, plane, psi, sliders, page_z)
    _send_weights(source)
    _render_downloads(source, plane, psi)


def shown_batch(latent_dim: int) -> tuple[np.ndarray, int]:
    """Return the latent batch of the grid on the page, row by row, and the digits of a row."""
    batch, side = st.session_state.get(_BATCH_SHOWN, (np.zeros((0, 0)), 0))
    if batch.shape[1] != latent_dim:  # The grid of this run was not rendered yet.
        return selection.current(latent_dim).z[np.newaxis].astype(np.float32), 1
    return batch, side


@st.fragment
def _render_grid_and_sliders(
    source: GeneratorSource, plane: _GridPlane, psi: float, sliders: str, page_z: np.ndarray
) -> None:
    """Render what a slider's move changes, in a fragment so that nothing else is rerun.

    The grid comes before the sliders, so that the new picture is sent first.
    """
    chosen = selection.current(source.latent_dim)
    z = chosen.z
    picture, controls = st.columns(_COLUMNS, gap="medium")
    with picture:
        batch = plane.sample(z, psi)
        st.session_state[_BATCH_SHOWN] = (batch, plane.size)
        st.fragment(_render_grid)(source, batch, plane)
    with controls:
        in_page = SliderGrid(
            f".st-key-{_GRID}",
            plane.size,
            source.run.config.image_size,
            _GAP,
            plane.step,
            plane.row_direction,
            plane.column_direction,
            psi,
        )
        slider_panel.render(source, sliders, in_page, generator_source.get_page_name(source))
    is_live = source.trainer is not None
    recipe = _make_recipe(source, source.step, plane, psi, z, chosen.chosen_seed)
    deep_link.write_address(recipe, is_live=is_live)
    # Last: an element that appears above the sliders would replace them during a drag.
    if not np.array_equal(z, page_z) and rerun_on_news(
        fingerprint(z), seconds=PICTURE_SECONDS, key="news-sliders"
    ):
        st.rerun()  # A slider has moved z and rests: the rest of the page follows.


@st.fragment
def _send_weights(source: GeneratorSource) -> None:
    """Send the page the generator, and newer weights while it trains."""
    seconds = _WEIGHTS_SECONDS
    with contextlib.suppress(RunError):  # The grid shows the error.
        packed = generator_source.pack_for_page(source)
        if packed is None:
            return
        send_weights(packed, key="weights")
        seconds = max(seconds, len(packed) / _WEIGHTS_BYTES_PER_SECOND)
    follow_generator(source, key="news-weights", seconds=seconds)


def _choose_plane(source: GeneratorSource) -> _GridPlane:
    with st.popover("Directions", icon=":material/grid_goldenratio:"):
        directions = plane_axes.list_directions(source)
        rows = plane_axes.choose("Rows step along", directions, "row_direction")
        columns = plane_axes.choose("Columns step along", directions, "column_direction")
        size = st.select_slider(
            "Rows and columns", GRID_SIZES, key="plane_size", persist_state="session"
        )
        step = st.slider(
            "Step from one digit to the next",
            *PLANE_STEPS,
            step=0.1,
            key="plane_step",
            persist_state="session",
            help="In units of z, whose numbers are mostly between -2 and 2.",
        )
    return _GridPlane(size, step, rows, columns, directions[rows], directions[columns])


def _render_grid(source: GeneratorSource, batch: np.ndarray, plane: _GridPlane) -> None:
    follow_generator(source, key="news-grid")
    size = plane.size
    try:
        pixels, step = source.generate(batch)
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    picture = _frame_middle(tile(pixels, size, size, gap=_GAP), size)
    chosen = selection.current(source.latent_dim)
    around = f"z from {chosen.origin}" if chosen.seed is None else f"seed {chosen.seed}"
    with st.container(key=_GRID):
        render_picture(
            encode_png(picture),
            size=(picture.shape[1], picture.shape[0]),
            scale=6,
            alt=f"Latent grid, {size} by {size} digits around {around}, step {step}, "
            f"z={fingerprint(batch)}",
            key="latent-picture",
        )
    psi = st.session_state["psi"]
    times = "" if psi == 1 else f", times {psi:g}"
    st.caption(
        f"In the middle: the selected digit, from {escape_markdown(chosen.origin)}{times}. Down: "
        f"{escape_markdown(plane.rows)}. Right: {escape_markdown(plane.columns)}. Step {step:,}."
    )


def _render_downloads(source: GeneratorSource, plane: _GridPlane, psi: float) -> None:
    # Outside of the fragments that rerun during training: see `sample_panel.render_downloads`.
    chosen = selection.current(source.latent_dim)  # Its z is read when a file is asked for.
    name = f"z-{fingerprint(chosen.z)}" if chosen.seed is None else f"seed-{chosen.seed}"
    size = plane.size

    def make_png() -> bytes:
        z = chosen.z
        pixels, step = source.generate(plane.sample(z, psi))
        recipe = _make_recipe(source, step, plane, psi, z, chosen.chosen_seed)
        return encode_png(tile(pixels, size, size, scale=_FILE_SCALE), recipe.model_dump())

    def make_zip() -> bytes:
        z = chosen.z
        batch = plane.sample(z, psi)
        pixels, step = source.generate(batch)
        recipe = _make_recipe(source, step, plane, psi, z, chosen.chosen_seed)
        return pack_digits(pixels, batch, recipe=recipe.model_dump())

    with st.container(horizontal=True):
        deep_link.render_upload()
        st.download_button(
            "Download PNG",
            make_png,
            file_name=f"latent-grid-{name}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="latent-png",
        )
        st.download_button(
            "Download ZIP",
            make_zip,
            file_name=f"latent-grid-{name}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            key="latent-zip",
            help="Each digit as a PNG, and all latent vectors.",
        )


def _make_recipe(
    source: GeneratorSource,
    step: int | None,
    plane: _GridPlane,
    psi: float,
    z: np.ndarray,
    chosen_seed: int | None,
) -> GridRecipe:
    return GridRecipe(
        run=source.run.name,
        created=source.run.created,
        step=step,
        seed=selection.confirm_seed(z, chosen_seed),
        z=tuple(z.tolist()),
        truncation=psi,
        rows=plane.size,
        columns=plane.size,
        row_direction=plane.rows,
        column_direction=plane.columns,
        row_vector=tuple(plane.row_direction.tolist()),
        column_vector=tuple(plane.column_direction.tolist()),
        plane_step=plane.step,
    )


def _frame_middle(picture: np.ndarray, size: int) -> np.ndarray:
    """Frame the digit in the middle; the frame lies in the gaps and covers no pixel of a digit."""
    pitch = (picture.shape[0] + _GAP) // size
    start = size // 2 * pitch - 1
    end = start + pitch - _GAP + 1
    framed = picture.copy()
    framed[start, start : end + 1] = framed[end, start : end + 1] = _FRAME_GREY
    framed[start : end + 1, start] = framed[start : end + 1, end] = _FRAME_GREY
    return framed
