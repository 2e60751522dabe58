"""A person's own digit, drawn or uploaded, and the closest one that the generator can draw."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.access import permissions
from dashboard.components.pencil import render_pencil
from dashboard.components.plain_text import escape_markdown
from dashboard.components.strip import StripItem, render_strip
from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.process import tf_runtime
from dashboard.process.storage_limits import MAX_SMALL_UPLOAD_MB
from dashboard.tab import selection
from dashboard.tab.explore_request import request_class
from dcgan.config.named_datasets import has_digits
from dcgan.errors import RunError
from dcgan.networks.class_inputs import fix_class
from dcgan.pictures.decoding import Unusable, decode_picture
from dcgan.pictures.picture_fitting import find_light_borders

if TYPE_CHECKING:
    from dcgan.config.training_config import TrainingConfig
    from dcgan.latent.inversion import Inversion, Inverter

# Keys of the session.
_DIGIT_PROBLEM = "digit_problem"
_DIGIT_UPLOADS = "digit_uploads"
_DIGIT_WAITING = "digit_waiting"
_INVERSION_FOUND = "inversion_found"
_INVERSION_USED = "inversion_used"
_PENCIL_RESET = "pencil_reset"

_PENCIL_SCALE = 10
_RESULT_SCALE = 5
_FILE_TYPES = ["png", "jpg", "jpeg", "webp", "bmp", "gif"]


@dataclass(frozen=True, eq=False)
class _Result:
    """The closest digit that a search has found so far.

    Attributes:
        run_name, created: Name and start of the generator's run.
        step: Step of the generator.
        class_name: The class that was drawn; "" if the generator knows none.
        target: The person's digit, uint8, in the shape of the generator's pictures.
        inversion: The closest digit and its z.
    """

    run_name: str
    created: str
    step: int
    class_name: str
    target: np.ndarray
    inversion: Inversion


def render(source: GeneratorSource) -> None:
    """Render the square to draw on, the closest digit beside it, and the upload below."""
    noun = source.noun
    drawable = _describe_drawable(source)
    st.caption(f"{drawable}, and see the closest one that the generator can draw.")
    with st.container(key="own-digit"):
        drawing_place, result_place = st.columns([1, 1], gap="medium")
    upload_place = st.container()
    with drawing_place:
        drawn = render_pencil(
            alt=f"A square to draw a {noun} on. By keyboard: arrows move, Shift and arrows draw, "
            f"Enter looks for the closest {noun}.",
            key="pencil",
            reset=st.session_state.get(_PENCIL_RESET, 0),
            scale=_PENCIL_SCALE,
        )
    if permissions.may_operate():  # Watchers upload nothing, not even into memory.
        with upload_place:
            _render_upload(source)
    digit = st.session_state.pop(_DIGIT_WAITING, drawn)
    with result_place:
        progress_area = st.container(key="inversion")
        if digit is not None:
            _search(source, digit, progress_area)
        _render_result(source)


def _describe_drawable(source: GeneratorSource) -> str:
    """Return the request to draw; a digit may be of any class, not only of the chosen one."""
    if source.class_id is None:
        return f"Draw a {source.noun}"
    if _knows_class_of_drawing(source):
        return "Draw any digit, not only the one chosen above"
    return f"Draw a {source.noun} of the class chosen above"


def _render_upload(source: GeneratorSource) -> None:
    """Render the upload; the next run of the script searches for an uploaded digit."""
    config = source.run.config
    if problem := st.session_state.pop(_DIGIT_PROBLEM, ""):
        st.error(escape_markdown(problem), icon=":material/error:")
    num_uploads = st.session_state.get(_DIGIT_UPLOADS, 0)
    file = st.file_uploader(
        "Or a picture of one",
        _FILE_TYPES,
        key=f"digit-upload-{num_uploads}",
        max_upload_size=MAX_SMALL_UPLOAD_MB,
        help=f"A photo or scan of one {source.noun} that fills most of it, dark on light or light "
        "on dark.",
    )
    if file is None:
        return
    st.session_state[_DIGIT_UPLOADS] = num_uploads + 1  # The new key empties the uploader.
    st.session_state[_PENCIL_RESET] = num_uploads + 1
    st.session_state.pop(_INVERSION_FOUND, None)
    try:
        picture = decode_picture(file.getvalue(), config.image_shape)
        st.session_state[_DIGIT_WAITING] = picture if config.color else _extract_ink(picture)
    except Unusable as error:
        st.session_state[_DIGIT_PROBLEM] = f"{file.name}: {error}."
    st.rerun()


def _extract_ink(picture: np.ndarray) -> np.ndarray:
    """Return the ink of a grey picture, bright on black, uint8; the median border is paper."""
    ink = 255 - picture if find_light_borders(picture[np.newaxis])[0] else picture
    border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    paper = min(float(np.median(border)), 200.0)
    return ((ink - paper).clip(0) * 255 / (255 - paper)).astype(np.uint8)


def _fit_to_run(digit: np.ndarray, config: TrainingConfig) -> np.ndarray:
    """Bring a digit, grey (height, width) or in colour, to the shape of a run's pictures."""
    from dcgan.latent.inversion import normalize_drawing

    if digit.ndim == 3:  # A picture in colour has no ink to centre.
        return digit
    return normalize_drawing(digit, config.image_size).repeat(config.image_shape[2], axis=2)


