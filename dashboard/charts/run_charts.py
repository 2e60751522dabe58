"""The charts of the Train page: what each shows, how to read it, and its figure as JSON.

Figures are built once for all tabs that show the same snapshot. Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import plotly.graph_objects as go

from dashboard.charts import measurement_figures
from dashboard.snapshots.snapshot import Snapshot
from dashboard.wording.glossary import explain
from dcgan.charts.chart_parts import (
    DEFAULT_OPTIONS,
    MAX_POINTS,
    ChartOptions,
    fill_lines,
    make_placeholder,
    mark_events,
)
from dcgan.charts.training_charts import plot_accuracy, plot_losses, plot_quality
from dcgan.config.named_datasets import has_digits
from dcgan.config.training_config import TrainingConfig
from dcgan.reports import EvaluationReport, EventReport, StepReport
from dcgan.wording import format_number

HEIGHT = 220  # Height of the charts of CHARTS.
# Newest reports that are searched for a histogram; only some of them have one.
_NUM_SEARCHED_REPORTS = 500


@lru_cache(maxsize=8)
def build_main_charts(
    snapshot: Snapshot, options: ChartOptions = DEFAULT_OPTIONS
) -> tuple[str, str]:
    """Build the charts of losses and accuracy, as JSON."""
    if not snapshot.history:
        return (
            make_placeholder("The losses appear with the first step.").to_json(),
            make_placeholder("The accuracy appears with the first step.").to_json(),
        )
    losses, accuracy = _build_empty_main_charts(options, snapshot.config, snapshot.events)
    return (
        fill_lines(losses, snapshot.history, options, MAX_POINTS),
        fill_lines(accuracy, snapshot.history, options, MAX_POINTS),
    )


@lru_cache(maxsize=16)
def _build_empty_main_charts(
    options: ChartOptions, config: TrainingConfig | None, events: tuple[EventReport, ...]
) -> tuple[str, str]:
    """Build the parts of both charts that do not change with each report."""
    losses, accuracy = plot_losses((), options, config), plot_accuracy((), options)
    for figure in (losses, accuracy):
        mark_events(figure, events)
    return losses.to_json(), accuracy.to_json()


@lru_cache(maxsize=4)
def build_quality_chart(
    evaluations: tuple[EvaluationReport, ...], label: str, options: ChartOptions = DEFAULT_OPTIONS
) -> str:
    """Build the chart of the distance to real images, as JSON."""
    return plot_quality(evaluations, options, label).to_json()


@dataclass(frozen=True)
class Chart:
    """A chart that is shown under Training in detail.

    Attributes:
        key: Unique identifier.
        title: Heading.
        help_text: Explanation of what it shows and how to read it.
        make_figure: Function from a snapshot to the figure; returns None without data.
        describe: Function from a snapshot to the alternative text.
        shows_steps_only: Whether all its lines show step reports, which arrive every few seconds.
        applies: Function from a snapshot to whether the chart is shown.
    """

    key: str
    title: str
    help_text: str
    make_figure: Callable[[Snapshot, ChartOptions], go.Figure | None]
    describe: Callable[[Snapshot], str]
    shows_steps_only: bool = False
    applies: Callable[[Snapshot], bool] = lambda _: True


@lru_cache(maxsize=24)
def build_chart(chart: Chart, snapshot: Snapshot, options: ChartOptions) -> str | None:
    """Build a chart, as JSON; None without data."""
    if chart.shows_steps_only:
        if not snapshot.history:  # Plotly would show an axis to 400%.
            return make_placeholder("The curves appear with the first step.", HEIGHT).to_json()
        empty = _build_empty_chart(chart, snapshot.config, options)
        return fill_lines(
            empty, snapshot.history, options, measurement_figures.MAX_HALF_PAGE_POINTS
        )
    figure = chart.make_figure(snapshot, options)
    return None if figure is None else figure.update_layout(height=HEIGHT).to_json()


@lru_cache(maxsize=24)
def _build_empty_chart(chart: Chart, config: TrainingConfig | None, options: ChartOptions) -> str:
    """Build the parts of a chart of steps that do not change with each report."""
    figure = chart.make_figure(Snapshot(config=config), options)
    if figure is None:
        raise ValueError(f"{chart.key} has no lines of step reports.")
    return figure.update_layout(height=HEIGHT).to_json()


def get_label_smoothing(snapshot: Snapshot) -> float:
    """Return how far the target of real images is below 1, in [0, 1); 0 without settings."""
    return 0.0 if snapshot.config is None else snapshot.config.target_smoothing


def _plot_newest_answers(snapshot: Snapshot, options: ChartOptions) -> go.Figure | None:
    del options  # A histogram has no line to smooth.
    newest = next(
        (
            report
            for report in reversed(snapshot.history[-_NUM_SEARCHED_REPORTS:])
            if report.real_histogram
        ),
        None,
    )
    return None if newest is None else measurement_figures.plot_answers(newest)


def _plot_newest_digits(snapshot: Snapshot, options: ChartOptions) -> go.Figure | None:
    del options
    if not snapshot.evaluations or not snapshot.evaluations[-1].digit_shares:
        return None
    return measurement_figures.plot_digits(snapshot.evaluations[-1])


def _has_digits(snapshot: Snapshot) -> bool:
    is_measured = any(report.digit_shares for report in snapshot.evaluations[-1:])
    return is_measured or (snapshot.config is not None and has_digits(snapshot.config.dataset))


def _has_augmentation(snapshot: Snapshot) -> bool:
    return snapshot.last is not None and snapshot.last.augment_probability is not None


def _format_share(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2%}"


def _describe_step(
    subject: str, format_values: Callable[[StepReport], str]
) -> Callable[[Snapshot], str]:
    """Return a function that makes the alternative text of a chart of step reports."""

    def describe(snapshot: Snapshot) -> str:
        last = snapshot.last
        values = "nothing yet" if last is None else format_values(last)
        return f"{subject}, step {snapshot.step}: {values}"

    return describe


def _describe_evaluation(
    subject: str, format_values: Callable[[EvaluationReport], str]
) -> Callable[[Snapshot], str]:
    """Return a function that makes the alternative text of a chart of evaluations."""

    def describe(snapshot: Snapshot) -> str:
        if not snapshot.evaluations:
            return f"{subject}, step 0: nothing yet"
        last = snapshot.evaluations[-1]
        return f"{subject}, step {last.step}: {format_values(last)}"

    return describe


CHARTS = (
    Chart(
        "probabilities",
        "The discriminator's answers",
        explain("answers"),
        lambda snapshot, options: measurement_figures.plot_probabilities(
            snapshot.history, options, get_label_smoothing(snapshot)
        ),
        _describe_step(
            "Mean answers of the discriminator",
            lambda last: (
                f"{last.real_probability:.0%} on real pictures, "
                f"{last.fake_probability:.0%} on fake ones"
            ),
        ),
        shows_steps_only=True,
    ),
    Chart(
        "answers",
        "The discriminator's answers, picture by picture",
        explain("answer_histogram"),
        _plot_newest_answers,
        _describe_step(
            "Histogram of the discriminator's answers",
            lambda last: (
                f"{last.real_accuracy:.0%} of real and {last.fake_accuracy:.0%} of fake pictures "
                "got the right answer"
            ),
        ),
    ),
    Chart(
        "variety",
        "Variety",
        explain("variety"),
        lambda snapshot, options: measurement_figures.plot_variety(snapshot.history, options),
        _describe_step(
            "Difference of two pictures of a batch",
            lambda last: (
                f"{_format_share(last.real_spread)} of real pictures, "
                f"{_format_share(last.fake_spread)} of fakes"
            ),
        ),
        shows_steps_only=True,
    ),
    Chart(
        "gradients",
        "Gradient norms",
        explain("gradient_norm"),
        lambda snapshot, options: measurement_figures.plot_both_networks(
            snapshot.history, "gradient_norm", "Norm", options, ",.3~r"
        ),
        _describe_step(
            "Gradient norms",
            lambda last: (
                f"generator {format_number(last.generator_gradient_norm)}, "
                f"discriminator {format_number(last.discriminator_gradient_norm)}"
            ),
        ),
        shows_steps_only=True,
    ),
    Chart(
        "updates",
        "Update to weight",
        explain("update_ratio"),
        lambda snapshot, options: measurement_figures.plot_both_networks(
            snapshot.history, "update_ratio", "|Δw| / |w|", options, ".1%"
        ),
        _describe_step(
            "Update to weight",
            lambda last: (
                f"generator {_format_share(last.generator_update_ratio)}, "
                f"discriminator {_format_share(last.discriminator_update_ratio)}"
            ),
        ),
        shows_steps_only=True,
    ),
    Chart(
        "shares",
        "How real, how varied",
        f"{explain('precision_recall')} Density and coverage (dashed) measure the same, "
        "but outliers change them less.",
        lambda snapshot, options: (
            measurement_figures.plot_metrics(snapshot.evaluations) if snapshot.evaluations else None
        ),
        _describe_evaluation(
            "Precision and recall",
            lambda last: f"{last.metrics['precision']:.0%} and {last.metrics['recall']:.0%}",
        ),
    ),
    Chart(
        "digits",
        "How often each digit appears",
        explain("digit_shares"),
        _plot_newest_digits,
        _describe_evaluation(
            "Shares of digits",
            lambda last: ", ".join(f"{share:.0%}" for share in last.digit_shares),
        ),
        applies=_has_digits,
    ),
    Chart(
        "augmentation",
        "Augmentation",
        explain("augmentation"),
        lambda snapshot, options: measurement_figures.plot_augmentation(snapshot.history, options),
        _describe_step(
            "Probability of each augmentation",
            lambda last: _format_share(last.augment_probability),
        ),
        shows_steps_only=True,
        applies=_has_augmentation,
    ),
    Chart(
        "speed",
        "Speed",
        explain("speed"),
        lambda snapshot, options: measurement_figures.plot_speed(snapshot.history, options),
        _describe_step("Speed", lambda last: f"{last.images_per_second:,.0f} pictures a second"),
        shows_steps_only=True,
    ),
)
