"""The charts of a run: losses, accuracy and the distance to real images, as Plotly figures.

The dashboard and a run's HTML report show the same figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

import plotly.graph_objects as go

from dcgan.charts.chart_parts import (
    DEFAULT_OPTIONS,
    LOW_HEIGHT,
    ChartOptions,
    add_levels,
    add_line,
    make_figure,
    set_axis,
)
from dcgan.charts.colors import (
    DISCRIMINATOR_COLOR,
    FAKE_COLOR,
    GENERATOR_COLOR,
    QUIET_COLOR,
    REAL_COLOR,
)
from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.main_metric import (
    get_distance,
    get_distance_label,
    get_real_distance,
    is_quick_count,
    select_comparable,
)
from dcgan.evaluation.metric_info import format_distance
from dcgan.reports import EvaluationReport, StepReport


def plot_losses(
    history: Sequence[StepReport],
    options: ChartOptions = DEFAULT_OPTIONS,
    config: TrainingConfig | None = None,
) -> go.Figure:
    """Plot both losses against the step, and the levels of their equilibrium.

    A loss that can be negative has no logarithmic scale.

    Args:
        history: The step reports, ascending; each has the mean over the steps since the last one.
        options: Smoothing and scale.
        config: The settings that decide the levels; None for the default settings.
    """
    config = config or TrainingConfig()
    if config.loss_kind.can_be_negative:
        options = replace(options, is_log=False)
    figure = make_figure("Loss")
    add_line(figure, history, "generator_loss", "Generator", GENERATOR_COLOR, options)
    add_line(figure, history, "discriminator_loss", "Discriminator", DISCRIMINATOR_COLOR, options)
    set_axis(figure, options, ".1f")
    figure.update_yaxes(hoverformat=".2f")
    levels = dict(
        zip(
            compute_equilibrium_losses(config),
            (GENERATOR_COLOR, DISCRIMINATOR_COLOR),
            strict=True,
        )
    )
    if len(levels) == 1:
        levels = dict.fromkeys(levels, QUIET_COLOR)
    add_levels(figure, levels)  # Not in the legend, where one name cannot have two colours.
    return figure


def plot_accuracy(
    history: Sequence[StepReport], options: ChartOptions = DEFAULT_OPTIONS
) -> go.Figure:
    """Plot the shares of all, real and fake images that the discriminator classifies correctly.

    The dashed level is that of all images: label smoothing moves the levels of the other two.
    """
    figure = make_figure("Correct")
    add_line(figure, history, "accuracy", "All", DISCRIMINATOR_COLOR, options)
    add_line(figure, history, "real_accuracy", "Real pictures", REAL_COLOR, options)
    add_line(figure, history, "fake_accuracy", "Fakes", FAKE_COLOR, options)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    add_levels(figure, {0.5: QUIET_COLOR}, "Guessing")
    return figure


def plot_quality(
    evaluations: Sequence[EvaluationReport],
    options: ChartOptions = DEFAULT_OPTIONS,
    label: str = "",
) -> go.Figure:
    """Plot the main metric of the evaluations, and its values for real images.

    Args:
        evaluations: Oldest first; only those that can be compared with the newest are shown.
        options: Scale of the axis.
        label: Name of the metric; "" for one that leaves open how many pictures were measured.
    """
    figure = make_figure("Distance", LOW_HEIGHT)
    shown = select_comparable(evaluations)
    steps = [report.step for report in shown]
    label = label or get_quality_title(shown)
    for values, name, color, dash in (
        (map(get_distance, shown), label, FAKE_COLOR, "solid"),
        (map(get_real_distance, shown), "Real pictures", REAL_COLOR, "dash"),
    ):
        y = [round(value, 2) for value in values]
        # Extended to step 0, so that the first evaluation already has a line to compare with.
        is_real = dash == "dash" and bool(y)
        figure.add_scatter(
            x=[0, *steps] if is_real else steps,
            y=[y[0], *y] if is_real else y,
            name=name,
            mode="lines+markers" if dash == "solid" else "lines",
            line={"color": color, "width": 1.8, "dash": dash},
            hovertemplate="%{y}",
        )
    if len(shown) == 1:  # A dot without a line says little. It is at the right end of the axis.
        figure.update_traces(
            mode="markers+text",
            text=["only one measurement"],
            textposition="bottom left",
            selector={"mode": "lines+markers"},
        )
    set_axis(figure, options, "")
    # "hide past domain" removes the 0 at the origin, where the vertical axis has its own. `nticks`:
    # with the default there would be only one label after the first epoch.
    figure.update_xaxes(rangemode="tozero", ticklabeloverflow="hide past domain", nticks=5)
    return figure


def describe_losses(history: Sequence[StepReport]) -> str:
    """Describe the chart of the losses in one line, for its alternative text."""
    if not history:
        return "Losses of both networks, step 0: nothing measured yet"
    last = history[-1]
    return (
        f"Losses up to step {last.step}: generator {last.generator_loss:.2f}, "
        f"discriminator {last.discriminator_loss:.2f}"
    )


def describe_accuracy(history: Sequence[StepReport]) -> str:
    """Describe the chart of the accuracy in one line, for its alternative text."""
    if not history:
        return "Accuracy of the discriminator, step 0: nothing measured yet"
    last = history[-1]
    return (
        f"Accuracy of the discriminator up to step {last.step}: "
        f"{last.accuracy:.0%} on all pictures, {last.real_accuracy:.0%} on real ones, "
        f"{last.fake_accuracy:.0%} on fake ones"
    )


def get_quality_title(evaluations: Sequence[EvaluationReport], dataset_size: int = 0) -> str:
    """Return the name of the newest evaluation's main metric.

    Args:
        evaluations: Oldest first.
        dataset_size: Number of images of the data set; 0 if that is not known.
    """
    if not evaluations:
        return get_distance_label()
    newest = evaluations[-1]
    return get_distance_label(
        has_digits=bool(newest.digit_shares),
        is_quick=is_quick_count(newest.num_images, dataset_size),
    )


def describe_quality(evaluations: Sequence[EvaluationReport], label: str = "") -> str:
    """Describe the chart of the main metric in one line, for its alternative text."""
    label = label or get_quality_title(evaluations)
    if not evaluations:
        return f"{label}, step 0: nothing measured yet"
    last = evaluations[-1]
    fake_distance = format_distance(get_distance(last))
    real_distance = format_distance(get_real_distance(last))
    return f"{label} up to step {last.step}: {fake_distance}; real pictures {real_distance}"


def compute_equilibrium_losses(config: TrainingConfig) -> tuple[float, float]:
    """Compute the losses at the equilibrium, where fakes cannot be told from real images.

    The best discriminator then gives all images the same answer. With the loss bce and one-sided
    smoothing s, it is D = (1 - s) / 2. With the other losses it is a logit of 0, so D = 1/2.

    Args:
        config: Its `loss` and `label_smoothing` are used.

    Returns:
        The generator's and the discriminator's loss: for bce without smoothing ln 2 and 2 ln 2.

    Source:
        Goodfellow et al., "Generative Adversarial Networks", 2014, arXiv:1406.2661, for the
        equilibrium; Salimans et al., "Improved Techniques for Training GANs", 2016,
        arXiv:1606.03498, section 3.4, for the best discriminator under smoothing.
    """
    match config.loss:
        case "hinge":
            return 0.0, 2.0
        case "wgan_gp":
            return 0.0, 0.0
        case "relativistic":
            return math.log(2), math.log(2)
        case "bce":
            target = 1 - config.label_smoothing
            answer = target / 2
            real_loss = -target * math.log(answer) - (1 - target) * math.log(1 - answer)
            return -math.log(answer), real_loss - math.log(1 - answer)
        case _:
            assert_never(config.loss)
