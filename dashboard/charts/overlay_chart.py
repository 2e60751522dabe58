"""A chart of several runs: one curve of each, against a chosen axis. Imports no Streamlit."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.compared_runs import ComparedRun, Record, label_curve
from dashboard.charts.overlay_axis import (
    AXIS_TITLES,
    HOVER_TITLES,
    Axis,
    choose_time_unit,
    compute_positions,
    find_right_edge,
)
from dashboard.charts.overlay_marks import (
    CutLine,
    add_real_lines,
    add_results,
    describe_end,
    mark_edge,
)
from dcgan.charts import chart_parts
from dcgan.charts.chart_parts import ChartOptions
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EvaluationReport, StepReport

_SHARE_CURVES = frozenset(
    ["real_accuracy", "fake_accuracy"]
    + [name for name, info in METRIC_INFO.items() if info.unit == "share"]
)

# Eight hues that colour-blind readers can distinguish: the palette of Okabe and Ito with a grey for
# black, a lighter blue for dark pages, and a violet for the yellow, which is too light for white
# pages and, darker, too much like the orange. Further runs repeat them with other dashes.
_COLORS = (
    "#1f88d9", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#692dff", "#8a8a99",
)  # fmt: skip
NUM_COLORS = len(_COLORS)
_DASHES = ("solid", "dot", "dash", "longdash")

_HEIGHT = 380
_LEGEND_WIDTH = 38  # In characters; two longer names side by side would not fit on a phone.
# Space to the left of the first point, as a share of the width.
_SPACE_BEFORE = 0.05
# Largest left edge, as a share of the right one: a chart of a single point needs some width too.
_MAX_LEFT_EDGE = 0.75
_MAX_DOTS = 5  # A curve with so few points is a line with dots, as one point makes no line.
_MAX_WIDENED = 3  # Largest number of equal lines that are widened below another one.
# For the part of a line that was measured before a run's last change.
_INHERITED_OPACITY, _INHERITED_HINT = 0.5, "before its last change"
# With a larger ratio of the largest to the smallest value, a linear axis would flatten most lines.
_MAX_LINEAR_RATIO = 30
_MAX_RATIO_OF_FINE_TICKS = 1000  # Up to this ratio there is room for ticks at 1, 2, 5, 10, 20, 50.


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
        curve: One of `compared_runs.CURVES`.
        axis: Horizontal axis.
        options: Smoothing and scale. Values far apart get a logarithmic axis in any case.
        is_whole: Whether to show the included run also beyond the end of a person's longest run.
    """
    figure = chart_parts.make_figure(label_curve(curve, compared), _HEIGHT)
    edge = math.inf if is_whole else find_right_edge(compared, axis, curve)
    cut_lines: list[CutLine] = []
    for group, compared_run in enumerate(compared):
        x, y = _compute_points(compared_run, curve, axis, options.smoothing)
        # The first point beyond the edge is kept, so that the line leaves the chart.
        num_shown = min(len(x), int(np.searchsorted(x, edge, "right")) + 1)
        parts = _divide_at_last_change(compared_run.record, curve, num_shown)
        for part, is_own in parts:
            line = _make_line(compared_run, curve, x[part], y[part], is_own=is_own)
            line.legendgroup = str(group)  # Not the title, which another run may have too.
            line.showlegend = is_own or len(parts) == 1
            if is_own:
                _widen_equal_lines(figure, line)
            figure.add_trace(line)
        if len(x) and x[0] <= edge < x[-1]:
            cut_lines.append(
                CutLine(figure.data[-1], x, y, describe_end(compared_run, curve, axis))
            )
    values = [value for line in figure.data for value in line.y or () if value is not None]
    colors = [choose_color(compared_run.color_index) for compared_run in compared]
    values += add_results(figure, compared, curve, axis, colors, edge)
    values += add_real_lines(figure, compared, curve)
    _set_vertical_axis(figure, curve, options, values)
    figure.update_layout(margin_r=20)
    mark_edge(figure, cut_lines, edge, values)
    figure.update_xaxes(rangemode="tozero")
    if math.isfinite(edge):
        figure.update_xaxes(range=[_find_left_edge(figure, curve, edge), edge])
    title = _name_time_axis(figure, edge) if axis == "seconds" else AXIS_TITLES[axis]
    if axis != "seconds":
        figure.update_xaxes(unifiedhovertitle_text=HOVER_TITLES[axis])
    figure.update_xaxes(title_text=title)
    # Keep the zoom only for the same curve, axis, unit and range.
    figure.update_layout(uirevision=f"{curve} {title} {is_whole}", showlegend=True)
    return figure


def _name_time_axis(figure: go.Figure, edge: float) -> str:
    """Convert a chart against seconds to the unit of its length; return the axis's title.

    Args:
        figure: The chart.
        edge: Its right edge in seconds; infinity if it shows all points.
    """
    ends = [max(trace.x) for trace in figure.data if trace.x and trace.x[-1] is not None]
    unit = choose_time_unit(edge if math.isfinite(edge) else max(ends, default=0.0))
    for trace in figure.data:
        if trace.x is not None:
            trace.x = [x if x is None else float(f"{x / unit.seconds:.6g}") for x in trace.x]
    if figure.layout.xaxis.range is not None:
        figure.update_xaxes(range=[x / unit.seconds for x in figure.layout.xaxis.range])
    figure.update_xaxes(unifiedhovertitle_text=unit.hover_title)
    return unit.title


