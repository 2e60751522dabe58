"""The search for copies: generated digits beside the most similar training images, on request."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components.picture import render_picture
from dashboard.generators.generator_source import GeneratorSource
from dashboard.shared.run_error import render_run_error
from dashboard.state.trainer import Trainer
from dashboard.state.training_pictures import load_all_pictures
from dcgan.errors import DCGANError
from dcgan.evaluation.metric_info import NUM_NEAREST
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sampling import sample_latent
from dcgan.runs.run_folder import Run
from dcgan.settings import MAX_SEED

_ASKED = "copies-asked"
_NUM_SHOWN = 8  # The most similar pairs; the distances are over all.


@dataclass(frozen=True)
class _Finding:
    """The most similar pairs of a run at a step, as a PNG with its caption."""

    run: str
    step: int
    png: bytes
    size: tuple[int, int]
    words: str


@dataclass(frozen=True)
class _Problem:
    """The reason why the search failed."""

    run: str
    words: str


def render(trainer: Trainer, run: Run) -> None:
    """Render the button, and the last result for this run."""
    with st.container(key="copies"):
        st.button(
            "Look for copies",
            icon=":material/compare:",
            help="Generates 200 digits, from the same random inputs each time, and finds the most "
            "similar training image for each.",
            on_click=_record_click,
            args=(run.name,),
        )
        # Set in the callback: the script may be restarted before it reaches this line.
        if st.session_state.get(_ASKED) == run.name:
            try:
                with st.spinner("Comparing with every training image"):
                    st.session_state["copies"] = _search(trainer, run)
            except DCGANError as error:
                st.session_state["copies"] = _Problem(run.name, str(error))
            del st.session_state[_ASKED]
        found: _Finding | _Problem | None = st.session_state.get("copies")
        if isinstance(found, _Problem):
            if found.run == run.name:
                render_run_error(found.words, run.config)
        elif found is not None and found.run == run.name:
            render_picture(
                found.png,
                size=found.size,
                scale=2,
                alt=f"{_NUM_SHOWN} digits of step {found.step}, each above its nearest real image",
                key="copies-picture",
            )
            st.caption(found.words)


def _record_click(run: str) -> None:
    st.session_state[_ASKED] = run


def _search(trainer: Trainer, run: Run) -> _Finding:
    from dcgan.evaluation.evaluator import find_nearest_training_images

    seed = (run.config.seed + 2) % (MAX_SEED + 1)  # Not those of the sample grid.
    z = sample_latent(seed, NUM_NEAREST, run.config.latent_dim)
    pixels, step = GeneratorSource(run, None, trainer).generate(z)
    dataset = load_all_pictures(run)
    found = find_nearest_training_images(pixels, dataset)
    nearest = np.argsort(found.distances)[:_NUM_SHOWN]
    picture = tile(np.concatenate([pixels[nearest], found.nearest[nearest]]), 2, _NUM_SHOWN)
    words = (
        f"The {_NUM_SHOWN} of {NUM_NEAREST} digits of step {step:,} that are most similar to a "
        f"training image, above that image. Pixel distance: {found.distances.min():.3f} at least, "
        f"{np.median(found.distances):.3f} on median; a copy has 0."
    )
    if found.unseen_distances is not None:
        median = np.median(found.unseen_distances)
        words += f" Real digits outside the training set: {median:.3f} on median."
    size = (picture.shape[1], picture.shape[0])
    return _Finding(run.name, step, encode_png(picture), size, words)
