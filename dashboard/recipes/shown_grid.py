"""The latent batch of the grid that this tab shows, for the walk from it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.shared import selection

_BATCH_SHOWN = "latent_grid"


def keep_shown(batch: np.ndarray, side: int) -> None:
    """Keep the latent batch of the grid on the page.

    Args:
        batch: Row by row, shape (side × side, latent_dim).
        side: Digits of a row.
    """
    st.session_state[_BATCH_SHOWN] = (batch, side)


def get_shown_batch(latent_dim: int) -> tuple[np.ndarray, int]:
    """Return the latent batch of the grid on the page, row by row, and the digits of a row."""
    batch, side = st.session_state.get(_BATCH_SHOWN, (np.zeros((0, 0)), 0))
    if batch.shape[1] != latent_dim:  # The grid of this run was not rendered yet.
        return selection.get_current(latent_dim).z[np.newaxis].astype(np.float32), 1
    return batch, side