def _find_left_edge(figure: go.Figure, curve: str, edge: float) -> float:
    """Return the left edge of the chart.

    A chart of an evaluation's metric begins a little before the first point. Other charts begin at
    0, because their curves have a value in every step.
    """
    starts = [min(line.x) for line in figure.data if line.mode == "lines+markers" and line.x]
    if curve not in METRIC_INFO or not starts:
        return 0.0
    first = min(starts)
    return max(0.0, min(first - _SPACE_BEFORE * (edge - first), _MAX_LEFT_EDGE * edge))


def _compute_points(
    compared_run: ComparedRun, curve: str, axis: Axis, smoothing: int
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the positions of a run's reports on the axis, and their values of a curve."""
    record = compared_run.record
    reports = record.evaluations if curve in METRIC_INFO else record.history
    y = np.array([_get_value(report, curve) for report in reports])
    return compute_positions(compared_run, reports, axis), chart_parts.smooth(y, smoothing)


def _divide_at_last_change(record: Record, curve: str, num_shown: int) -> list[tuple[slice, bool]]:
    """Divide the first reports of a curve at the run's last change.

    Args:
        record: The run's reports.
        curve: The curve; steps are not divided.
        num_shown: Number of reports to divide, from the first one.

    Returns:
        For each part that has reports: their slice, and whether they follow the change. The first
        report after the change is in both parts, so that the two lines meet there.
    """
    num_own = len(record.evaluations_since_change)
    start = len(record.evaluations) - num_own if curve in METRIC_INFO else 0
    if not start:
        return [(slice(num_shown), True)]
    before = (slice(min(start + 1, num_shown)), False)
    return [before, (slice(start, num_shown), True)] if start < num_shown else [before]


def _make_line(
    compared_run: ComparedRun, curve: str, x: np.ndarray, y: np.ndarray, *, is_own: bool
) -> go.Scatter:
    """Make the line for a part of a run; a thin one for a part before the run's last change."""
    indices = chart_parts.thin(y)
    return go.Scatter(
        x=[float(f"{value:.6g}") for value in x[indices]],
        y=[float(f"{value:.4g}") if np.isfinite(value) else None for value in y[indices]],
        name=_wrap_title(compared_run.title),
        opacity=1 if is_own else _INHERITED_OPACITY,
        mode="lines+markers" if curve in METRIC_INFO or len(indices) <= _MAX_DOTS else "lines",
        line={
            "color": choose_color(compared_run.color_index),
            "dash": choose_dash(compared_run.color_index),
            "width": 2 if is_own else 1,
        },
        marker={"size": 6 if is_own else 3},
        hovertemplate="%{y}" if is_own else f"%{{y}} ({_INHERITED_HINT})",
    )


def _widen_equal_lines(figure: go.Figure, line: go.Scatter) -> None:
    """Widen the lines with the same points as a line above them, so that their edges show."""
    equal = [below for below in figure.data if line.x and (below.x, below.y) == (line.x, line.y)]
    for depth, below in enumerate(reversed(equal[-_MAX_WIDENED:]), start=1):
        below.line.width, below.marker.size = 2 + 3 * depth, 6 + 5 * depth


def _set_vertical_axis(
    figure: go.Figure, curve: str, options: ChartOptions, values: Sequence[float]
) -> None:
    """Start the axis at 0, or make it logarithmic if chosen or if the values are far apart."""
    tick_format = ".0%" if curve in _SHARE_CURVES else ","
    # Shares keep their range from 0 to 1.
    if curve not in _SHARE_CURVES and are_far_apart(values):
        options = replace(options, is_log=True)
    chart_parts.set_axis(figure, options, tick_format)
    if options.is_log:
        figure.update_yaxes(tickformat=tick_format, dtick=choose_log_ticks(values))


def are_far_apart(values: Sequence[float]) -> bool:
    """Return whether values need a logarithmic axis, on which each of them has a place."""
    # Values of 0 would be missing on it.
    return _compute_ratio(values) > _MAX_LINEAR_RATIO and min(values) > 0


def choose_log_ticks(values: Sequence[float]) -> str | int:
    """Return the distance of ticks on a logarithmic axis of values, as Plotly names it."""
    return "D2" if _compute_ratio(values) <= _MAX_RATIO_OF_FINE_TICKS else 1


def _compute_ratio(values: Sequence[float]) -> float:
    """Return the ratio of the largest to the smallest positive value; 1 without any."""
    positive = [value for value in values if value > 0]
    return max(positive) / min(positive) if positive else 1.0


def choose_color(index: int) -> str:
    """Return the colour of a run's line from its index."""
    return _COLORS[index % len(_COLORS)]


def choose_dash(index: int) -> str:
    """Return the dashes of a run's line, as Plotly names them, from the index of its colour."""
    return _DASHES[index // len(_COLORS) % len(_DASHES)]


def choose_race_color(variant_index: int, seed_index: int) -> int:
    """Return the index of the colour of a race's run: its variant's, with dashes for its seed."""
    return variant_index + NUM_COLORS * seed_index


def _wrap_title(title: str) -> str:
    """Return a run's title as lines of HTML for the legend; a branch's origin has its own line."""
    parts = title.replace(" (", "\n(").split("\n") if len(title) > _LEGEND_WIDTH else [title]
    lines = [line for part in parts for line in textwrap.wrap(part, _LEGEND_WIDTH)]
    return "<br>".join(map(html.escape, lines))


def _get_value(report: StepReport | EvaluationReport, curve: str) -> float:
    if isinstance(report, EvaluationReport):
        return report.metrics.get(curve, np.nan)
    return float(getattr(report, curve))
