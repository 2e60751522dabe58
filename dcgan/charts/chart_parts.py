"""The parts of charts: figures, axes, lines, levels and markers of events.

Figures are Plotly figures whose horizontal axis is the step. The page that shows them sets the
colours of background and text.
"""

from __future__ import annotations

import contextlib
import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from operator import attrgetter

import numpy as np
import plotly.graph_objects as go

from dcgan.charts.colors import NEUTRAL_COLORS, QUIET_COLOR, TROUBLE_COLOR
from dcgan.reports import EventReport, StepReport

HEIGHT, LOW_HEIGHT = 250, 190  # Pixels.
# Pixels of one row of a legend, and the 12 that Plotly leaves free above it. A chart without a
# legend leaves all of them free, so that plots align.
LEGEND_HEIGHT = 41

# About two points for each pixel of a chart's width; more could not be told apart.
MAX_POINTS = 800


@dataclass(frozen=True)
class ChartOptions:
    """The choices of a person on how lines are drawn.

    Attributes:
        smoothing: The number of reports in a moving average; 1 for none.
        is_log: Whether losses, norms and distances have a logarithmic axis.
    """

    smoothing: int = 1
    is_log: bool = False


DEFAULT_OPTIONS = ChartOptions()


def make_figure(y_title: str, height: int = HEIGHT) -> go.Figure:
    """Make an empty figure in the common layout; its horizontal axis is the step."""
    # Plotly uses pandas if that is imported, and fails while another thread, such as one that
    # imports TensorFlow, is still importing it. This import waits until that import is done.
    with contextlib.suppress(ImportError):
        import pandas  # noqa: F401
    grid = "rgba(138, 138, 153, 0.22)"
    return go.Figure(
        layout=go.Layout(
            template="none",
            height=height,
            margin={"l": 56, "r": 12, "t": LEGEND_HEIGHT, "b": 38},
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            hovermode="x unified",
            # At this size three names fit into a row on a phone.
            legend={
                "orientation": "h",
                "x": 0,
                "y": 1,
                "yanchor": "bottom",
                "font": {"size": 12},
            },
            xaxis={
                "title": {"text": "Step", "standoff": 6},
                "unifiedhovertitle": {"text": "Step %{x:,}"},
                "gridcolor": grid,
                "tickformat": ",",
                # The last label may reach into the margin.
                "ticklabeloverflow": "hide past div",
            },
            yaxis={
                "title": {"text": y_title, "standoff": 8},
                "gridcolor": grid,
                # With Plotly's own number of labels, the highest can be far below the highest line.
                "nticks": 6 if height <= LOW_HEIGHT else 8,
                "zeroline": False,
                "automargin": "left",  # Long tick labels would push the title out of the chart.
            },
            # Constant, so that a person's zoom and hidden lines stay when new points come.
            uirevision="constant",
        )
    )


def make_placeholder(sentence: str, height: int = HEIGHT) -> go.Figure:
    """Make a figure without axes that shows a sentence in place of a chart."""
    figure = make_figure("", height)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=sentence, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 13}
    )
    return figure


def set_axis(figure: go.Figure, options: ChartOptions, tick_format: str) -> None:
    """Start the vertical axis at 0, or make it logarithmic, as the options say."""
    if options.is_log:
        figure.update_yaxes(type="log", dtick=1, exponentformat="power")
    else:
        figure.update_yaxes(rangemode="tozero", tickformat=tick_format)
    # A zoom does not carry over to the other scale.
    figure.update_yaxes(uirevision=f"log {options.is_log}")


def add_line(
    figure: go.Figure,
    history: Sequence[StepReport],
    field: str,
    name: str,
    color: str,
    options: ChartOptions = DEFAULT_OPTIONS,
    *,
    max_points: int = MAX_POINTS,
) -> None:
    """Add a line of one field of step reports, smoothed and thinned.

    Args:
        figure: The figure.
        history: The step reports, ascending.
        field: The field of the reports.
        name: Name of the line in the legend.
        color: Colour of the line.
        options: Smoothing and scale.
        max_points: Largest number of points.
    """
    figure.add_scatter(
        **_make_points(history, field, options, max_points),
        name=name,
        mode="lines",
        line={"color": color, "width": 1.8},
        hovertemplate="%{y}",
        meta=field,  # Read by `fill_lines`.
    )


def fill_lines(
    figure: str, history: Sequence[StepReport], options: ChartOptions, max_points: int
) -> str:
    """Fill the lines of a figure that was made without a history.

    This is much faster than making a new figure, where Plotly validates each number. A chart on a
    live page is updated every few seconds.

    Args:
        figure: JSON of a figure whose lines were added by `add_line` with an empty history.
        history: The step reports, ascending.
        options: Smoothing and scale.
        max_points: Largest number of points of a line.

    Returns:
        The figure's JSON with filled lines; other traces stay as they are.
    """
    content = json.loads(figure)
    for trace in content["data"]:
        if "meta" in trace:
            trace |= _make_points(history, trace["meta"], options, max_points)
    return json.dumps(content)


