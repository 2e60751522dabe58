"""Charts of several runs: one curve of each, and their settings as parallel lines.

Imports no Streamlit.
"""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from dashboard.compare.comparison_table import list_differing_settings
from dashboard.compare.records import (
    ComparedRun,
    Record,
    find_best_distance,
    have_digits,
    is_comparable,
    label_curve,
)
from dcgan.charts import chart_parts
from dcgan.charts.chart_parts import ChartOptions
from dcgan.charts.colors import NEUTRAL_COLORS, QUIET_COLOR
from dcgan.config.config_text import format_setting
from dcgan.config.setting_info import get_setting_label
from dcgan.config.training_config import TrainingConfig
from dcgan.durations import describe_seconds
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EvaluationReport, StepReport
from dcgan.runs.run_folder import Run

Axis = Literal["steps", "seconds", "images"]
AXES: dict[Axis, str] = {"steps": "Steps", "seconds": "Training time", "images": "Images seen"}

_SHARES = {
    "real_accuracy",
    "fake_accuracy",
    *(name for name, info in METRIC_INFO.items() if info.unit == "share"),
}

# Eight hues that colour-blind readers can distinguish: Okabe and Ito's without black, and a grey;
# the blue is lighter, for dark pages. Further runs repeat them with other dashes.
_COLORS = (
    "#1f88d9", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b2a100", "#8a8a99",
)  # fmt: skip
_DASHES = ("solid", "dot", "dash", "longdash")

_HEIGHT = 380
_LEGEND_WIDTH = 38  # Characters of a line: two would not fit beside each other on a phone.
_MAX_WIDENED = 3
# For the part of a line that was measured before a run's last change.
_INHERITED_OPACITY, _INHERITED_HINT = 0.5, "before its last change"
_MARGIN = 1.05  # The range of the chart beyond the end of a person's runs.
# Larger values than this many times the smallest would flatten all other lines.
_MAX_LINEAR_RATIO = 30
_MAX_RATIO_OF_FINE_TICKS = 1000  # Up to it there is room for 1, 2, 5, 10, 20, 50 and so on.


