"""The plane of latent space that the grid shows, and the popover with its options."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes import plane_axes
from dashboard.recipes.recipes import GRID_SIZES, PLANE_STEP_BOUNDS
from dashboard.tab import selection
from dashboard.tab.explore_request import PLANE_SIZE, PLANE_STEP, PSI
from dashboard.wording.glossary import explain
from dcgan.latent.arithmetic import MAX_PSI, make_plane_grid, truncate

_DEFAULTS = {PSI: 1.0, PLANE_SIZE: 5, PLANE_STEP: 1.0}


@dataclass(frozen=True)
class GridPlane:
    """The plane in latent space that the grid shows, around the selected z.

    Attributes:
        size: Number of rows, and of columns.
        step: Distance in z from one picture to the next.
        psi: Truncation: the factor of all z of the grid.
        row_name, column_name: Names of the directions down and to the right.
        row_direction, column_direction: Unit vectors of these directions, shape (latent_dim,).
    """

    size: int
    step: float
    psi: float
    row_name: str
    column_name: str
    row_direction: np.ndarray
    column_direction: np.ndarray

    def sample(self, center: np.ndarray) -> np.ndarray:
        """Return the latent batch of the grid, row by row, truncated."""
        batch = make_plane_grid(
            center, self.row_direction, self.column_direction, self.size, self.size, self.step
        )
        return truncate(batch, self.psi)


def ask_for_plane(source: GeneratorSource) -> GridPlane:
    """Render the popover with the options of the grid; return the plane."""
    # Set here, not as the widgets' defaults, because a restored recipe may have set other values.
    for key, value in _DEFAULTS.items():
        st.session_state.setdefault(key, value)
    noun = source.noun if source.digit is None else "picture"  # A digit is also a class here.
    # Narrow, so that it opens beside the grid, which it changes.
    with (
        st.popover("Grid options", icon=":material/tune:", key="grid-options-menu"),
        st.container(key="grid-options"),
    ):
        st.caption(
            f"The selected {noun} is in the middle. From left to right its z changes along one "
            "direction, from top to bottom along another."
        )
        with st.container(horizontal=True):
            across = plane_axes.ask_for_axis("Left to right", source, plane_axes.GRID_ACROSS)
            down = plane_axes.ask_for_axis("Top to bottom", source, plane_axes.GRID_DOWN)
        with st.container(horizontal=True):
            size = st.select_slider(
                "Rows and columns",
                GRID_SIZES,
                key=PLANE_SIZE,
                persist_state="session",
                width=190,
            )
            step = st.slider(
                "Step between pictures",
                *PLANE_STEP_BOUNDS,
                step=0.1,
                key=PLANE_STEP,
                persist_state="session",
                width=190,
                help="How far z moves. The numbers of z are mostly between -2 and 2.",
            )
        with st.container(horizontal=True):
            selection.render_seed_field(source.latent_dim, noun)
            psi = st.slider(
                "Distance from the average",
                0.0,
                MAX_PSI,
                step=0.05,
                key=PSI,
                persist_state="session",
                width=220,
                help=explain("truncation"),
            )
    return GridPlane(size, step, psi, down[0], across[0], down[1], across[1])
