"""A pad: two directions under one finger, around the chosen z."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard import chosen_z, live, plane
from dashboard.plain_text import literal
from dashboard.sources import Source
from dcgan.errors import RunError
from dcgan.imaging import encode_png, tile
from dcgan.latent import plane_grid

_SIDE = 25  # Digits in a row, drawn ahead: a quarter of a unit of z apart.
_REACH = 3.0
_SCALE = 9
_FIELD = "pad-field"


@dataclass(eq=False)
class _Plane:
    """The plane in sight.

    Attributes:
        names: Of the directions across and down.
        base: The z in its middle.
        chosen: The z that was chosen on it last; where z is another now, the plane is not z's.
        at: Column and row of that.
    """

    names: tuple[str, str]
    base: np.ndarray
    chosen: np.ndarray
    at: tuple[int, int] = (_SIDE // 2, _SIDE // 2)


def draw(source: Source, refresh_seconds: float | None) -> None:
    """Draw the choice of directions and the pad; the digits alone follow training."""
    with st.container(horizontal=True):
        directions = plane.directions(source)
        across = plane.choose("Across", directions, "pad_across", preferred="Slant")
        down = plane.choose(
            "Down", directions, "pad_down", preferred="Thickness", otherwise=plane.RANDOM[1]
        )
    st.fragment(_draw_pad, run_every=refresh_seconds)(
        source, (across, down), (directions[across], directions[down])
    )


def _draw_pad(
    source: Source, names: tuple[str, str], vectors: tuple[np.ndarray, np.ndarray]
) -> None:
    shown: _Plane | None = st.session_state.get("pad_plane")
    # What is picked was picked from the plane in sight, also where z has left it meanwhile.
    if not _is_being_picked() or shown is None or shown.names != names:
        shown = _plane(names, chosen_z.get(source.latent_dim))
    step_size = 2 * _REACH / (_SIDE - 1)
    z = plane_grid(shown.base, vectors[1], vectors[0], _SIDE, _SIDE, step_size)
    try:
        pixels, step = source.draw(z)
    except RunError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    with st.container(key="pad"):
        picked = live.pad(
            encode_png(tile(pixels, _SIDE, _SIDE, gap=0)),
            side=_SIDE,
            at=shown.at,
            across=names[0],
            down=names[1],
            reach=_REACH,
            alt=f"The digit at the chosen place of the pad, step {step}",
            key=_FIELD,
            scale=_SCALE,
        )
    st.caption(
        "Move about in the field and the digit follows; press, or rest after an arrow key, and it "
        "becomes the chosen z. The faint digits show what lies where."
    )
    if picked is not None:
        chosen_z.choose(z[picked[1] * _SIDE + picked[0]], "the pad")
        shown.chosen, shown.at = chosen_z.get(source.latent_dim).copy(), picked
        st.rerun()


def _is_being_picked() -> bool:
    state = st.session_state.get(_FIELD)
    return state is not None and state.get("picked") is not None


def _plane(names: tuple[str, str], z: np.ndarray) -> _Plane:
    """Return the plane in sight, or a new one around z where z has left it."""
    found: _Plane | None = st.session_state.get("pad_plane")
    if found is None or found.names != names or not np.array_equal(found.chosen, z):
        found = _Plane(names, z.copy(), z.copy())
        st.session_state["pad_plane"] = found
    return found
