"""The plane of a pad: pictures along two directions of z, from which a person picks one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components.pad import render_pad
from dashboard.components.picture import match_mnist_scale
from dashboard.components.styling import render_keyboard_hint
from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import plane_axes
from dashboard.tab import selection
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.arithmetic import make_plane_grid
from dcgan.latent.sampling import fingerprint

SIDE = 25  # Pictures in a row, generated in advance: a quarter of a unit of z apart.
_MIDDLE = (SIDE // 2, SIDE // 2)
_REACH = 3.0  # In units of z, from the middle to each edge.
_SCALE = 9
EXPLORE_PAD_KEY = "pad-field"  # Streamlit's key of the pad on Explore.
# Keys of the session.
_PLANE_KEY = "pad_plane"


@dataclass(eq=False)
class Plane:
    """The plane in latent space that a pad shows.

    Attributes:
        names: Names of the directions across and down.
        vectors: The directions, shape (latent_dim,).
        base: The z in the middle.
        picked: The z that was picked on it last, at first the middle.
        position: Column and row of `picked`.
    """

    names: tuple[str, str]
    vectors: tuple[np.ndarray, np.ndarray]
    base: np.ndarray
    picked: np.ndarray
    position: tuple[int, int] = _MIDDLE

    def sample(self, side: int = SIDE) -> np.ndarray:
        """Return the latent batch of side × side pictures, row by row; `side` is odd."""
        across, down = self.vectors
        return make_plane_grid(self.base, down, across, side, side, 2 * _REACH / (side - 1))


def get_or_make_plane(source: GeneratorSource, key: str = EXPLORE_PAD_KEY) -> Plane:
    """Return the plane that the pad shows, or make a new one around the selected z.

    Args:
        source: The generator.
        key: Key of the pad, as in `render_plane`.
    """
    across, down = (
        plane_axes.settle_axis(source, axis)
        for axis in (plane_axes.PAD_ACROSS, plane_axes.PAD_DOWN)
    )
    names, vectors = (across[0], down[0]), (across[1], down[1])
    z = selection.get_current(source.latent_dim).z
    plane: Plane | None = st.session_state.get(_PLANE_KEY)
    # A pick refers to the plane that was shown, even if another z was chosen since.
    if (
        plane is not None
        and _has_directions(plane, names, vectors)
        and (_is_being_picked(key) or (plane.picked == z).all())
    ):
        return plane
    plane = Plane(names, vectors, z, z)
    st.session_state[_PLANE_KEY] = plane
    return plane


def render_plane(plane: Plane, pixels: np.ndarray, step: int, *, noun: str, key: str) -> bool:
    """Render a plane's pictures as a pad; picking one selects its z.

    Args:
        plane: The plane.
        pixels: The plane's SIDE × SIDE pictures, uint8, row by row.
        step: Step of the generator.
        noun: The noun for one picture, such as "digit".
        key: Streamlit's key.

    Returns:
        Whether a picture was just picked.
    """
    st.caption(f"Pick a place, or drag: the {noun} at that place becomes the selected one.")
    with st.container(key="pad"):
        picked = render_pad(
            encode_png(tile(pixels, SIDE, SIDE, gap=0)),
            side=SIDE,
            digit_side=pixels.shape[1],
            plane=fingerprint(plane.base[np.newaxis].astype(np.float32)),
            position=plane.position,
            across=plane.names[0],
            down=plane.names[1],
            reach=_REACH,
            alt=f"The {noun} at the mark, step {step}",
            key=key,
            scale=match_mnist_scale(_SCALE, pixels.shape[1]),
        )
    st.caption(f"The faint {noun}s preview each place.")
    render_keyboard_hint(
        f"By keyboard: arrows move, and the {noun} where you stop is selected.", key=key
    )
    if picked is None:
        return False
    z = plane.sample()[picked[1] * SIDE + picked[0]]
    plane.picked, plane.position = selection.select_z(z, selection.FROM_PAD).z, picked
    return True


def _has_directions(
    plane: Plane, names: tuple[str, str], vectors: tuple[np.ndarray, np.ndarray]
) -> bool:
    """Return whether a plane has these directions; another generator has other vectors."""
    return plane.names == names and all(
        np.array_equal(own, given) for own, given in zip(plane.vectors, vectors, strict=True)
    )


def _is_being_picked(pad_key: str) -> bool:
    result = st.session_state.get(pad_key)
    return result is not None and result.get("picked") is not None
