"""The marks in a chart of several runs: results of races, real images, and lines that go on.

Imports no Streamlit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.compared_runs import (
    ComparedRun,
    find_metric,
    get_common_noun,
    is_comparable,
)
from dashboard.charts.overlay_axis import Axis, compute_positions, describe_place, find_last_value
from dcgan.charts.colors import QUIET_COLOR
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.evaluation.metric_info import METRIC_INFO, format_metric
from dcgan.reports import EvaluationReport
from dcgan.wording import capitalize

_RESULT_MARK = {"symbol": "diamond", "size": 13}
_LINE_HEIGHT = 17  # Pixels of a line of text in a chart.
_TEXT_MARGIN = 96  # Pixels of the longest line of a text beside the plot.


class CutLine(NamedTuple):
    """A line that goes on beyond the edge of a chart.

    Attributes:
        line: The line, which may be only the part of its run since the last change.
        x, y: All points of the run, some of them on each side of the edge.
        text: Text at its end; "" for none.
    """

    line: go.Scatter
    x: np.ndarray
    y: np.ndarray
    text: str


def is_log(figure: go.Figure) -> bool:
    """Return whether the vertical axis of a chart is logarithmic."""
    return bool(figure.layout.yaxis.type == "log")


def add_results(
    figure: go.Figure,
    compared: Sequence[ComparedRun],
    curve: str,
    axis: Axis,
    colors: Sequence[str],
    edge: float,
) -> list[float]:
    """Add a diamond at the end of each run for its measurement with more images.

    Args:
        figure: The chart.
        compared: The runs; those without such a measurement have no diamond.
        curve: A metric, or a field of steps, which has no such measurements.
        axis: Horizontal axis.
        colors: The colour of each run.
        edge: The right edge of the chart. Diamonds beyond it are left out.

    Returns:
        The measured values.
    """
    values, num_images = [], 0
    for group, (compared_run, color) in enumerate(zip(compared, colors, strict=True)):
        measurement = compared_run.measurement
        if measurement is None or curve not in measurement.metrics:
            continue
        (position,) = compute_positions(compared_run, compared_run.record.history[-1:], axis)
        if position > edge:
            continue
        value = float(f"{measurement.metrics[curve]:.4g}")
        figure.add_scatter(
            x=[float(f"{position:.6g}")],
            y=[value],
            mode="markers",
            marker={**_RESULT_MARK, "color": color, "line": {"color": QUIET_COLOR, "width": 1}},
            legendgroup=str(group),  # A click on the legend hides the run's line too.
            showlegend=False,
            hovertemplate=f"%{{y}} with {measurement.num_images:,}<extra></extra>",
            cliponaxis=False,
        )
        values.append(value)
        num_images = measurement.num_images
    if values:
        figure.add_scatter(
            x=[None],
            y=[None],
            name=f"With {num_images:,} {get_common_noun(compared)}s",
            mode="markers",
            marker={**_RESULT_MARK, "color": QUIET_COLOR},
            hoverinfo="skip",
        )
    return values


def add_real_lines(figure: go.Figure, compared: Sequence[ComparedRun], curve: str) -> list[float]:
    """Add lines of real images: one line per sample size (at most two, see `is_comparable`).

    Args:
        figure: The chart with all other lines and marks.
        compared: The runs. Without a line if they have different real images.
        curve: A metric, or a field of steps, which has no value of real images.

    Returns:
        The values of real images.
    """
    if curve not in METRIC_INFO or not is_comparable(compared, curve):
        return []
    sources: list[EvaluationReport | RunMeasurement] = []
    for compared_run in compared:
        if compared_run.record.has_curve(curve):
            sources.append(compared_run.record.newest_evaluation)
        if compared_run.measurement is not None and curve in compared_run.measurement.metrics:
            sources.append(compared_run.measurement)
    real_by_num: dict[int, float] = {}
    for source in sources:
        if curve in source.real_metrics:
            real_by_num.setdefault(source.num_images, source.real_metrics[curve])
    end = max((x for line in figure.data for x in line.x if x is not None), default=0)
    noun = get_common_noun(compared)
    for index, (num_images, value) in enumerate(real_by_num.items()):
        count = f"{num_images:,} " if len(real_by_num) > 1 else ""
        sets = "Two sets of " if curve == find_metric(compared) else ""
        name = f"{sets}{count}real {noun}s"
        figure.add_scatter(
            x=[0, end],
            y=[float(f"{value:.4g}")] * 2,
            name=capitalize(name),
            mode="lines",
            line={"color": QUIET_COLOR, "width": 1.8, "dash": "dot" if index else "dash"},
            hovertemplate="%{y}",
        )
    return list(real_by_num.values())


def mark_edge(
    figure: go.Figure, cut_lines: Sequence[CutLine], edge: float, values: Sequence[float]
) -> None:
    """Add an arrow where each line leaves the chart, and its last value in the margin beside it.

    In the margin a text covers no other line, however narrow the chart is. It keeps the page's
    colour, for contrast; an arrow before it has the line's colour.

    Args:
        figure: The chart.
        cut_lines: The lines.
        edge: The right edge of the chart.
        values: All values in the chart, for the places of the texts.
    """
    # A logarithmic axis draws the logarithms of the values as a straight line.
    heights = [
        np.exp(np.interp(edge, cut.x, np.log(cut.y)))
        if is_log(figure)
        else np.interp(edge, cut.x, cut.y)
        for cut in cut_lines
    ]
    shown = [
        (float(height), cut)
        for height, cut in zip(heights, cut_lines, strict=True)
        if np.isfinite(height)
    ]
    if not shown:
        return
    shown.sort(key=lambda place: place[0])
    num_lines = max(1 + cut.text.count("<br>") for _, cut in shown)
    pixels, top = _estimate_pixels(figure, [height for height, _ in shown], values)
    lifts = spread_texts(pixels, top, num_lines)
    for (height, cut), lift in zip(shown, lifts, strict=True):
        color = cut.line.line.color
        text = cut.text and f'<span style="color:{color}">▶</span> {cut.text}'
        # The middle of all lines, with the empty ones, is at the height of the mark.
        above, below = max(0, -lift) * " <br>", max(0, lift) * "<br> "
        figure.add_scatter(
            x=[edge],
            y=[float(f"{height:.4g}")],
            mode="markers+text",
            text=[text and f"{above}{text}{below}"],
            textposition="middle right",
            marker={"symbol": "triangle-right", "size": 10, "color": color},
            legendgroup=cut.line.legendgroup,  # A click on the legend hides both.
            showlegend=False,
            hoverinfo="skip",
            cliponaxis=False,
        )
    if any(cut.text for _, cut in shown):
        figure.update_layout(margin_r=_TEXT_MARGIN)


def _estimate_pixels(
    figure: go.Figure, heights: Sequence[float], values: Sequence[float]
) -> tuple[list[float], float]:
    """Estimate how many pixels some values, and the top of the plot, are above its lower edge."""
    margin = figure.layout.margin
    num_pixels = figure.layout.height - margin.t - margin.b
    if is_log(figure):
        low, high = (math.log(bound) for bound in (min(values), max(values)))
        places = [math.log(height) for height in heights]
    else:
        low, high = 0.0, max(values)
        places = list(heights)
    return [num_pixels * (place - low) / ((high - low) or 1.0) for place in places], num_pixels


def spread_texts(pixels: Sequence[float], top: float, num_lines: int) -> list[int]:
    """Return by how many half lines to move texts up, so that none overlap.

    Args:
        pixels: The heights of the marks that the texts belong to, ascending.
        top: The height of the plot, above which there is no room.
        num_lines: Number of lines of each text.

    Returns:
        For each text the number of half lines, negative for a move down.
    """
    distance = (num_lines + 0.5) * _LINE_HEIGHT  # Half a line, as places are rounded to it.
    places: list[float] = []
    for height in pixels:
        places.append(max(height, places[-1] + distance) if places else height)
    limit = top
    for index in reversed(range(len(places))):
        places[index] = min(places[index], limit)
        limit = places[index] - distance
    return [
        round((place - height) / (_LINE_HEIGHT / 2))
        for place, height in zip(places, pixels, strict=True)
    ]


def describe_end(compared_run: ComparedRun, curve: str, axis: Axis) -> str:
    """Return the last value of a metric as lines, "last: 0.91 at<br>step 53,072"; "" of a loss.

    The text is where the line leaves the chart, so it says that the value is a later one. A precise
    one follows the diamond that is beyond the edge. Its place is in the unit of the axis.
    """
    last = find_last_value(compared_run, curve)
    if last is None:
        return ""
    diamond = "◆ " if last is compared_run.measurement else ""
    place = describe_place(compared_run, last.step, axis)
    return f"last: {diamond}{format_metric(curve, last.metrics[curve])} at<br>{place}"
