"""What a new user sees first: digits at once, and a line on what will happen."""

from __future__ import annotations

from functools import cache

import streamlit as st

from dashboard.components.picture import render_picture
from dashboard.server import access
from dashboard.shared.sample_files import grid_png
from dcgan.errors import RunError
from dcgan.recording.progress import describe_seconds
from dcgan.runs import run_folder

_ROWS, _COLUMNS = 6, 8


def render_welcome() -> None:
    """Draw the shipped run's digits beside what the program does."""
    with st.container(key="welcome"):
        words, digits = st.columns([2, 3], gap="large", vertical_alignment="center")
        with words:
            st.title("Watch a network learn to write digits", anchor=False)
            st.markdown(
                "Two networks play against each other on 60,000 handwritten digits: the "
                ":orange[**generator**] draws, the :blue[**discriminator**] tells its drawings "
                "from real ones, and both get better."
            )
            st.markdown(
                "Press **Start training**: the first pictures come within seconds, good "
                "digits within a minute on two processor cores. Everything is saved; stop and "
                "continue when you like."
                if access.may_operate()
                else "Nothing is being trained at the moment. When it is, you see it on this page; "
                "what was trained before is under **Runs**."
            )
        with digits:
            _render_digits()


def _render_digits() -> None:
    try:
        run = _shipped_run()
        step = run.samples.list_steps()[-1]
        png, size = grid_png(run, step, _ROWS, _COLUMNS)
    except (RunError, IndexError):
        st.caption("The digits that come with the program are missing from checkpoints/.")
        return
    render_picture(
        png,
        size=size,
        scale=3,
        alt=f"{_ROWS * _COLUMNS} digits drawn by the generator that comes with the program, "
        f"step {step}",
        key="welcome-picture",
    )
    st.caption(
        "None of these was written by a hand: a generator of this program drew them, after "
        f"{describe_seconds(run.read_status().seconds)} of training."
    )


@cache
def _shipped_run() -> run_folder.Run:
    """Open it once: it never changes, and its picture is kept by the run that it is of."""
    return run_folder.open_run(run_folder.SHIPPED)
