"""What the two networks do to each other, chart by chart: beyond losses and accuracy.

History in, Plotly figures out; imports no Streamlit. Each chart says what it shows and how to read
it, in the words of `CHARTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go

from dashboard.state.snapshot import Snapshot
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.export import chart_parts
from dcgan.export.chart_parts import DISCRIMINATOR_COLOR, GENERATOR_COLOR, ChartOptions
from dcgan.reports import EvaluationReport, StepReport

HEIGHT = 220
_MAX_POINTS = 400  # Of a line: there are many charts, and each is half a page wide.
_LOOK_BACK = 500  # Reports; not each has histograms.
_GREYS = ("#7a5cc7", "#2a9d8f", "#c2567a", "#8a8a99")  # Of figures that are of no one network.


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        key: Of its own among all.
        title: Above it.
        help: What it shows and how to read it.
        draw: From what the trainer knows to the figure; None while there is nothing to show.
        describe: The same in one line, for those who do not see it.
        is_of_steps: Whether all of its lines are of step reports, which come every few seconds.
    """

    key: str
    title: str
    help: str
    draw: Callable[[Snapshot, ChartOptions], go.Figure | None]
    describe: Callable[[Snapshot], str]
    is_of_steps: bool = False


@lru_cache(maxsize=24)
def render(chart: Chart, snapshot: Snapshot, options: ChartOptions) -> str | None:
    """Draw a chart of a snapshot once for all tabs, as JSON; None while there is nothing."""
    if chart.is_of_steps:
        return chart_parts.fill_lines(
            _without_lines(chart, options), snapshot.history, options, _MAX_POINTS
        )
    figure = chart.draw(snapshot, options)
    if figure is None:
        return None
    figure.update_layout(height=HEIGHT)
    return figure.to_json()


@lru_cache(maxsize=24)
def _without_lines(chart: Chart, options: ChartOptions) -> str:
    """Draw all of a chart of steps that does not change with each report."""
    figure = chart.draw(Snapshot(), options)
    if figure is None:
        raise ValueError(f"{chart.key} has no lines of step reports.")
    return figure.update_layout(height=HEIGHT).to_json()


def probability_figure(history: Sequence[StepReport], options: ChartOptions) -> go.Figure:
    """Draw mean D(x) and D(G(z)) against the step."""
    figure = chart_parts.make_figure("Called real")
    chart_parts.add_line(
        figure,
        history,
        "real_probability",
        "D(x), real",
        DISCRIMINATOR_COLOR,
        options,
        max_points=_MAX_POINTS,
    )
    chart_parts.add_line(
        figure,
        history,
        "fake_probability",
        "D(G(z)), fake",
        GENERATOR_COLOR,
        options,
        max_points=_MAX_POINTS,
    )
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    chart_parts.add_level(figure, 0.5, "", chart_parts.QUIET_COLOR)
    return figure


def answers_figure(report: StepReport) -> go.Figure:
    """Draw the histograms of D(x) and D(G(z)) over the newest steps."""
    num = len(report.real_histogram)
    middles = ((np.arange(num) + 0.5) / num).round(4).tolist()
    figure = chart_parts.make_figure("Share of images")
    for shares, name, color in (
        (report.real_histogram, "Real images", DISCRIMINATOR_COLOR),
        (report.fake_histogram, "Fake images", GENERATOR_COLOR),
    ):
        figure.add_bar(
            x=middles,
            y=[round(share, 4) for share in shares],
            name=name,
            marker={"color": color, "opacity": 0.65},
            hovertemplate="%{y:.1%}",
        )
    figure.update_layout(barmode="overlay", bargap=0.04)
    figure.update_xaxes(title_text="The discriminator's answer: 0 fake, 1 real", tickformat=".0%")
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    return figure


def _two_networks(
    history: Sequence[StepReport], field: str, y_title: str, options: ChartOptions, tick_format: str
) -> go.Figure:
    figure = chart_parts.make_figure(y_title)
    for network, color in (("generator", GENERATOR_COLOR), ("discriminator", DISCRIMINATOR_COLOR)):
        chart_parts.add_line(
            figure,
            history,
            f"{network}_{field}",
            network.capitalize(),
            color,
            options,
            max_points=_MAX_POINTS,
        )
    chart_parts.set_axis(figure, options, tick_format)
    return figure


def metrics_figure(evaluations: Sequence[EvaluationReport]) -> go.Figure:
    """Draw precision, recall, density and coverage of each evaluation."""
    figure = chart_parts.make_figure("Share")
    for name, color in zip(_SHARES, _GREYS, strict=True):
        found = [report for report in evaluations if name in report.metrics]
        figure.add_scatter(
            x=[report.step for report in found],
            y=[round(report.metrics[name], 4) for report in found],
            name=METRIC_INFO[name].label,
            mode="lines+markers",
            line={"color": color, "width": 1.8},
            hovertemplate="%{y:.1%}",
        )
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    return figure


_SHARES = ("precision", "recall", "density", "coverage")


def digits_figure(report: EvaluationReport) -> go.Figure:
    """Draw how often each digit came in an evaluation."""
    figure = chart_parts.make_figure("Share of digits")
    figure.add_bar(
        x=list(map(str, range(len(report.digit_shares)))),
        y=[round(share, 4) for share in report.digit_shares],
        marker={"color": list(chart_parts.DIGIT_COLORS)},
        hovertemplate="%{y:.1%}<extra></extra>",
        showlegend=False,
    )
    figure.update_xaxes(title_text="Digit, as a classifier sees it", type="category")
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    chart_parts.add_level(figure, 1 / len(report.digit_shares), "", chart_parts.QUIET_COLOR)
    return figure


