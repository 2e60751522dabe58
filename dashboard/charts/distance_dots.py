"""A chart of dots: the distance by which each of several runs is ranked. Imports no Streamlit."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts.compared_runs import (
    ComparedRun,
    get_common_noun,
    label_curve,
    select_measured,
)
from dashboard.charts.overlay_chart import are_far_apart, choose_color, choose_log_ticks
from dcgan.charts import chart_parts
from dcgan.charts.colors import QUIET_COLOR
from dcgan.evaluation.metric_info import format_distance
from dcgan.wording import shorten

_ROW_HEIGHT = 40  # Pixels of a title and the dot below it.
_BOTTOM = 46  # Pixels of the axis's numbers and its title.
_TITLE_PLACE, _DOT_PLACE = -0.25, 0.2  # In a row, as shares of its height from its middle.
_TITLE_LENGTH = 46  # Characters that fit a phone.
_ROOM_FOR_NUMBER = 0.2  # To the right of the last dot, as a share of the axis.


def plot_dots(compared: Sequence[ComparedRun]) -> go.Figure:
    """Plot the distances of runs as dots, each with its number.

    Args:
        compared: The runs, in the order of their rows; at least one was measured, and all measured
            ones with the same pictures. The others have no row.

    Returns:
        A figure with a row for each measured run: its title, and a dot in its colour. Its axis
        starts at 0, or is logarithmic if the distances are far apart.
    """
    measured = select_measured(compared)
    metric = measured[0].metric
    distances = [each.distance for each in measured]
    label = label_curve(metric, compared)
    height = chart_parts.LEGEND_HEIGHT + _ROW_HEIGHT * len(measured) + _BOTTOM
    figure = chart_parts.make_figure("", height)
    rows = range(len(measured))
    nearest = min(measured, key=lambda each: each.distance)  # As in the verdict.
    real_distance = nearest.result.real_metrics.get(metric)
    start = _set_axis(figure, label, distances, real_distance)
    figure.add_scatter(
        # Lines up to the dots: lines of a grid would cross titles and numbers.
        x=[x for distance in distances for x in (start, float(f"{distance:.4g}"), None)],
        y=[row + _DOT_PLACE if end else None for row in rows for end in (True, True, False)],
        mode="lines",
        line={"color": QUIET_COLOR, "width": 1},
        showlegend=False,
        hoverinfo="skip",
    )
    if real_distance is not None:
        real_images = f"real {get_common_noun(measured)}s"
        figure.add_scatter(
            # A line at the height of the dots only, as it would cross the titles.
            x=[real_distance, real_distance, None] * len(measured),
            y=[place for row in rows for place in (row, row + 2 * _DOT_PLACE, None)],
            name=f"Two sets of {real_images}: {format_distance(real_distance)}",
            mode="lines",
            line={"color": QUIET_COLOR, "width": 2},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[float(f"{distance:.4g}") for distance in distances],
        y=[row + _DOT_PLACE for row in rows],
        mode="markers+text",
        text=[f"<b>{format_distance(distance)}</b>" for distance in distances],
        textposition="middle right",
        marker={"color": [choose_color(each.color_index) for each in measured], "size": 12},
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )
    for row, each in enumerate(measured):
        figure.add_annotation(
            x=0,
            xref="paper",
            xanchor="left",
            y=row + _TITLE_PLACE,
            text=html.escape(shorten(each.title, _TITLE_LENGTH)),
            showarrow=False,
        )
    figure.update_yaxes(range=[len(measured) - 0.5, -0.5], visible=False, fixedrange=True)
    figure.update_layout(margin={"l": 12, "r": 12, "b": _BOTTOM}, hovermode=False, showlegend=True)
    return figure


def _set_axis(
    figure: go.Figure, label: str, distances: Sequence[float], real_distance: float | None
) -> float:
    """Start the axis at 0, or make it logarithmic if the distances are far apart.

    Returns:
        The value where it starts.
    """
    start = 0.0
    values = [*distances, *([] if real_distance is None else [real_distance])]
    largest = max(values)
    is_logarithmic = are_far_apart(distances) and min(values) > 0
    if is_logarithmic:
        room = (largest / min(values)) ** _ROOM_FOR_NUMBER
        start = min(values) / 1.3
        figure.update_xaxes(
            type="log",
            range=[math.log10(start), math.log10(largest * room)],
            dtick=choose_log_ticks(values),
        )
    else:
        figure.update_xaxes(range=[0, largest * (1 + _ROOM_FOR_NUMBER) or 1])
    title = f"{label} (logarithmic axis)" if is_logarithmic else label
    figure.update_xaxes(title_text=title, tickformat=",~g", zeroline=False, fixedrange=True)
    figure.update_xaxes(showgrid=False, ticks="outside", tickcolor=QUIET_COLOR)
    return start


def describe_dots(compared: Sequence[ComparedRun]) -> str:
    """Describe the chart as text: its label, and each run's distance in the order of the rows."""
    measured = select_measured(compared)
    values = [f"{each.title} {format_distance(each.distance)}" for each in measured]
    last_step = max(each.result.step for each in measured)
    label = label_curve(measured[0].metric, compared)
    return f"{label} of {', '.join(values)}, up to step {last_step}"
