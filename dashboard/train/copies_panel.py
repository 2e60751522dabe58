"""Does the generator copy? Its digits beside the training images most like them, on request."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components.picture import render_picture
from dashboard.components.plain_text import escape_markdown
from dashboard.state.generator_source import GeneratorSource
from dashboard.state.trainer import Trainer
from dcgan.config import MAX_SEED
from dcgan.errors import DCGANError
from dcgan.evaluation.metric_info import NUM_NEAREST
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sampling import sample_latent
from dcgan.runs.run_folder import Run
from dcgan.runs.training_data import load_training_data

_ASKED = "copies-asked"
_SHOWN = 8  # The likest pairs; all are in the numbers.


@dataclass(frozen=True)
class _Finding:
    """What was found in a run at a step, ready to be shown again."""

    run: str
    step: int
    png: bytes
    size: tuple[int, int]
    words: str


@dataclass(frozen=True)
class _Refusal:
    """Why nothing was found in a run."""

    run: str
    words: str


def render(trainer: Trainer, run: Run) -> None:
    """Draw the button, and what it last found in this run."""
    with st.container(key="copies"):
        st.button(
            "Look for copies",
            icon=":material/compare:",
            help="Draws 200 digits, always of the same z, and finds the training image that is "
            "most like each.",
            on_click=_ask,
            args=(run.name,),
        )
        # Noted by the click itself: the page may be drawn anew before it comes to this line.
        if st.session_state.get(_ASKED) == run.name:
            try:
                with st.spinner("Comparing with every training image"):
                    st.session_state["copies"] = _look(trainer, run)
            except DCGANError as error:
                st.session_state["copies"] = _Refusal(run.name, str(error))
            del st.session_state[_ASKED]
        found: _Finding | _Refusal | None = st.session_state.get("copies")
        if isinstance(found, _Refusal):
            if found.run == run.name:
                st.error(escape_markdown(found.words), icon=":material/error:")
        elif found is not None and found.run == run.name:
            render_picture(
                found.png,
                size=found.size,
                scale=2,
                alt=f"{_SHOWN} digits of step {found.step}, below each its likest training image",
                key="copies-picture",
            )
            st.caption(found.words)


def _ask(run: str) -> None:
    st.session_state[_ASKED] = run


def _look(trainer: Trainer, run: Run) -> _Finding:
    from dcgan.evaluation.evaluator import find_nearest_training_images

    seed = (run.config.seed + 2) % (MAX_SEED + 1)  # Digits of their own.
    z = sample_latent(seed, NUM_NEAREST, run.config.latent_dim)
    pixels, step = GeneratorSource(run, None, trainer).generate(z)
    dataset = load_training_data(run)
    found = find_nearest_training_images(pixels, dataset)
    likest = np.argsort(found.distances)[:_SHOWN]
    picture = tile(np.concatenate([pixels[likest], found.nearest[likest]]), 2, _SHOWN)
    words = (
        f"The {_SHOWN} of {NUM_NEAREST} digits of step {step:,} that are most like a training "
        f"image, above that image. Distance, pixel by pixel: {found.distances.min():.3f} at least, "
        f"{np.median(found.distances):.3f} in the middle; a copy has 0."
    )
    if found.unseen_distances is not None:
        middle = np.median(found.unseen_distances)
        words += f" Real digits that nobody learned from have {middle:.3f} in the middle."
    size = (picture.shape[1], picture.shape[0])
    return _Finding(run.name, step, encode_png(picture), size, words)