def _make_points(
    history: Sequence[StepReport], field: str, options: ChartOptions, max_points: int
) -> dict[str, list[float | None]]:
    measured = map(attrgetter(field), history)  # None if it was not measured.
    values = np.fromiter((math.nan if y is None else y for y in measured), float, len(history))
    values = smooth(values, options.smoothing)
    indices = thin(values, max_points)
    return {
        "x": [history[index].step for index in indices],
        "y": [float(f"{y:.4g}") if math.isfinite(y) else None for y in values[indices].tolist()],
    }


def smooth(values: np.ndarray, num_points: int) -> np.ndarray:
    """Compute a moving average, with fewer neighbours at the ends.

    Args:
        values: Shape (n,); NaN and infinity count as missing.
        num_points: The number of points in an average, at least 1.

    Returns:
        The averages, same shape; NaN where all neighbours are missing.
    """
    if num_points <= 1 or not len(values):
        return values
    is_finite = np.isfinite(values)
    totals = np.concatenate([[0.0], np.cumsum(np.where(is_finite, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(is_finite)])
    indices = np.arange(len(values))
    first = np.maximum(indices - (num_points - 1) // 2, 0)
    last = np.minimum(indices + num_points // 2 + 1, len(values))
    with np.errstate(invalid="ignore"):
        return (totals[last] - totals[first]) / (counts[last] - counts[first])


def thin(values: np.ndarray, max_points: int = MAX_POINTS) -> np.ndarray:
    """Choose points so that the line through them looks like the line through all points.

    The points are divided into buckets of equal size. The lowest and the highest point of each
    bucket are chosen, so that no peak is lost.

    Args:
        values: Shape (n,), in the line's order; NaN is ignored.
        max_points: Largest number of points to choose; at least 4.

    Returns:
        Ascending indices of the first, the last, and each bucket's lowest and highest point.
    """
    num = len(values)
    if num <= max_points:
        return np.arange(num)
    edges = np.linspace(0, num, max_points // 2, dtype=int)
    # One row for each bucket; a shorter bucket repeats its last point.
    indices = edges[:-1, np.newaxis] + np.arange(np.diff(edges).max())
    indices = np.minimum(indices, edges[1:, np.newaxis] - 1)
    buckets = values[indices]
    is_nan = np.isnan(buckets)
    lowest = np.where(is_nan, np.inf, buckets).argmin(axis=1)
    highest = np.where(is_nan, -np.inf, buckets).argmax(axis=1)
    rows = np.arange(len(indices))
    extremes = np.concatenate([indices[rows, lowest], indices[rows, highest]])
    extremes = extremes[~np.isnan(values[extremes])]
    return np.unique(np.concatenate([[0], extremes, [num - 1]]))


def add_levels(figure: go.Figure, levels: Mapping[float, str], name: str = "") -> None:
    """Add dashed lines at values to compare with.

    Args:
        figure: The figure.
        levels: The colour of the line at each value.
        name: Name of all lines in the legend; "" for none. The lines themselves have no labels,
            which would cover the curves, or take a fifth of the width of a phone.
    """
    for y, color in levels.items():
        figure.add_hline(y=y, line_width=1.5, line_dash="dash", line_color=color)
    if name:
        figure.add_scatter(
            x=[None],
            y=[None],
            name=name,
            mode="lines",
            line={"color": QUIET_COLOR, "width": 1.5, "dash": "dash"},
            hoverinfo="skip",
        )


def mark_step(figure: str, step: int) -> str:
    """Add a thin solid line at a step, such as the step of a picture beside the chart.

    Args:
        figure: JSON of a figure against the step.
        step: The step.

    Returns:
        The figure's JSON with the line.
    """
    content = json.loads(figure)
    line = {
        "type": "line",
        "xref": "x",
        "x0": step,
        "x1": step,
        "yref": "y domain",
        "y0": 0,
        "y1": 1,
        "line": {"width": 1.5, "color": NEUTRAL_COLORS[0]},
    }
    content["layout"]["shapes"] = [*content["layout"].get("shapes", ()), line]
    return json.dumps(content)


def mark_events(figure: go.Figure, events: Sequence[EventReport]) -> None:
    """Add a dotted line at each event, with its text on hover at the bottom of the chart."""
    if not events:
        return
    for event in events:
        color = TROUBLE_COLOR if event.event == "diverged" else QUIET_COLOR
        figure.add_vline(x=event.step, line_width=1, line_dash="dot", line_color=color)
    figure.add_scatter(
        x=[event.step for event in events],
        y=[0.0] * len(events),
        yaxis="y2",  # A logarithmic axis has no 0.
        # Plotly interprets some HTML, and the text may contain a run's name.
        text=["<br>".join(map(escape, textwrap.wrap(event.text, 40))) for event in events],
        name="Changes",
        mode="markers",
        marker={"color": QUIET_COLOR, "size": 7, "symbol": "diamond"},
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
        cliponaxis=False,
    )
    figure.update_layout(
        yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
    )
