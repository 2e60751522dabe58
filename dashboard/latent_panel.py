"""The latent vector: a seed, a slider for each of its numbers, and the grid around it."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard import live
from dashboard.plain_text import literal
from dashboard.sources import Source
from dcgan.config import MAX_SEED
from dcgan.errors import RunError
from dcgan.imaging import digits_zip, encode_png, tile
from dcgan.latent import (
    MAX_PSI,
    axis_direction,
    fingerprint,
    plane_grid,
    random_direction,
    sample_latent,
    truncate,
)

_SLIDERS_IN_SIGHT = 12
_COLUMNS = (6, 5)  # Picture and sliders.
_FIRST_SEED = 7
_LIMIT = 3.5  # Of a slider; a standard normal number lies beyond it once in 2,000 draws.
_RANDOM_DIRECTIONS = ("Random direction A", "Random direction B", "Random direction C")
_GAP = 2
_FRAME_GREY = 150
_FILE_SCALE = 6


@dataclass(frozen=True)
class _Plane:
    """What the grid around the chosen z shows; directions by the names that a person chose."""

    size: int
    step: float
    rows: str
    columns: str

    def latent(self, center: np.ndarray, psi: float) -> np.ndarray:
        """Return the grid's latent batch, row by row."""
        along_rows = _direction(self.rows, len(center))
        along_columns = _direction(self.columns, len(center))
        grid = plane_grid(center, along_rows, along_columns, self.size, self.size, self.step)
        return truncate(grid, psi)


