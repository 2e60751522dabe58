"""The latent batch of the grid that this tab shows, for the replay of the grid."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.tab import selection

# Keys of the session.
_SHOWN_BATCH = "shown_batch"


def set_shown_batch(batch: np.ndarray, side: int) -> None:
    """Store the latent batch of the grid on the page.

    Args:
        batch: Row by row, shape (side × side, latent_dim).
        side: Pictures of a row.
    """
    st.session_state[_SHOWN_BATCH] = (batch, side)


def get_shown_batch(latent_dim: int) -> tuple[np.ndarray, int]:
    """Return the latent batch of the grid, row by row, and the number of pictures in a row."""
    batch, side = st.session_state.get(_SHOWN_BATCH, (np.zeros((0, 0)), 0))
    if batch.shape[1] != latent_dim:  # The grid of this run was not rendered yet.
        return selection.get_current(latent_dim).z[np.newaxis].astype(np.float32), 1
    return batch, side