def speed_figure(history: Sequence[StepReport], options: ChartOptions) -> go.Figure:
    """Draw real images seen a second against the step."""
    figure = chart_parts.make_figure("Images/s")
    chart_parts.add_line(
        figure, history, "images_per_second", "Speed", _GREYS[0], options, max_points=_MAX_POINTS
    )
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    return figure


def _answers(snapshot: Snapshot, options: ChartOptions) -> go.Figure | None:
    del options  # A histogram has no line to smooth.
    newest = next(
        (it for it in reversed(snapshot.history[-_LOOK_BACK:]) if it.real_histogram), None
    )
    return None if newest is None else answers_figure(newest)


def _digits(snapshot: Snapshot, options: ChartOptions) -> go.Figure | None:
    del options
    if not snapshot.evaluations or not snapshot.evaluations[-1].digit_shares:
        return None
    return digits_figure(snapshot.evaluations[-1])


def _share(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2%}"


def _say(words: str, value: Callable[[StepReport], str]) -> Callable[[Snapshot], str]:
    def describe(snapshot: Snapshot) -> str:
        last = snapshot.last
        return f"{words}, step {snapshot.step}: {'nothing yet' if last is None else value(last)}"

    return describe


def _say_of_evaluation(
    words: str, value: Callable[[EvaluationReport], str]
) -> Callable[[Snapshot], str]:
    def describe(snapshot: Snapshot) -> str:
        if not snapshot.evaluations:
            return f"{words}, step 0: nothing yet"
        last = snapshot.evaluations[-1]
        return f"{words}, step {last.step}: {value(last)}"

    return describe


CHARTS = (
    Chart(
        "probabilities",
        "The discriminator's answers",
        "D(x) is how real it calls real images on average, D(G(z)) how real it calls fakes. Both "
        "near 50%, the dashed line, is the balance that training seeks; D(G(z)) near 0 for long "
        "means that the discriminator is winning and the generator learns little from it.",
        lambda snapshot, options: probability_figure(snapshot.history, options),
        _say(
            "Mean answers of the discriminator",
            lambda last: (
                f"{last.real_probability:.0%} on real images, "
                f"{last.fake_probability:.0%} on fake ones"
            ),
        ),
        is_of_steps=True,
    ),
    Chart(
        "answers",
        "The same, image by image",
        "How its answers on the newest training batches are spread. Two hills far apart: it tells "
        "them easily. Two hills on top of each other: it hardly can.",
        _answers,
        _say(
            "Histogram of the discriminator's answers",
            lambda last: (
                f"{last.real_accuracy:.0%} of real and {last.fake_accuracy:.0%} of fake "
                "images on their own side of 50%"
            ),
        ),
    ),
    Chart(
        "gradients",
        "Gradient norms",
        "How strongly each network's loss pulls at its weights: the length of the gradient over "
        "all of them. Near 0 there is nothing to learn from; a steady rise comes before "
        "divergence.",
        lambda snapshot, options: _two_networks(
            snapshot.history, "gradient_norm", "Norm", options, ".2g"
        ),
        _say(
            "Gradient norms",
            lambda last: (
                f"generator {last.generator_gradient_norm:.2g}, "
                f"discriminator {last.discriminator_gradient_norm:.2g}"
            ),
        ),
        is_of_steps=True,
    ),
    Chart(
        "updates",
        "Update to weight",
        "How far one step moves a network's weights, as a share of their length. The rule of thumb "
        "for large networks is 0.1%; small ones with the learning rates here do well at a few "
        "percent. Far more and a network forgets what it knew, far less and it stands still. The "
        "learning rate moves it directly.",
        lambda snapshot, options: _two_networks(
            snapshot.history, "update_ratio", "|Δw| / |w|", options, ".1%"
        ),
        _say(
            "Updates against weights",
            lambda last: (
                f"generator {_share(last.generator_update_ratio)}, "
                f"discriminator {_share(last.discriminator_update_ratio)}"
            ),
        ),
        is_of_steps=True,
    ),
    Chart(
        "figures",
        "How real, how varied",
        f"{METRIC_INFO['precision'].label}: {METRIC_INFO['precision'].help_text} "
        f"{METRIC_INFO['recall'].label}: {METRIC_INFO['recall'].help_text}",
        lambda snapshot, options: (
            metrics_figure(snapshot.evaluations) if snapshot.evaluations else None
        ),
        _say_of_evaluation(
            "Precision and recall",
            lambda last: f"{last.metrics['precision']:.0%} and {last.metrics['recall']:.0%}",
        ),
    ),
    Chart(
        "digits",
        "How often each digit comes",
        "Of the digits drawn at the newest evaluation. In MNIST each comes about one time in ten, "
        "the dashed line; a digit that is missing is a mode that the generator has dropped.",
        _digits,
        _say_of_evaluation(
            "Shares of digits",
            lambda last: ", ".join(f"{share:.0%}" for share in last.digit_shares),
        ),
    ),
    Chart(
        "speed",
        "Speed",
        "Real images that the discriminator sees each second.",
        lambda snapshot, options: speed_figure(snapshot.history, options),
        _say("Speed", lambda last: f"{last.images_per_second:,.0f} images a second"),
        is_of_steps=True,
    ),
)
