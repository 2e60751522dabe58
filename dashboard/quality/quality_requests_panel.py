"""The measurements of quality on request: of each class, and the search for copies.

Both draw with the newest generator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components.picture import render_picture
from dashboard.generators.generator_source import GeneratorSource
from dashboard.process import tf_runtime
from dashboard.quality.measurement_request import ask_for_measurement
from dashboard.state.trainer import Trainer
from dashboard.state.training_pictures import load_all_pictures
from dcgan.config.named_datasets import get_picture_noun
from dcgan.config.settings import MAX_SEED
from dcgan.evaluation.metric_info import NUM_CLASS_SAMPLES, NUM_NEAREST
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sampling import sample_latent
from dcgan.runs.run_folder import Run

_CLASSES_SEED = 11
_NUM_SHOWN = 8  # Most similar pairs that are shown; the caption gives distances of all pairs.


@dataclass(frozen=True)
class _ClassTable:
    """The table of a step: a row for each class."""

    step: int
    rows: list[dict[str, str | float | None]]


@dataclass(frozen=True)
class _Copies:
    """The most similar pairs of a step, as a PNG with its caption."""

    step: int
    png: bytes
    size: tuple[int, int]
    caption: str


def render_classes(trainer: Trainer, run: Run) -> None:
    """Render the button and the last table of this run; nothing if it learns no classes."""
    if not run.config.class_names:
        return
    with st.container(key="classes"):
        found = ask_for_measurement(
            run,
            "classes",
            "Measure each class",
            lambda: _measure_classes(trainer, run),
            icon=":material/category:",
            help_text=f"Draws {NUM_CLASS_SAMPLES} pictures of each class and compares them with "
            "real ones.",
            wait_text="Drawing each class",
        )
        if found is not None:
            _render_classes_table(found)


def render_copies(trainer: Trainer, run: Run) -> None:
    """Render the button, and the last result for this run."""
    noun = get_picture_noun(run.config.dataset)
    with st.container(key="copies"):
        found = ask_for_measurement(
            run,
            "copies",
            "Look for copies",
            lambda: _search_copies(trainer, run),
            icon=":material/compare:",
            help_text=f"Generates {NUM_NEAREST} {noun}s, from the same random inputs each time, "
            "and finds the most similar training picture for each.",
            wait_text="Comparing with every training picture",
        )
        if found is not None:
            render_picture(
                found.png,
                size=found.size,
                scale=3,
                alt=f"{_NUM_SHOWN} {noun}s of step {found.step}, each above its nearest real "
                "picture",
                key="copies-picture",
            )
            st.caption(found.caption)


def _measure_classes(trainer: Trainer, run: Run) -> _ClassTable:
    tf_runtime.prepare()
    from dcgan.evaluation.class_metrics import measure_classes

    # All classes are drawn with the same weights, although the run continues to train.
    generator = GeneratorSource(run, None, trainer).freeze()
    z = sample_latent(_CLASSES_SEED, NUM_CLASS_SAMPLES, run.config.latent_dim)
    measured = tf_runtime.run_long_work(
        measure_classes,
        lambda label, num: generator.generate(z[:num], [label] * num),
        load_all_pictures(run),
    )
    rows: list[dict[str, str | float | None]] = [
        {
            "Class": quality.name,
            "Drawn as asked": quality.as_asked,
            "Distance": quality.frechet_distance,
            "Real": quality.real_distance,
        }
        for quality in measured
    ]
    return _ClassTable(generator.step, rows)


def _render_classes_table(found: _ClassTable) -> None:
    shares = [row["Drawn as asked"] for row in found.rows]
    columns = {
        "Distance": st.column_config.NumberColumn(
            format="%.1f", help="Distance to real pictures of this class; lower is better."
        ),
        "Real": st.column_config.NumberColumn(
            format="%.1f", help="The distance between two sets of real pictures of this class."
        ),
        "Drawn as asked": st.column_config.ProgressColumn(
            format="percent",
            min_value=0.0,
            max_value=1.0,
            help="Share that the digit classifier reads as this class.",
        ),
    }
    if None in shares:
        rows = [
            {column: value for column, value in row.items() if column != "Drawn as asked"}
            for row in found.rows
        ]
    else:
        rows = found.rows
    st.dataframe(rows, hide_index=True, column_config=columns, key="classes-table")
    st.caption(f"{NUM_CLASS_SAMPLES} pictures of each class, step {found.step:,}.")


def _search_copies(trainer: Trainer, run: Run) -> _Copies:
    from dcgan.evaluation.evaluator import find_nearest_training_images

    seed = (run.config.seed + 2) % (MAX_SEED + 1)  # So z differs from the sample grid's.
    z = sample_latent(seed, NUM_NEAREST, run.config.latent_dim)
    pixels, step = GeneratorSource(run, None, trainer).generate(z)
    dataset = load_all_pictures(run)
    found = tf_runtime.run_long_work(find_nearest_training_images, pixels, dataset)
    nearest = np.argsort(found.distances)[:_NUM_SHOWN]
    picture = tile(np.concatenate([pixels[nearest], found.nearest[nearest]]), 2, _NUM_SHOWN)
    noun = get_picture_noun(run.config.dataset)
    caption = (
        f"The {_NUM_SHOWN} of {NUM_NEAREST} {noun}s of step {step:,} that are most similar to a "
        f"training picture, above that picture. Pixel distance: {found.distances.min():.3f} at "
        f"least, {np.median(found.distances):.3f} on median; a copy has 0."
    )
    median = np.median(found.unseen_distances)
    caption += f" Real {noun}s that are not in the training set: {median:.3f} on median."
    size = (picture.shape[1], picture.shape[0])
    return _Copies(step, encode_png(picture), size, caption)