def _search(
    source: GeneratorSource, digit: np.ndarray, progress_area: st.delta_generator.DeltaGenerator
) -> None:
    """Search for the closest digit that the generator can draw, with a progress bar."""
    target = _fit_to_run(digit, source.run.config)
    if not target.any():
        st.session_state.pop(_INVERSION_FOUND, None)
        return
    bar = progress_area.progress(0.0, "Searching")
    source = _find_class(source, target)
    try:
        findings = findings_cache.ensure_complete_findings(source)
        weights, step = source.get_weights()
    except RunError as error:
        progress_area.error(escape_markdown(str(error)), icon=":material/error:")
        return

    def search() -> Generator[Inversion]:
        fixed, config = fix_class(weights, source.run.config, source.class_id)
        return _build_inverter(config).invert(fixed, target, findings.survey)

    # Closed also when the person leaves the page, so that the next search can begin.
    with contextlib.closing(tf_runtime.iterate_long_work(search)) as rounds:
        for inversion in rounds:
            bar.progress(
                inversion.share_done,
                f"Searching: differs by {100 * inversion.error:.0f}% so far",
            )
            st.session_state[_INVERSION_FOUND] = _Result(
                source.run.name,
                source.run.created,
                step,
                source.class_name,
                target,
                inversion,
            )
    bar.empty()


def _find_class(source: GeneratorSource, target: np.ndarray) -> GeneratorSource:
    """Return the generator of the class that a drawn digit looks like to the classifier.

    A source whose classes are not digits is returned as it is.
    """
    names = source.run.config.class_names
    if not _knows_class_of_drawing(source):
        return source
    digit = str(tf_runtime.run_for_page(_classify, target))
    return replace(source, class_id=names.index(digit)) if digit in names else source


def _knows_class_of_drawing(source: GeneratorSource) -> bool:
    """Return whether the digit classifier can choose the class that a drawing looks like."""
    return source.class_id is not None and has_digits(source.run.config.dataset)


def _classify(target: np.ndarray) -> int:
    from dcgan.digit_classifier.classifier import load_digit_classifier

    return int(load_digit_classifier().predict(target[np.newaxis]).probabilities.argmax())


def _is_current(result: _Result, source: GeneratorSource) -> bool:
    """Return whether a result belongs to this generator, at any step if the generator trains."""
    step = source.step if source.step is not None else source.run.checkpoints.find_newest()
    is_same_run = (result.run_name, result.created) == (source.run.name, source.run.created)
    return is_same_run and (source.trainer is not None or result.step == step)


def _render_result(source: GeneratorSource) -> None:
    result: _Result | None = st.session_state.get(_INVERSION_FOUND)
    if result is None or not _is_current(result, source):
        st.caption(
            f"The closest {source.noun} appears here. You can then change it with the sliders and "
            "walk from it."
        )
        return
    inversion = result.inversion
    render_strip(
        [
            (
                "",
                [
                    StripItem(result.target, f"Your {source.noun}", "Yours"),
                    StripItem(
                        inversion.pixels,
                        f"The closest {source.noun} of the generator, step {result.step}",
                        "Closest",
                    ),
                ],
            )
        ],
        key="inversion-picture",
        scale=_RESULT_SCALE,
        per_row=2,
    )
    is_chosen = (
        selection.find_in(inversion.z[np.newaxis]) is not None
        and source.class_name == result.class_name
    )
    st.button(
        f"Explore the closest {result.class_name or source.noun}",
        icon=":material/edit:",
        key="use-inversion",
        on_click=_select_found,
        args=(inversion.z, result.class_name, source.noun),
        disabled=is_chosen,
        width="stretch",
        wrap=True,
    )
    when = "can draw" if source.trainer is None else f"could draw at step {result.step:,}"
    is_digit = has_digits(source.run.config.dataset)
    comparison = "; two different digits differ by about 35%" if is_digit else ""
    if is_chosen:
        st.caption("The closest one is now in the middle of the grid.")
    st.caption(
        f"The closest of all {source.noun}s that the generator {when}. Yours differs from it by "
        f"{100 * inversion.error:.1f}%{comparison}.",
        help="The root mean square of the differences of the pixels; black and white differ by "
        "100%.",
    )
    if st.session_state.pop(_INVERSION_USED, False):
        st.rerun()


def _select_found(z: np.ndarray, class_name: str, noun: str) -> None:
    request_class(class_name)
    selection.select_z(z, f"your own {noun}")
    st.session_state[_INVERSION_USED] = True


@lru_cache(maxsize=2)
def _build_inverter(config: TrainingConfig) -> Inverter:
    from dcgan.latent.inversion import Inverter

    return Inverter(config)