def plot_overlay(
    compared: Sequence[ComparedRun],
    curve: str,
    axis: Axis,
    options: ChartOptions,
    *,
    is_whole: bool = True,
) -> go.Figure:
    """Plot one curve of several runs.

    Args:
        compared: The runs; their titles are in the legend.
        curve: One of CURVES.
        axis: Horizontal axis.
        options: Smoothing and scale. Values far apart get a logarithmic axis in any case.
        is_whole: Whether to show the included run beyond the end of a person's own runs.
    """
    figure = chart_parts.make_figure(label_curve(curve, compared), _HEIGHT)
    edge = math.inf if is_whole else _find_own_end(compared, axis) * _MARGIN
    shown: list[float] = []
    cut: list[go.Scatter] = []  # Lines that leave the chart.
    for index, each in enumerate(compared):
        record = each.record
        reports = record.evaluations if curve in METRIC_INFO else record.history
        x = _compute_x(each.run.config, record, reports, axis)
        y = chart_parts.smooth(
            np.array([_get_value(report, curve) for report in reports]), options.smoothing
        )
        # The first point beyond the edge is kept, so that the line leaves the chart.
        y = y[: np.searchsorted(x, edge, "right") + 1]
        for part, is_own in _divide(record, curve):
            kept = chart_parts.thin(y[part])
            part_x, part_y = x[part][kept], y[part][kept]
            shown += part_y[np.isfinite(part_y)].tolist()
            points: dict[str, list[float | None]] = {
                "x": [float(f"{value:.6g}") for value in part_x],
                "y": [float(f"{value:.4g}") if np.isfinite(value) else None for value in part_y],
            }
            equal = [line for line in figure.data if is_own and _has_points(line, points)]
            figure.add_scatter(
                **points,
                name=_wrap(each.title),
                legendgroup=_wrap(each.title),
                showlegend=is_own or not record.own_evaluations,
                opacity=1 if is_own else _INHERITED_OPACITY,
                mode="lines+markers" if curve in METRIC_INFO else "lines",
                line={
                    "color": choose_color(index),
                    "dash": _DASHES[index // len(_COLORS) % len(_DASHES)],
                    "width": 2 if is_own else 1,
                },
                marker={"size": 6 if is_own else 3},
                hovertemplate="%{y}" if is_own else f"%{{y}} ({_INHERITED_HINT})",
            )
            # Lines below an equal one are wider, so that they show as its edges.
            for depth, line in enumerate(reversed(equal[-_MAX_WIDENED:]), start=1):
                line.line.width, line.marker.size = 2 + 3 * depth, 6 + 5 * depth
        if len(x) and x[-1] > edge:
            cut.append(figure.data[-1])
    shown += _add_real_line(figure, compared, curve)
    _set_vertical_axis(figure, curve, options, shown)
    for line in cut:
        _mark_edge(figure, line, edge)
    titles = {"steps": "Step", "seconds": "Training time in seconds", "images": "Real images seen"}
    figure.update_xaxes(title_text=titles[axis], rangemode="tozero")
    if math.isfinite(edge):
        figure.update_xaxes(range=[0, edge])
    # Keep the zoom only for the same curve, axis and range.
    figure.update_layout(uirevision=f"{curve} {axis} {is_whole}", margin={"r": 20}, showlegend=True)
    return figure


def _divide(record: Record, curve: str) -> list[tuple[slice, bool]]:
    """Divide the reports of a curve into those before a run's last change and its own, after it.

    Returns:
        For each part that has reports: their slice, and whether they are the run's own. The first
        own report is in both parts, so that the two lines meet there.
    """
    own = len(record.own_evaluations)
    start = len(record.evaluations) - own if curve in METRIC_INFO else 0
    if not start:
        return [(slice(None), True)]
    before = (slice(start + 1), False)
    return [before, (slice(start, None), True)] if own else [before]


def _set_vertical_axis(
    figure: go.Figure, curve: str, options: ChartOptions, shown: Sequence[float]
) -> None:
    """Start the axis at 0, or make it logarithmic if chosen or if the values are far apart."""
    tick_format = ".0%" if curve in _SHARES else ","
    positive = [value for value in shown if value > 0]
    ratio = max(positive) / min(positive) if positive else 1.0
    # A share is between 0 and 1, and losses of 0 would be missing on a logarithmic axis.
    if curve not in _SHARES and len(positive) == len(shown) and ratio > _MAX_LINEAR_RATIO:
        options = replace(options, is_log=True)
    chart_parts.set_axis(figure, options, tick_format)
    if options.is_log:
        has_fine_ticks = ratio <= _MAX_RATIO_OF_FINE_TICKS
        figure.update_yaxes(tickformat=tick_format, dtick="D2" if has_fine_ticks else 1)


def is_log(figure: go.Figure) -> bool:
    """Return whether the vertical axis of an overlay is logarithmic."""
    return bool(figure.layout.yaxis.type == "log")


def choose_color(index: int) -> str:
    """Return the colour of a run's line from the run's index among the chosen ones."""
    return _COLORS[index % len(_COLORS)]


def has_longer_included_run(compared: Sequence[ComparedRun]) -> bool:
    """Return whether an included run has clearly more steps than all of a person's own runs."""
    own = [each.record.step for each in compared if not each.run.is_read_only]
    included = [each.record.step for each in compared if each.run.is_read_only]
    return max(own, default=0) > 0 and max(included, default=0) > max(own) * _MARGIN


def describe_continuations(compared: Sequence[ComparedRun], axis: Axis) -> list[tuple[str, str]]:
    """Return the titles of the runs that leave the chart at its edge, and where they end."""
    edge = _find_own_end(compared, axis) * _MARGIN
    continuations = []
    for each in compared:
        reports = each.record.history or each.record.evaluations
        x = _compute_x(each.run.config, each.record, reports, axis)
        end = float(x[-1]) if len(x) else 0.0
        if end > edge:
            unit = {"steps": f"step {end:,.0f}", "images": f"{end:,.0f} images"}
            continuations.append((each.title, unit.get(axis, describe_seconds(end))))
    return continuations


def _wrap(name: str) -> str:
    """Return a name as lines of HTML for the legend; a branch's origin has a line of its own."""
    parts = name.replace(" (", "\n(").split("\n") if len(name) > _LEGEND_WIDTH else [name]
    lines = [line for part in parts for line in textwrap.wrap(part, _LEGEND_WIDTH)]
    return "<br>".join(map(html.escape, lines))


def _has_points(line: go.Scatter, points: Mapping[str, Sequence[float | None]]) -> bool:
    """Return whether a line has exactly these points, at least one."""
    return bool(line.x) and list(line.x) == points["x"] and list(line.y) == points["y"]


def _add_real_line(figure: go.Figure, compared: Sequence[ComparedRun], curve: str) -> list[float]:
    """Add the line of real images, if all runs have the same; return its values."""
    if curve not in METRIC_INFO or not is_comparable(compared, curve):
        return []
    newest = [each.record.own_evaluations[-1] for each in compared if each.record.has(curve)]
    if not newest:
        return []
    value = newest[0].real_metrics.get(curve)
    if value is None:
        return []
    end = max(x for line in figure.data for x in line.x)
    figure.add_scatter(
        x=[0, end],
        y=[float(f"{value:.4g}")] * 2,
        name=f"Real {'digits' if have_digits(compared) else 'images'}",
        mode="lines",
        line={"color": QUIET_COLOR, "width": 1.8, "dash": "dash"},
        hovertemplate="%{y}",
    )
    return [value]


def _mark_edge(figure: go.Figure, line: go.Scatter, edge: float) -> None:
    """Add an arrow where a line leaves the chart."""
    x, y = np.array([*zip(line.x, line.y, strict=True)], float).T
    # A logarithmic axis draws the logarithms of the values as a straight line.
    y_at_edge = np.exp(np.interp(edge, x, np.log(y))) if is_log(figure) else np.interp(edge, x, y)
    if not np.isfinite(y_at_edge):
        return
    figure.add_scatter(
        x=[edge],
        y=[float(f"{y_at_edge:.4g}")],
        mode="markers",
        marker={"symbol": "triangle-right", "size": 10, "color": line.line.color},
        legendgroup=line.legendgroup,  # A click on the legend hides both.
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )


def _find_own_end(compared: Sequence[ComparedRun], axis: Axis) -> float:
    """Return where the longest of a person's own runs ends on an axis; infinity without any."""
    ends = [
        float(_compute_x(each.run.config, each.record, each.record.history[-1:], axis)[0])
        for each in compared
        if not each.run.is_read_only and each.record.history
    ]
    return max(ends, default=math.inf)


def _compute_x(
    config: TrainingConfig,
    record: Record,
    reports: Sequence[StepReport | EvaluationReport],
    axis: Axis,
) -> np.ndarray:
    if axis == "seconds":
        return np.array([report.seconds for report in reports])
    steps = np.array([report.step for report in reports])
    return compute_images_seen(config, record.history, steps) if axis == "images" else steps


def compute_images_seen(
    config: TrainingConfig, history: Sequence[StepReport], steps: np.ndarray
) -> np.ndarray:
    """Compute the number of real images that a run had seen at some steps.

    Args:
        config: Its settings now, for reports that do not give the number of images per step.
        history: Its step reports, oldest first.
        steps: Ascending, shape (num,).

    Returns:
        Shape (num,), float64.
    """
    ends = [0, *(report.step for report in history), max([0, *steps])]
    rates = [report.images_per_step or config.images_per_step for report in history]
    lengths = np.diff(ends).clip(0)
    seen = np.cumsum([0.0, *(lengths * [*rates, config.images_per_step])])
    return np.interp(steps, np.maximum.accumulate(ends), seen)


def _get_value(report: StepReport | EvaluationReport, curve: str) -> float:
    if isinstance(report, EvaluationReport):
        return report.metrics.get(curve, np.nan)
    return float(getattr(report, curve))


def plot_parallel(compared: Sequence[ComparedRun]) -> go.Figure | None:
    """Plot each run as a line through its values of the settings that differ, to its distance.

    Returns:
        Parallel coordinates, coloured by the best Fréchet distance; None if fewer than two runs
        were evaluated or no setting differs.
    """
    evaluated = [each for each in compared if each.record.own_evaluations]
    runs = [each.run for each in evaluated]
    distances = [find_best_distance(each.record) for each in evaluated]
    names = list_differing_settings(runs)
    if len(runs) < 2 or not names:
        return None
    dimensions = [_make_dimension(name, runs) for name in names]
    dimensions.append({"label": label_curve("frechet_distance", compared), "values": distances})
    figure = go.Figure(
        go.Parcoords(
            dimensions=dimensions,
            line={
                "color": distances,
                "colorscale": list(NEUTRAL_COLORS),
                "showscale": False,
            },
        )
    )
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 80, "r": 60, "t": 60, "b": 30},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        uirevision="kept",
    )
    return figure


def _make_dimension(name: str, runs: Sequence[Run]) -> dict[str, object]:
    """Make the axis of a setting: numbers, or its different values in alphabetical order."""
    values = [getattr(run.config, name) for run in runs]
    label = get_setting_label(name)
    if all(type(value) in (int, float) for value in values):
        return {"label": label, "values": [float(value) for value in values]}
    texts = [format_setting(run.config, name) for run in runs]
    kinds = sorted(set(texts))
    return {
        "label": label,
        "values": [kinds.index(text) for text in texts],
        "tickvals": list(range(len(kinds))),
        "ticktext": [html.escape(kind) for kind in kinds],
    }
