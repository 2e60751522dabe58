"""A digit of one's own: drawn or uploaded, and the nearest that the generator can make."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.components.pencil import render_pencil
from dashboard.components.picture import match_mnist_scale, render_picture
from dashboard.components.plain_text import literal
from dashboard.server import access
from dashboard.shared import selection
from dashboard.state import surveys, tf_runtime
from dashboard.state.generator_source import GeneratorSource
from dcgan.data.decoding import Unusable, decode_picture, have_light_border
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png

if TYPE_CHECKING:
    from dcgan.config import TrainingConfig
    from dcgan.latent.inversion import Inversion, Inverter

_SCALE = 10  # Of the square to draw on.
_SHOWN_SCALE = 5
_MAX_UPLOAD_MB = 10
_TYPES = ["png", "jpg", "jpeg", "webp", "bmp", "gif"]


@dataclass(frozen=True, eq=False)
class _Found:
    """What was found for a digit.

    Attributes:
        run, created: Whose generator: the run's folder and when it began.
        step: Of its weights.
        target: The digit, uint8, of the shape of the generator's pictures.
        inversion: The nearest.
    """

    run: str
    created: str
    step: int
    target: np.ndarray
    inversion: Inversion


def render(source: GeneratorSource) -> None:
    """Draw the square, the upload and, beside them, what was found."""
    own, found = st.columns([1, 1], gap="medium")
    with own:
        drawn = render_pencil(
            alt="A square to draw a digit on. By keyboard: arrows move, Shift and arrows draw, "
            "Enter looks for the nearest digit.",
            key="pencil",
            reset=st.session_state.get("pencil_reset", 0),
            scale=_SCALE,
        )
        if access.may_operate():  # A watcher puts no file on the server, not in memory either.
            _upload(source.run.config)
    digit = st.session_state.pop("digit_waiting", drawn)
    with found:
        place = st.container(key="inversion")
        if digit is not None:
            _search(source, digit, place)
        _show(source)


def _upload(config: TrainingConfig) -> None:
    """Draw the upload; the digit of a file that comes waits for the next run of the script."""
    if problem := st.session_state.pop("digit_problem", ""):
        st.error(literal(problem), icon=":material/error:")
    number = st.session_state.get("digit_uploads", 0)
    file = st.file_uploader(
        "Or a picture of one",
        _TYPES,
        key=f"digit-upload-{number}",
        max_upload_size=_MAX_UPLOAD_MB,
        help="A photo or scan of one digit that fills most of the picture, dark on light or light "
        "on dark.",
    )
    if file is None:
        return
    st.session_state["digit_uploads"] = number + 1  # The next run of the script has a fresh one.
    st.session_state["pencil_reset"] = number + 1
    st.session_state.pop("inversion_found", None)
    try:
        picture = decode_picture(file.getvalue(), config.image_shape)
        st.session_state["digit_waiting"] = picture if config.color else _ink_of(picture)
    except Unusable as error:
        st.session_state["digit_problem"] = f"{file.name}: {error}."
    st.rerun()


def _ink_of(picture: np.ndarray) -> np.ndarray:
    """Return a grey picture's ink, bright on black, uint8; its border is taken for paper."""
    ink = 255 - picture if have_light_border(picture[np.newaxis])[0] else picture
    border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    paper = min(float(np.median(border)), 200.0)
    return ((ink - paper).clip(0) * 255 / (255 - paper)).astype(np.uint8)


def _target(digit: np.ndarray, config: TrainingConfig) -> np.ndarray:
    """Bring what came, grey (height, width) or in colour, to the shape of a run's pictures."""
    from dcgan.latent.inversion import like_mnist

    if digit.ndim == 3:  # A picture in colour has no ink whose place could be told.
        return digit
    return like_mnist(digit, config.image_size).repeat(config.image_shape[2], axis=2)


def _search(
    source: GeneratorSource, digit: np.ndarray, place: st.delta_generator.DeltaGenerator
) -> None:
    """Look for the nearest that the generator can make, showing how far it is."""
    target = _target(digit, source.run.config)
    if not target.any():
        st.session_state.pop("inversion_found", None)
        return
    bar = place.progress(0.0, "Looking for its z")
    try:
        findings = surveys.survey_generator(source)
        weights, step = source.get_weights()
    except RunError as error:
        place.error(literal(str(error)), icon=":material/error:")
        return

    def search() -> Generator[Inversion]:
        return _inverter(source.run.config).invert(weights, target, findings.survey)

    # Closed also where the person leaves the page, so that the next search may begin.
    with contextlib.closing(tf_runtime.iterate_long_work(search)) as rounds:
        for inversion in rounds:
            bar.progress(
                inversion.share_done, f"Looking for its z: {100 * inversion.error:.0f} % apart"
            )
            st.session_state["inversion_found"] = _Found(
                source.run.name, source.run.created, step, target, inversion
            )
    bar.empty()


def _is_of(found: _Found, source: GeneratorSource) -> bool:
    """Whether a digit was found by a generator; one that trains is another with each step."""
    step = source.step if source.step is not None else source.run.checkpoints.find_newest()
    is_run = (found.run, found.created) == (source.run.name, source.run.created)
    return is_run and (source.trainer is not None or found.step == step)


def _show(source: GeneratorSource) -> None:
    found: _Found | None = st.session_state.get("inversion_found")
    if found is None or not _is_of(found, source):
        st.caption(
            "Draw a digit, and the generator's nearest one appears here: you get its z, to edit "
            "with the sliders and to walk from."
        )
        return
    inversion = found.inversion
    picture = tile(np.stack([found.target, inversion.pixels]), 1, 2, gap=2)
    render_picture(
        encode_png(picture),
        size=(picture.shape[1], picture.shape[0]),
        scale=match_mnist_scale(_SHOWN_SCALE, found.target.shape[0]),
        alt=f"Your digit, and the nearest of the generator, step {found.step}",
        key="inversion-picture",
    )
    st.caption(
        f"Left yours, at MNIST's size and place; right the nearest that the generator of step "
        f"{found.step:,} was found to make. They are {100 * inversion.error:.1f} % apart (root "
        "mean square, of black to white; two different digits are about 35 %)."
    )
    st.button(
        "Use its z",
        icon=":material/edit:",
        key="use-inversion",
        on_click=_use,
        args=(inversion.z,),
    )
    if st.session_state.pop("inversion_used", False):
        st.rerun()


def _use(z: np.ndarray) -> None:
    selection.choose(z, "your own digit")
    st.session_state["inversion_used"] = True


@lru_cache(maxsize=2)
def _inverter(config: TrainingConfig) -> Inverter:
    from dcgan.latent.inversion import Inverter

    return Inverter(config)
