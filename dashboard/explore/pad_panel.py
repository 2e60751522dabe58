"""A pad: two directions under one finger, around the chosen z."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components.pad import render_pad
from dashboard.components.picture import match_mnist_scale
from dashboard.components.plain_text import literal
from dashboard.explore import plane_axes
from dashboard.shared import selection
from dashboard.shared.following import LARGE_SECONDS, follow_generator
from dashboard.state.generator_source import GeneratorSource
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.arithmetic import plane_grid

SIDE = 25  # Digits in a row, drawn ahead: a quarter of a unit of z apart.
_MIDDLE = (SIDE // 2, SIDE // 2)
_REACH = 3.0
_SCALE = 9
FIELD = "pad-field"
_KEPT = "pad_plane"


@dataclass(eq=False)
class Plane:
    """A plane in latent space, as it is in sight.

    Attributes:
        names: Of the directions across and down.
        vectors: Those, shape (latent_dim,). What a newer survey finds under the same names is
            another plane, which comes when z has left this one.
        base: The z in its middle.
        chosen: The z that was chosen on it last.
        at: Column and row of that.
    """

    names: tuple[str, str]
    vectors: tuple[np.ndarray, np.ndarray]
    base: np.ndarray
    chosen: np.ndarray
    at: tuple[int, int] = _MIDDLE

    def latent(self, side: int = SIDE) -> np.ndarray:
        """Return the latent batch of so many digits a side, row by row; side is odd."""
        across, down = self.vectors
        return plane_grid(self.base, down, across, side, side, 2 * _REACH / (side - 1))


def render(source: GeneratorSource) -> None:
    """Draw the choice of directions and the pad; the digits alone follow training."""
    with st.container(horizontal=True):
        directions = plane_axes.directions(source)
        plane_axes.choose("Across", directions, "pad_across")
        plane_axes.choose("Down", directions, "pad_down")
    st.fragment(_render_pad)(source)


def in_sight(source: GeneratorSource, key: str = FIELD) -> Plane:
    """Return the plane that a pad shows, or would show if it were open.

    Args:
        source: The generator.
        key: Of the pad, as of `show`.
    """
    directions = plane_axes.directions(source)
    names = (plane_axes.chosen(directions, "pad_across"), plane_axes.chosen(directions, "pad_down"))
    vectors = (directions[names[0]], directions[names[1]])
    z = selection.get(source.latent_dim)
    found: Plane | None = st.session_state.get(_KEPT)
    is_alike = found is not None and found.names == names and len(found.base) == len(z)
    # What is picked was picked from the plane in sight, also where z has left it meanwhile.
    if found is not None and is_alike and (_is_being_picked(key) or (found.chosen == z).all()):
        return found
    found = Plane(names, vectors, z.copy(), z.copy())
    st.session_state[_KEPT] = found
    return found


def show(shown: Plane, pixels: np.ndarray, step: int, key: str) -> bool:
    """Show a plane's digits to move about in; what is picked becomes the chosen z.

    Args:
        shown: The plane.
        pixels: Its digits, SIDE × SIDE of them, uint8.
        step: Of the generator that drew them.
        key: Streamlit's key.

    Returns:
        Whether one was picked just now.
    """
    with st.container(key="pad"):
        picked = render_pad(
            encode_png(tile(pixels, SIDE, SIDE, gap=0)),
            side=SIDE,
            digit_side=pixels.shape[1],
            position=shown.at,
            across=shown.names[0],
            down=shown.names[1],
            reach=_REACH,
            alt=f"The digit at the chosen place of the pad, step {step}",
            key=key,
            scale=match_mnist_scale(_SCALE, pixels.shape[1]),
        )
    st.caption(
        "Move about in the field and the digit follows; press, or rest after an arrow key, and it "
        "becomes the chosen z. The faint digits show what lies where."
    )
    if picked is None:
        return False
    z = shown.latent()[picked[1] * SIDE + picked[0]]
    selection.choose(z, "the pad")
    shown.chosen, shown.at = selection.get(len(z)).copy(), picked
    return True


def _render_pad(source: GeneratorSource) -> None:
    follow_generator(source, key="news-pad", seconds=LARGE_SECONDS)
    shown = in_sight(source)
    try:
        pixels, step = source.generate(shown.latent())
    except RunError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    if show(shown, pixels, step, FIELD):
        st.rerun()


def _is_being_picked(key: str) -> bool:
    state = st.session_state.get(key)
    return state is not None and state.get("picked") is not None
