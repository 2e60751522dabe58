"""Arithmetic with latent vectors: they are added, subtracted or averaged."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.components.picture import render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.generators.generator_source import GeneratorSource
from dashboard.tab import selection
from dashboard.tab.following import LARGE_SECONDS, follow_generator
from dashboard.walks import vector_choice
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.latent.arithmetic import combine
from dcgan.wording import capitalize

# Keys of the session.
_MIX_USED = "mix_used"  # Whether the result was selected since the last script run.

_SCALE = 4


def render(source: GeneratorSource) -> None:
    """Render the choice of vectors and the pictures of the parts and of the result."""
    noun = source.noun
    st.caption(
        (
            "Mix handwritings: the result has something of each that you add, and less of those "
            "that you subtract."
            if source.digit is not None
            else f"Add and subtract the z of {noun}s, and see which {noun} that gives."
        )
        + " **Use the result** brings it to the middle of the grid."
    )
    plus_place, minus_place = st.columns(2)
    with plus_place:
        plus = vector_choice.ask_for_vectors(
            source,
            "Add",
            key="mix_plus",
            default=[vector_choice.name_seed(1), vector_choice.name_seed(2)],
            help_text=f"You can choose {vector_choice.list_kinds(source)}.",
        )
    with minus_place:
        minus = vector_choice.ask_for_vectors(
            source,
            "Subtract",
            key="mix_minus",
            default=[],
            help_text="The same kinds as to add.",
        )
    is_mean = st.toggle(
        "Average each group",
        key="mix_mean",
        persist_state="session",
        help="The mean of several z of one kind is a typical example of that kind. The result is "
        "scaled to the usual length of z.",
    )
    if not plus:
        st.caption(f"Add at least one {noun}.")
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
        on_click=_select_result,
        args=(z, formula),
    )
    if st.session_state.pop(_MIX_USED, False):
        st.rerun()


def _render_parts(source: GeneratorSource, parts: np.ndarray, formula: str) -> None:
    follow_generator(source, key="news-mix", seconds=LARGE_SECONDS)
    try:
        pixels, step = source.generate(parts)
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for shown, title, key in (
            (pixels[:-1], f"Parts of {formula}", "mix-parts"),
            (pixels[-1:], formula, "mix-result"),
        ):
            picture = tile(shown, 1, len(shown))
            with st.container(width=picture.shape[1] * _SCALE):
                render_pixels(
                    picture,
                    alt=f"{title}, step {step}",
                    key=key,
                    scale=_SCALE,
                )
    if source.class_name:  # The class decides the digit, and z only the handwriting.
        formula = formula.replace(vector_choice.name_seed(""), "handwriting ")
        formula = capitalize(formula)
    st.caption(escape_markdown(f"{formula} = result"))


def _select_result(z: np.ndarray, formula: str) -> None:
    selection.select_z(z, formula)
    st.session_state[_MIX_USED] = True
