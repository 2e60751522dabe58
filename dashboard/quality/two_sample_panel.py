"""The two-sample test on request: how well a program tells fakes from real images."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.generators.generator_source import GeneratorSource
from dashboard.process import tf_runtime
from dashboard.quality.measurement_request import ask_for_measurement
from dashboard.state.trainer import Trainer
from dashboard.state.training_pictures import load_all_pictures
from dcgan.config.named_datasets import get_picture_noun
from dcgan.data.drawn_classes import draw_classes
from dcgan.errors import MissingPackageError
from dcgan.evaluation.two_sample_test import (
    MAX_LEARNED,
    VIEWS,
    TwoSampleTest,
    check_scikit_learn,
    choose_sizes,
    run_two_sample_test,
)
from dcgan.latent.sampling import sample_latent
from dcgan.runs.run_folder import Run

_SEED = 12


@dataclass(frozen=True)
class _TestOfStep:
    """A test of the pictures of a step."""

    step: int
    test: TwoSampleTest


def render(trainer: Trainer, run: Run) -> None:
    """Render the button and the last result for this run; nothing on a public demo.

    On a demo, one visitor would take a core from all others for a minute.
    """
    if trainer.demo is not None:
        return
    noun = get_picture_noun(run.config.dataset)
    problem = _find_missing_package()
    with st.container(key="telling"):
        result = ask_for_measurement(
            run,
            "telling",
            "Can a program tell?",
            lambda: _measure(trainer, run),
            icon=":material/fact_check:",
            help_text=problem
            or f"A program learns from up to {MAX_LEARNED:,} {noun}s of this generator and as "
            "many real ones, and then says which new ones are real. By guessing, half of its "
            "answers would be right. This takes about a minute and slows training.",
            wait_text=f"Learning to tell the {noun}s from real ones",
            disabled=bool(problem),
        )
        if result is not None:
            _render_result(result, noun)


def _find_missing_package() -> str:
    """Return which package is missing and how to install it; "" if none is."""
    try:
        check_scikit_learn()
    except MissingPackageError as error:
        return str(error)
    return ""


def _measure(trainer: Trainer, run: Run) -> _TestOfStep:
    tf_runtime.prepare()
    dataset = load_all_pictures(run)
    num = sum(choose_sizes(len(dataset)))
    z = sample_latent(_SEED, num, run.config.latent_dim)
    classes = draw_classes(run.config, dataset, num)
    # All pictures are drawn with the same weights, although the run continues to train.
    generator = GeneratorSource(run, None, trainer).freeze()
    pictures = generator.generate(z, classes)
    test = tf_runtime.run_long_work(run_two_sample_test, pictures, dataset)
    return _TestOfStep(generator.step, test)


def _render_result(result: _TestOfStep, noun: str) -> None:
    test = result.test
    rows = [
        {
            "It looks at": VIEWS[name].label,
            "Right": accuracy.value,
            "Real against real": test.control_accuracies[name].value,
        }
        for name, accuracy in test.accuracies.items()
    ]
    columns = {
        "It looks at": st.column_config.TextColumn(
            help="  \n".join(f"{view.label}: {view.help_text}" for view in VIEWS.values())
        ),
        "Right": st.column_config.ProgressColumn(
            format="percent",
            min_value=0.5,
            max_value=1.0,
            help="Share of its answers that are right; 50% is chance, 100% is always.",
        ),
        "Real against real": st.column_config.NumberColumn(
            format="percent",
            help="The share for two sets of real pictures, which nobody can tell apart.",
        ),
    }
    st.dataframe(rows, hide_index=True, column_config=columns, key="telling-table")
    st.caption(
        f"{test.num_asked:,} {noun}s of step {result.step:,} and as many real ones, judged by a "
        f"program that learned from {test.num_learned:,} others of each. At 50% right it can "
        "only guess."
    )
