"""The data that a run learns from: pictures by class, mean pictures and the most similar ones."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from dashboard.components.picture import match_mnist_scale, render_pixels
from dashboard.components.plain_text import escape_markdown
from dashboard.components.strip import StripItem, render_strip
from dashboard.components.tiles import render_tiles
from dashboard.generators.generator_source import GeneratorSource
from dashboard.process import tf_runtime
from dashboard.state.trainer import Trainer
from dashboard.state.training_pictures import load_all_pictures
from dashboard.wording.messages import render_run_error
from dcgan.config.named_datasets import has_digits
from dcgan.config.settings import MAX_SEED
from dcgan.data.datasets import ImageDataset
from dcgan.data.overview import ImageClass, find_similar, summarize_classes
from dcgan.errors import DCGANError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sampling import sample_latent
from dcgan.runs.run_folder import Run

_ROWS, _COLUMNS = 5, 8  # Twice as large, two of these grids fit side by side.
_NUM = _ROWS * _COLUMNS
_SCALE = 2
_NUM_SIMILAR = 9
_NUM_CANDIDATES = 500  # Fakes that are classified to find some of one class.
_ALL = -1  # Stands for all labels.
_CAPTION_LENGTH = 12  # Characters of a class name.
_MAX_BUTTONS = 12  # Classes that are chosen by buttons; more by a list.
# Keys of the session: the seed of the random pictures, and the picked picture.
_SEED, _PICKED = "data_draw", "data_picked"


def render_folded(trainer: Trainer, run: Run, label: str) -> None:
    """Render the view of a run's data in an expander; its content only while that is open."""
    data = st.expander(
        label,
        icon=":material/image_search:",
        key="data-view",
        on_change="rerun",
    )
    if data.open:
        with data:
            render(trainer, run)


@st.fragment
def render(trainer: Trainer, run: Run) -> None:
    """Render the view of the data; reads all pictures, so call it only while it is open."""
    try:
        with st.spinner("Reading the pictures"):
            dataset = load_all_pictures(run)
            classes = _summarize(dataset)
    except DCGANError as error:
        render_run_error(error, run.config)
        return
    _describe(dataset, classes, is_conditional=run.config.num_classes > 0)
    seed = st.session_state.setdefault(_SEED, 0)
    label = _ALL if dataset.labels is None else _ask_for_class(dataset, classes)
    chosen = choose_pictures(dataset, label, seed)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Other pictures", icon=":material/shuffle:", key="data-again", on_click=_change_seed
        )
        is_beside = st.toggle(
            "Compare with generated pictures",
            key="data_beside",
            help=f"Shows pictures that the generator draws now.{_explain_classes(run, dataset)}",
        )
    real, fake = st.columns(2, gap="medium") if is_beside else (st.container(), None)
    with real:
        if is_beside:
            st.caption("Real pictures. Pick one to see the most similar ones.")
        else:
            st.caption("A random choice of pictures. Pick one to see the most similar ones.")
        _render_real(dataset, chosen, run.name)
    if fake is not None:
        with fake:
            _render_fakes(trainer, run, dataset, label, seed)
    _render_similar(dataset, run.name)


@lru_cache(maxsize=1)
def _summarize(dataset: ImageDataset) -> list[ImageClass]:
    return summarize_classes(dataset)


def _explain_classes(run: Run, dataset: ImageDataset) -> str:
    """Return a sentence on how the generator's pictures of one class are found."""
    if dataset.labels is None:
        return ""
    if run.config.num_classes > 0:
        return " It is told which class to draw."
    if has_digits(run.config.dataset):
        return (
            " It has never seen a label, so the digit classifier finds digits of the chosen class."
        )
    return " It has never seen a label, so the pictures are of all classes."


def choose_pictures(dataset: ImageDataset, label: int, seed: int) -> np.ndarray:
    """Choose random pictures, of one class if `label` is not -1; returns their indices."""
    candidates = np.arange(len(dataset))
    if dataset.labels is not None and label != _ALL:
        candidates = np.flatnonzero(dataset.labels == label)
    rng = np.random.default_rng(seed)
    return rng.choice(candidates, min(_NUM, len(candidates)), replace=False)


def _change_seed() -> None:
    st.session_state[_SEED] = (st.session_state[_SEED] + 1) % MAX_SEED


def _describe(dataset: ImageDataset, classes: list[ImageClass], *, is_conditional: bool) -> None:
    height, width, channels = dataset.pixels.shape[1:]
    text = (
        f"{len(dataset):,} pictures of {height} × {width} pixels, "
        f"{'in colour' if channels == 3 else 'grey'}."
    )
    if dataset.labels is None:
        text += " They have no labels. The mean of all of them:"
    else:
        text += (
            " The networks get the class of each picture."
            if is_conditional
            else " The networks see only pixels, never the labels."
        )
        text += " For each class, its mean picture and its number of pictures:"
    st.markdown(text)
    items = [
        StripItem(
            image_class.mean,
            alt=f"Mean of {image_class.count:,} pictures {image_class.name}".strip(),
            caption=f"{_shorten(image_class.name)}: {image_class.count:,}"
            if image_class.name
            else f"{image_class.count:,}",
            hint=image_class.name,
        )
        for image_class in classes
    ]
    render_strip([("", items)], key="data-means", scale=_SCALE, per_row=5)


