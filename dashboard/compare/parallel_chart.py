"""A chart of several runs' settings and results as parallel lines. Imports no Streamlit."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts.compared_runs import (
    ComparedRun,
    find_best_distance,
    find_metric,
    label_curve,
    select_measured,
)
from dashboard.charts.overlay_chart import choose_color
from dashboard.compare.comparison_table import get_chosen_config, list_compared_settings
from dcgan.charts import chart_parts
from dcgan.config.config_text import format_setting
from dcgan.config.setting_info import get_setting_label
from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.metric_info import format_metric

_HEIGHT = 380
_LABEL_WIDTH = 14  # In characters; a longer name of an axis gets several lines.
_MIN_DISTANCE = 1e-3  # A logarithmic axis has no 0.
_LINE_OFFSET = 0.012  # Between lines that would cover each other, as a share of the height.


@dataclass(frozen=True)
class _Axis:
    """A vertical axis of the chart.

    Attributes:
        label: Name of the axis.
        positions: Height of each run's point, from 0 to 1.
        texts: Value of each run, as text.
        ticks: Heights of the axis's labels, and their texts.
    """

    label: str
    positions: list[float]
    texts: list[str]
    ticks: dict[float, str]


def plot_parallel(compared: Sequence[ComparedRun]) -> go.Figure | None:
    """Plot each run as a line through its values of the settings that differ and its distance.

    Plotly's own parallel coordinates need WebGL, which browsers in virtual machines often lack, and
    a script of four times the size.

    Returns:
        A figure with a line for each measured run, in its colour; None if fewer than two runs
        were measured or no setting differs.
    """
    metric = find_metric(compared)
    distances = {
        compared_run: distance
        for compared_run in select_measured(compared)
        if (
            distance := compared_run.distance
            if compared_run.measurement is not None
            else find_best_distance(compared_run.record, metric)
        )
        is not None
    }
    measured = list(distances)
    names = list_compared_settings(measured)
    if len(measured) < 2 or not names:
        return None
    configs = [get_chosen_config(compared_run) for compared_run in measured]
    axes = [_make_setting_axis(name, configs) for name in names]
    axes.append(
        _make_distance_axis(label_curve(metric, compared), metric, list(distances.values()))
    )
    figure = chart_parts.make_figure("", _HEIGHT)
    for index, compared_run in enumerate(measured):
        offset = (index - (len(measured) - 1) / 2) * _LINE_OFFSET
        figure.add_scatter(
            x=list(range(len(axes))),
            y=[axis.positions[index] + offset for axis in axes],
            name=html.escape(compared_run.title),
            mode="lines+markers",
            line={"color": choose_color(compared_run.color_index), "width": 2},
            customdata=[html.escape(f"{axis.label}: {axis.texts[index]}") for axis in axes],
            hovertemplate="%{customdata}",
        )
    for place, axis in enumerate(axes):
        figure.add_vline(x=place, line={"width": 1, "color": "rgba(138, 138, 153, 0.5)"})
        for height, text in axis.ticks.items():
            figure.add_annotation(
                x=place,
                y=height,
                text=html.escape(text),
                showarrow=False,
                xanchor="left",
                xshift=6,
                yshift=10,
            )
    figure.update_xaxes(
        title=None,
        range=[-0.15, len(axes) - 0.85],
        tickvals=list(range(len(axes))),
        ticktext=[
            "<br>".join(map(html.escape, textwrap.wrap(axis.label, _LABEL_WIDTH))) for axis in axes
        ],
        showgrid=False,
        zeroline=False,
        automargin=True,
    )
    figure.update_yaxes(visible=False, range=[-0.1, 1.15])
    figure.update_layout(
        hovermode="closest",
        uirevision="kept",
        showlegend=True,
        # Room for the last axis's labels, and for the buttons below the names of the axes.
        margin={"l": 20, "r": 40, "b": 76},
    )
    return figure


def _make_setting_axis(setting: str, configs: Sequence[TrainingConfig]) -> _Axis:
    """Make the axis of a setting: its values at equal distances, in ascending order."""
    values = [getattr(config, setting) for config in configs]
    texts = [format_setting(config, setting) for config in configs]
    # None is the absence of a limit.
    numbers = [math.inf if value is None else value for value in values]
    is_number = all(type(value) in (int, float) for value in numbers)
    keys = numbers if is_number else texts
    kinds = sorted(set(keys))
    heights = {key: index / max(1, len(kinds) - 1) for index, key in enumerate(kinds)}
    positions = [heights[key] for key in keys]
    return _Axis(
        get_setting_label(setting), positions, texts, dict(zip(positions, texts, strict=True))
    )


def _make_distance_axis(label: str, metric: str, distances: Sequence[float]) -> _Axis:
    """Make the axis of the least distances, logarithmic, labelled at the least and the largest."""
    logs = [math.log(max(distance, _MIN_DISTANCE)) for distance in distances]
    low, high = min(logs), max(logs)
    positions = [(log - low) / ((high - low) or 1.0) for log in logs]
    texts = [format_metric(metric, distance) for distance in distances]
    ticks = {
        position: text
        for position, text in zip(positions, texts, strict=True)
        if position in (0.0, 1.0)
    }
    return _Axis(label, positions, texts, ticks)
