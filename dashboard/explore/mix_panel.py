"""Arithmetic with digits: vectors added, taken away or averaged, the result beside its parts."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.components.picture import render_picture
from dashboard.components.plain_text import literal
from dashboard.explore import vector_choice
from dashboard.shared import selection
from dashboard.shared.following import LARGE_SECONDS, follow_generator
from dashboard.state.generator_source import GeneratorSource
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.arithmetic import combine

_SCALE = 4


def render(source: GeneratorSource) -> None:
    """Draw the choice of vectors and what they make; the pictures alone follow training."""
    plus_place, minus_place = st.columns(2)
    with plus_place:
        plus = vector_choice.choose(
            source,
            "Add",
            key="mix_plus",
            default=[vector_choice.seed_name(1), vector_choice.seed_name(2)],
            explained="What is added up: pins, the best of each digit, the chosen z, or any seed "
            "that you type.",
        )
    with minus_place:
        minus = vector_choice.choose(
            source,
            "Take away",
            key="mix_minus",
            default=[],
            explained="What is subtracted, of the same kinds.",
        )
    is_mean = st.toggle(
        "Average each side first",
        key="mix_mean",
        persist_state="session",
        help="The mean of several z of one digit is a typical one of it. The result is always "
        "brought to the length that z has.",
    )
    if not plus:
        st.caption("Add one digit at least.")
        return
    z = combine(
        np.stack([vector for _, vector in plus]),
        np.stack([vector for _, vector in minus]) if minus else None,
        is_mean=is_mean,
    )
    formula = " + ".join(name for name, _ in plus)
    if minus:
        formula += " − " + " − ".join(name for name, _ in minus)
    parts = np.stack([*(vector for _, vector in (*plus, *minus)), z])
    st.fragment(_render_parts)(source, parts, formula)
    st.button(
        "Use the result",
        icon=":material/edit:",
        key="use-mix",
        on_click=_use,
        args=(z, formula),
    )
    if st.session_state.pop("mix_used", False):
        st.rerun()


def _render_parts(source: GeneratorSource, parts: np.ndarray, formula: str) -> None:
    follow_generator(source, key="news-mix", seconds=LARGE_SECONDS)
    try:
        pixels, step = source.generate(parts)
    except RunError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for shown, what, key in (
            (pixels[:-1], f"Parts of {formula}", "mix-parts"),
            (pixels[-1:], formula, "mix-result"),
        ):
            picture = tile(shown, 1, len(shown))
            with st.container(width=picture.shape[1] * _SCALE):
                render_picture(
                    encode_png(picture),
                    size=(picture.shape[1], picture.shape[0]),
                    alt=f"{what}, step {step}",
                    key=key,
                    scale=_SCALE,
                )
    st.caption(literal(f"{formula} = the last digit."))


def _use(z: np.ndarray, formula: str) -> None:
    selection.choose(z, formula)
    st.session_state["mix_used"] = True
