"""The discriminator's answers on a few real images and fakes of the shown run."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import streamlit as st

from dashboard.components.strip import StripItem, render_strip
from dashboard.generators.discriminator_answers import JudgedPictures, judge_pictures
from dashboard.state.trainer import Trainer
from dcgan.charts.colors import FAKE_COLOR, REAL_COLOR
from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis import evidence
from dcgan.errors import DCGANError
from dcgan.reports import StepReport
from dcgan.runs.run_folder import Run

_NUM_EACH = 5
_SCALE = 3
_MAX_NEWEST = 32  # Reports for the median; they cover about half a minute.


def render(
    trainer: Trainer, run: Run, config: TrainingConfig, history: Sequence[StepReport]
) -> None:
    """Render the pictures with the answers of the newest discriminator, and its accuracy on all.

    The real images and the z of the fakes are always the same, so that a person can see how the
    answers change.
    """
    with st.container(key="answers"):
        title = "**What the discriminator sees**, and how real each looks to it"
        st.markdown(title, help=explain_answers(config))
        try:
            judged = judge_pictures(trainer, run, _NUM_EACH, config.seed)
        except DCGANError:  # No checkpoint yet, or the pictures have moved.
            st.caption("There is nothing to show yet.")
            return
        render_strip(
            [
                ("Real pictures", _list_items(judged, is_real=True)),
                ("Fakes", _list_items(judged, is_real=False)),
            ],
            key="answers-strip",
            scale=_SCALE,
            per_row=_NUM_EACH,
        )
        if history:
            st.caption(f"{describe_doubt(config)} {describe_accuracy(history)}")


def describe_doubt(config: TrainingConfig) -> str:
    """Describe the number of a discriminator that cannot tell, which label smoothing lowers."""
    return f"{(1 - config.target_smoothing) / 2:.0%} means that it cannot tell."


def describe_accuracy(history: Sequence[StepReport]) -> str:
    """Describe how often the discriminator is right, since the pictures are a few examples.

    Args:
        history: At least one step report, oldest first; the median of the newest is used.
    """
    accuracy = statistics.median(report.accuracy for report in history[-_MAX_NEWEST:])
    return f"{_NUM_EACH} examples of each. {evidence.describe_accuracy(accuracy)}"


def _list_items(judged: JudgedPictures, *, is_real: bool) -> list[StripItem]:
    chosen = slice(0, _NUM_EACH) if is_real else slice(_NUM_EACH, None)
    name, color = ("Real", REAL_COLOR) if is_real else ("Fake", FAKE_COLOR)
    return [
        StripItem(
            pixels,
            alt=f"{name} picture, {answer:.0%} real, says the discriminator, step {judged.step}",
            caption=f"{answer:.0%}",
            hint=f"{answer:.0%} real, says the discriminator",
            share=float(answer),
            color=color,
        )
        for pixels, answer in zip(judged.pixels[chosen], judged.answers[chosen], strict=True)
    ]


def explain_answers(config: TrainingConfig) -> str:
    """Return the help of the answers: what the number below a picture means."""
    told = " It is told the class of each picture, and judges whether the picture fits it."
    return (
        "The number below a picture is how likely the discriminator thinks that it is real. It "
        "tries to give real pictures high numbers and fakes low ones; the generator tries to get "
        f"high numbers for its fakes. {describe_doubt(config)}"
    ) + (told if config.class_names else "")