def draw(source: Source, refresh_seconds: float | None) -> None:
    """Draw the choices, the grid and, beside it, the sliders; the grid alone follows training.

    Args:
        source: The generator.
        refresh_seconds: How often to draw the grid anew; None where the weights stay.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choose_seed()
        psi = st.slider(
            "Truncation",
            0.0,
            MAX_PSI,
            1.0,
            0.05,
            key="psi",
            persist_state="session",
            width=200,
            help="Scales z towards the mean: below 1 the digits get more typical and more alike, "
            "above 1 stranger.",
        )
        first = _choose_page(source.latent_dim)
        plane = _choose_plane(source.latent_dim)
    _steer(source, plane, psi, first, refresh_seconds)
    _draw_downloads(source, latent_vector(source.latent_dim), plane, psi)


@st.fragment
def _steer(
    source: Source, plane: _Plane, psi: float, first: int, refresh_seconds: float | None
) -> None:
    """Draw grid and sliders by themselves: the less a slider's move redraws, the sooner it shows.

    The grid comes first, as a person who moved a slider waits for it.

    Args:
        first: Which number of z the first slider is.
    """
    vector = latent_vector(source.latent_dim)
    # Four times its size in a window of 1,280 pixels.
    picture, controls = st.columns(_COLUMNS, gap="medium")
    with picture:
        z = plane.latent(vector, psi)
        st.fragment(_draw_grid, run_every=refresh_seconds)(source, z, plane.size)
    with controls:
        _draw_sliders(vector, first)


def latent_vector(latent_dim: int) -> np.ndarray:
    """Return the chosen z, shape (latent_dim,), float32; drawn from the seed at first.

    It is the session's own array: the sliders change it in place.
    """
    vector = st.session_state.get("latent")
    if vector is None or len(vector) != latent_dim:
        seed = st.session_state.setdefault("latent_seed", _FIRST_SEED)
        vector = sample_latent(seed, 1, latent_dim)[0].clip(-_LIMIT, _LIMIT)
        st.session_state["latent"] = vector
        # Of the sliders' keys: what a browser says of earlier ones, a quick second click of
        # "Surprise me" for one, is about another vector.
        st.session_state["latent_number"] = st.session_state.get("latent_number", 0) + 1
    return vector


def _choose_seed() -> None:
    st.session_state.setdefault("latent_seed", _FIRST_SEED)
    st.number_input(
        "Seed of z",
        0,
        MAX_SEED,
        key="latent_seed",
        persist_state="session",
        step=1,
        on_change=_forget_vector,
        width=150,
        help="The same seed always gives the same z. The sliders change it from there.",
    )
    st.button("Surprise me", icon=":material/casino:", on_click=_surprise)


def _forget_vector() -> None:
    st.session_state["latent"] = None


def _surprise() -> None:
    st.session_state["latent_seed"] = random.randrange(100_000)
    _forget_vector()


def _choose_page(latent_dim: int) -> int:
    """Return which number of z is the first in sight."""
    num_pages = -(-latent_dim // _SLIDERS_IN_SIGHT)
    if num_pages == 1:
        return 0
    page = st.selectbox(
        "Numbers of z",
        range(num_pages),
        key="latent_page",
        persist_state="session",
        format_func=lambda index: (
            f"{index * _SLIDERS_IN_SIGHT + 1} to "
            f"{min((index + 1) * _SLIDERS_IN_SIGHT, latent_dim)} of {latent_dim}"
        ),
        width=180,
        help="z is a list of numbers; each slider is one of them.",
    )
    return page * _SLIDERS_IN_SIGHT


def _draw_sliders(vector: np.ndarray, first: int) -> None:
    in_sight = range(first, min(first + _SLIDERS_IN_SIGHT, len(vector)))
    with st.container(key="latent-sliders"):
        columns = st.columns(2)
        for place, index in enumerate(in_sight):
            key = f"z_{st.session_state['latent_number']}_{index}"
            st.session_state[key] = float(vector[index])
            columns[place * 2 // len(in_sight)].slider(
                f"z {index + 1}",
                -_LIMIT,
                _LIMIT,
                step=0.05,
                key=key,
                on_change=_move,
                args=(key, index),
            )


def _move(key: str, index: int) -> None:
    vector = st.session_state.get("latent")
    if vector is not None:  # A new seed that came with the same message takes all of it over.
        vector[index] = st.session_state[key]


def _choose_plane(latent_dim: int) -> _Plane:
    with st.popover("Directions", icon=":material/grid_goldenratio:"):
        options = [*_RANDOM_DIRECTIONS, *(f"z {index + 1}" for index in range(latent_dim))]
        rows = st.selectbox(
            "Rows step along", options, 0, key="row_direction", persist_state="session"
        )
        columns = st.selectbox(
            "Columns step along", options, 1, key="column_direction", persist_state="session"
        )
        size = st.select_slider(
            "Rows and columns", [3, 5, 7, 9, 11], 5, key="plane_size", persist_state="session"
        )
        step = st.slider(
            "Step from one digit to the next",
            0.1,
            4.0,
            2.0,
            0.1,
            key="plane_step",
            persist_state="session",
            help="In units of z, whose numbers mostly lie between -2 and 2.",
        )
    return _Plane(size, step, rows, columns)


def _direction(name: str, latent_dim: int) -> np.ndarray:
    if name in _RANDOM_DIRECTIONS:
        return random_direction(_RANDOM_DIRECTIONS.index(name), latent_dim)
    return axis_direction(int(name.removeprefix("z ")) - 1, latent_dim)


def _draw_grid(source: Source, z: np.ndarray, size: int) -> None:
    try:
        pixels, step = source.draw(z)
    except RunError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    picture = _mark_middle(tile(pixels, size, size, gap=_GAP), size)
    seed = st.session_state["latent_seed"]
    with st.container(key="latent-grid"):
        live.picture(
            encode_png(picture),
            size=(picture.shape[1], picture.shape[0]),
            scale=6,
            alt=f"Latent grid, {size} by {size} digits around seed {seed}, step {step}, "
            f"z={fingerprint(z)}",
            key="latent-picture",
        )
    st.caption(f"The chosen z is in the middle. Step {step:,}.")


def _draw_downloads(source: Source, vector: np.ndarray, plane: _Plane, psi: float) -> None:
    # Not part of the grid, which is drawn again and again: see `sample_panel.draw_downloads`.
    # What the sliders have made of the vector is read when a file is asked for.
    seed = st.session_state["latent_seed"]
    size = plane.size

    def recipe(step: int) -> dict[str, object]:
        return {
            "kind": "latent grid",
            "run": source.run.name,
            "step": step,
            "seed": seed,
            "z": [round(float(value), 6) for value in vector],
            "truncation": psi,
            "rows": size,
            "columns": size,
            "row_direction": plane.rows,
            "column_direction": plane.columns,
            "plane_step": plane.step,
        }

    def png() -> bytes:
        pixels, step = source.draw(plane.latent(vector, psi))
        return encode_png(tile(pixels, size, size, scale=_FILE_SCALE), recipe(step))

    def digits() -> bytes:
        z = plane.latent(vector, psi)
        pixels, step = source.draw(z)
        return digits_zip(pixels, z, recipe=recipe(step))

    with st.container(horizontal=True):
        st.download_button(
            "Download PNG",
            png,
            file_name=f"latent-grid-seed-{seed}.png",
            mime="image/png",
            icon=":material/image:",
            on_click="ignore",
            key="latent-png",
        )
        st.download_button(
            "Download ZIP",
            digits,
            file_name=f"latent-grid-seed-{seed}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            key="latent-zip",
            help="Each digit as a PNG, and all latent vectors.",
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
