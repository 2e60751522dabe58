"""Plotly figures of a run's measurements beyond losses and accuracy. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dcgan.charts import chart_parts
from dcgan.charts.chart_parts import ChartOptions
from dcgan.charts.colors import (
    DIGIT_COLORS,
    DISCRIMINATOR_COLOR,
    FAKE_COLOR,
    GENERATOR_COLOR,
    NEUTRAL_COLORS,
    QUIET_COLOR,
    REAL_COLOR,
)
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EvaluationReport, StepReport

MAX_HALF_PAGE_POINTS = 400  # Points of a line in a chart half a page wide.

# One colour for how real the samples are, one for how varied they are. The dashed metrics measure
# the same, but outliers change them less.
_METRIC_STYLES = {
    "precision": (NEUTRAL_COLORS[0], "solid"),
    "recall": (NEUTRAL_COLORS[1], "solid"),
    "density": (NEUTRAL_COLORS[0], "dash"),
    "coverage": (NEUTRAL_COLORS[1], "dash"),
}


def plot_probabilities(
    history: Sequence[StepReport], options: ChartOptions, label_smoothing: float
) -> go.Figure:
    """Plot mean D(x) and D(G(z)) against the step, and the value of both if no network wins."""
    figure = chart_parts.make_figure("Called real")
    chart_parts.add_line(
        figure,
        history,
        "real_probability",
        "Real pictures",
        REAL_COLOR,
        options,
        max_points=MAX_HALF_PAGE_POINTS,
    )
    chart_parts.add_line(
        figure,
        history,
        "fake_probability",
        "Fakes",
        FAKE_COLOR,
        options,
        max_points=MAX_HALF_PAGE_POINTS,
    )
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    # A discriminator that cannot tell images apart answers half of the target for real images.
    chart_parts.add_levels(figure, {(1 - label_smoothing) / 2: QUIET_COLOR})
    return figure


def plot_variety(history: Sequence[StepReport], options: ChartOptions) -> go.Figure:
    """Plot the mean difference between two real images and between two fakes against the step."""
    figure = chart_parts.make_figure("Difference")
    for field, name, color in (
        ("real_spread", "Two real pictures", REAL_COLOR),
        ("fake_spread", "Two fakes", FAKE_COLOR),
    ):
        chart_parts.add_line(
            figure, history, field, name, color, options, max_points=MAX_HALF_PAGE_POINTS
        )
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    return figure


def plot_answers(report: StepReport) -> go.Figure:
    """Plot the histograms of D(x) and D(G(z)) over the newest steps."""
    num_bins = len(report.real_histogram)
    middles = ((np.arange(num_bins) + 0.5) / num_bins).round(4).tolist()
    figure = chart_parts.make_figure("Share of pictures")
    for shares, name, color in (
        (report.real_histogram, "Real pictures", REAL_COLOR),
        (report.fake_histogram, "Fakes", FAKE_COLOR),
    ):
        figure.add_bar(
            x=middles,
            y=[round(share, 4) for share in shares],
            name=name,
            marker={"color": color, "opacity": 0.65},
            hovertemplate="%{y:.1%}",
        )
    figure.update_layout(barmode="overlay", bargap=0.04)
    figure.update_xaxes(title_text="Answer (0% fake, 100% real)", tickformat=".0%", range=[0, 1])
    figure.update_xaxes(unifiedhovertitle_text="Answer %{x:.0%}")
    figure.update_xaxes(ticklabeloverflow="allow")
    figure.update_layout(margin_r=24)  # Half of "100%" is right of the last bar.
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    return figure


def plot_both_networks(
    history: Sequence[StepReport], field: str, y_title: str, options: ChartOptions, tick_format: str
) -> go.Figure:
    """Plot one measurement of both networks against the step.

    Args:
        history: Reports, oldest first.
        field: Name of a field of the reports, without "generator_" or "discriminator_".
        y_title: Title of the vertical axis.
        options: Smoothing and scale.
        tick_format: Format of the vertical axis, as in D3.
    """
    figure = chart_parts.make_figure(y_title)
    for network, color in (("generator", GENERATOR_COLOR), ("discriminator", DISCRIMINATOR_COLOR)):
        chart_parts.add_line(
            figure,
            history,
            f"{network}_{field}",
            network.capitalize(),
            color,
            options,
            max_points=MAX_HALF_PAGE_POINTS,
        )
    chart_parts.set_axis(figure, options, tick_format)
    return figure


def plot_metrics(evaluations: Sequence[EvaluationReport]) -> go.Figure:
    """Plot precision, recall, density and coverage of each evaluation."""
    figure = chart_parts.make_figure("Share")
    for name, (color, dash) in _METRIC_STYLES.items():
        measured = [report for report in evaluations if name in report.metrics]
        figure.add_scatter(
            x=[report.step for report in measured],
            y=[round(report.metrics[name], 4) for report in measured],
            name=METRIC_INFO[name].label,
            mode="lines+markers",
            line={"color": color, "width": 1.8, "dash": dash},
            showlegend=bool(measured),
            # After the first measurement there are only points, which dashes cannot tell apart.
            marker={"symbol": "circle" if dash == "solid" else "circle-open"},
            hovertemplate="%{y:.1%}",
        )
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    return figure


def plot_digits(report: EvaluationReport) -> go.Figure:
    """Plot the share of each digit in an evaluation."""
    figure = chart_parts.make_figure("Share of digits")
    figure.add_bar(
        x=list(map(str, range(len(report.digit_shares)))),
        y=[round(share, 4) for share in report.digit_shares],
        marker={"color": list(DIGIT_COLORS)},
        hovertemplate="%{y:.1%}<extra></extra>",
        showlegend=False,
    )
    figure.update_xaxes(title_text="Digit, as a classifier sees it", type="category")
    figure.update_xaxes(unifiedhovertitle_text="Digit %{x}")
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    equal_share = 1 / len(report.digit_shares)
    chart_parts.add_levels(
        figure, {equal_share: QUIET_COLOR}, f"All equally often: {equal_share:.0%}"
    )
    return figure


def plot_speed(history: Sequence[StepReport], options: ChartOptions) -> go.Figure:
    """Plot the real images per second against the step."""
    figure = chart_parts.make_figure("Images/s")
    chart_parts.add_line(
        figure,
        history,
        "images_per_second",
        "Speed",
        NEUTRAL_COLORS[0],
        options,
        max_points=MAX_HALF_PAGE_POINTS,
    )
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    return figure


def plot_augmentation(history: Sequence[StepReport], options: ChartOptions) -> go.Figure:
    """Plot the probability of each augmentation against the step."""
    figure = chart_parts.make_figure("Probability")
    chart_parts.add_line(
        figure,
        history,
        "augment_probability",
        "Augmentation",
        NEUTRAL_COLORS[0],
        options,
        max_points=MAX_HALF_PAGE_POINTS,
    )
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    return figure
