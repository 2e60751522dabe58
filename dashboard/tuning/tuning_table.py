"""The table of a tuning: a row for each candidate, a column for each round."""

from __future__ import annotations

import streamlit as st

from dcgan.tuning.tuning import Tuning
from dcgan.tuning.tuning_text import make_table


def render(tuning: Tuning) -> None:
    """Render the table; the numbers are distances to real pictures."""
    header, *rows = make_table(tuning)
    st.dataframe(
        {name: [row[index] for row in rows] for index, name in enumerate(header)},
        hide_index=True,
        width="content",
        key="tuning-table",
    )
