"""The explanation of mode collapse, with pictures of a run that collapsed.

`collapse.png` has four panels of 16 digits side by side, each the upper left part of a sample grid
of a run with seed 0 on MNIST, made on 28 November 2026: a normal run at step 373, then a run with
generator_learning_rate 0.04, discriminator_units 0 and r1_penalty 0 at steps 128, 243 and 395. The
recipe in the file has the same values.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.components.picture import render_picture
from dashboard.components.plain_text import TEXT_WIDTH
from dcgan.images.png_recipe import encode_png

_PICTURE = Path(__file__).with_name("collapse.png")
_SCALE = 3
_PANELS = (
    ("A normal run, step 373", "Every random input z gives another digit."),
    ("A collapsed run, step 128", "Hooked strokes, again and again."),
    ("The same run, step 243", "The strokes are now rejected, so all pictures have other shapes."),
    ("The same run, step 395", "Now loops with a tail, in every row."),
)


def render() -> None:
    """Render the explanation and the pictures."""
    with st.container(width=TEXT_WIDTH):
        st.markdown(
            "The :blue[discriminator] judges one picture at a time. It can notice that a 7 looks "
            "wrong, but not that it has seen the same 7 a hundred times. So the "
            ":orange[generator] needs no variety: one kind of picture that passes for real is "
            "enough. If it learns too fast for its discriminator, this happens again and again:"
        )
        st.markdown(
            "1. One kind of picture passes for real more often than all others.\n"
            "2. The generator learns to draw that kind for every random input (z). Now all "
            "pictures are alike.\n"
            "3. The discriminator learns to reject that kind.\n"
            "4. The generator moves on to another kind, again for every random input. It has "
            "forgotten how to draw different digits for different inputs."
        )
    for column, (title, description), (png, size) in zip(
        st.columns(len(_PANELS), gap="small"), _PANELS, _cut_panels(), strict=True
    ):
        with column:
            step = title.rpartition(" ")[2]
            render_picture(
                png,
                size=size,
                scale=_SCALE,
                alt=f"16 digits of the fixed z: {title}",
                key=f"collapse-{step}",
            )
            st.caption(f"**{title}.** {description}")
    with st.container(width=TEXT_WIDTH):
        st.markdown(
            "Three settings help against it. With good learning rates neither network runs ahead "
            "of the other. With hidden units the discriminator sees the whole picture at once. "
            "With the R1 penalty its answers do not change abruptly. A collapsed run rarely "
            "recovers, so start again with other settings. Experiment 2 makes a run collapse on "
            "purpose."
        )


@cache
def _cut_panels() -> tuple[tuple[bytes, tuple[int, int]], ...]:
    """Return the PNG and the size of each panel."""
    with Image.open(_PICTURE) as picture:
        parts = np.split(np.asarray(picture.convert("L")), len(_PANELS), axis=1)
    return tuple((encode_png(part), (part.shape[1], part.shape[0])) for part in parts)