def _shorten(name: str) -> str:
    """Shorten a class name for two lines below a small picture."""
    return name if len(name) <= _CAPTION_LENGTH else f"{name[: _CAPTION_LENGTH - 1].rstrip()}…"


def _ask_for_class(dataset: ImageDataset, classes: list[ImageClass]) -> int:
    """Render the choice of a class; return its label, or -1 for all."""
    labels = np.unique(dataset.labels).tolist() if dataset.labels is not None else []

    def name(label: int) -> str:
        return "All" if label == _ALL else classes[labels.index(label)].name

    options = [_ALL, *labels]
    if len(labels) > _MAX_BUTTONS:
        chosen = st.selectbox("Class", options, key="data_class_list", format_func=name, width=340)
    else:
        chosen = st.segmented_control(
            "Class",
            options,
            default=_ALL,
            key="data_class",
            format_func=lambda label: escape_markdown(name(label)),
            required=True,
        )
    return _ALL if chosen is None else int(chosen)


def _render_real(dataset: ImageDataset, chosen: np.ndarray, run_name: str) -> None:
    pixels = dataset.pixels[chosen]
    picture = tile(pixels, _ROWS, _COLUMNS)
    picked = render_tiles(
        encode_png(picture),
        size=(picture.shape[1], picture.shape[0]),
        rows=_ROWS,
        columns=_COLUMNS,
        labels=[f"Find pictures like number {number + 1}" for number in range(len(chosen))],
        alt=f"{len(chosen)} real pictures of {len(dataset):,}",
        key="data-real",
        scale=match_mnist_scale(_SCALE, pixels.shape[1]),
    )
    if picked is not None:
        st.session_state[_PICKED] = (run_name, int(chosen[picked]))


def _render_fakes(trainer: Trainer, run: Run, dataset: ImageDataset, label: int, seed: int) -> None:
    try:
        with st.spinner("Drawing"):
            pixels, step = _draw_fakes(trainer, run, dataset, label, seed)
    except DCGANError as error:
        render_run_error(error, run.config)
        return
    st.caption(f"Drawn by the generator at step {step:,}.")
    if not len(pixels):
        st.caption(f"None of {_NUM_CANDIDATES} drawings looks like one of this class.")
        return
    picture = tile(pixels, _ROWS, _COLUMNS)
    render_pixels(
        picture,
        alt=f"{len(pixels)} pictures drawn by the generator, step {step}",
        key="data-fakes",
        scale=match_mnist_scale(_SCALE, pixels.shape[1]),
    )


def _draw_fakes(
    trainer: Trainer, run: Run, dataset: ImageDataset, label: int, seed: int
) -> tuple[np.ndarray, int]:
    """Draw fakes of one class: the generator's, or those that the digit classifier assigns to it.

    If neither knows the class, the fakes are of all classes.

    Returns:
        Pixels, uint8 (num, height, width, channels), at most _NUM; and the generator's step.
    """
    tf_runtime.prepare()
    source = GeneratorSource(run, None, trainer)
    is_asked = label != _ALL and run.config.num_classes > 0
    is_sorted = label != _ALL and not is_asked and has_digits(run.config.dataset)
    num = _NUM_CANDIDATES if is_sorted else _NUM
    z = sample_latent(seed, num, run.config.latent_dim)
    pixels, step = source.generate(z, np.full(num, label) if is_asked else None)
    if is_sorted:
        digits = tf_runtime.run_for_page(_classify, pixels)
        pixels = pixels[digits == int(dataset.class_names[label])]
    return pixels[:_NUM], step


def _classify(pixels: np.ndarray) -> np.ndarray:
    from dcgan.digit_classifier.classifier import load_digit_classifier

    digits: np.ndarray = load_digit_classifier().predict(pixels).probabilities.argmax(axis=1)
    return digits


def _render_similar(dataset: ImageDataset, run_name: str) -> None:
    """Render the picture that was clicked, and those most similar to it."""
    picked_run, index = st.session_state.get(_PICKED, ("", 0))
    if picked_run != run_name or index >= len(dataset):
        return
    found, distances = find_similar(dataset, index, _NUM_SIMILAR)

    def name_class(picture: int) -> str:
        if dataset.labels is None:
            return ""
        return _shorten(dataset.class_names[dataset.labels[picture]])

    picked = StripItem(dataset.pixels[index], alt="The chosen picture", caption=name_class(index))
    items = [
        StripItem(
            dataset.pixels[other],
            alt=f"Similar picture {rank}, distance {distance:.3f}",
            caption=f"{name_class(other)} {distance:.2f}".strip(),
            hint=f"Pixel distance {distance:.3f}; black against white has 1.",
        )
        for rank, (other, distance) in enumerate(
            zip(found.tolist(), distances.tolist(), strict=True), 1
        )
    ]
    render_strip(
        [
            ("Yours", [picked]),
            (f"Most similar of {len(dataset):,}, with the pixel distance", items),
        ],
        key="data-similar",
        scale=_SCALE,
        per_row=5,
    )
