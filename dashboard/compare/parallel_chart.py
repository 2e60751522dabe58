"""A chart of several runs' settings and results as parallel lines. Imports no Streamlit."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import plotly.graph_objects as go

from dashboard.charts.compared_runs import ComparedRun, label_curve, select_measured
from dashboard.charts.overlay_chart import choose_color, choose_dash
from dashboard.compare.comparison_table import (
    get_chosen_config,
    list_compared_settings,
    merge_learning_rates,
)
from dcgan.charts import chart_parts
from dcgan.config.config_text import format_setting
from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.metric_info import format_metric

_ROW_HEIGHT = 52  # Pixels of an axis and its name, without the lines of its values.
_LINE_HEIGHT = 17
_BOTTOM = 30  # Pixels for the buttons below the chart.
_VALUES_WIDTH = 44  # Characters beside each other on an axis that fit a phone.
# The page's background hides the lines behind a text.
_TEXT = {"showarrow": False, "bgcolor": "var(--st-background-color)", "borderpad": 1}
_MIN_DISTANCE = 1e-3  # A logarithmic axis has no 0.
_LINE_OFFSET = 0.012  # Between lines that would cover each other, as a share of the width.


@dataclass(frozen=True)
class _Axis:
    """A horizontal axis of the chart.

    Attributes:
        label: Name of the axis.
        positions: Place of each run's point, from 0 at the left to 1.
        texts: Value of each run, as text.
        ticks: Places of the axis's labels, and their texts.
    """

    label: str
    positions: list[float]
    texts: list[str]
    ticks: dict[float, str]


def plot_parallel(compared: Sequence[ComparedRun]) -> go.Figure | None:
    """Plot each run as a line through its values of the settings that differ and its distance.

    The axes are below each other, so that their names and values have room on a phone too.
    Plotly's own parallel coordinates need WebGL, which browsers in virtual machines often lack, and
    a script of four times the size.

    Returns:
        A figure with a line for each measured run, in its colour, which ends in the distance that
        ranks it; None if fewer than two runs were measured or no setting differs.
    """
    measured = select_measured(compared)
    labels = merge_learning_rates(
        list_compared_settings(measured), [compared_run.run for compared_run in measured]
    )
    if len(measured) < 2 or not labels:
        return None
    configs = [get_chosen_config(compared_run) for compared_run in measured]
    axes = [_make_setting_axis(name, label, configs) for name, label in labels.items()]
    metric = measured[0].metric
    distances = [compared_run.distance for compared_run in measured]
    axes.append(_make_distance_axis(label_curve(metric, compared), metric, distances))
    tick_texts = [
        list(map(_wrap_tick, axis.ticks.values(), repeat(len(axis.ticks)))) for axis in axes
    ]
    num_lines = max(text.count("<br>") + 1 for texts in tick_texts for text in texts)
    row_height = _ROW_HEIGHT + _LINE_HEIGHT * num_lines
    figure = chart_parts.make_figure(
        "", chart_parts.LEGEND_HEIGHT + row_height * len(axes) + _BOTTOM
    )
    for index, compared_run in enumerate(measured):
        offset = (index - (len(measured) - 1) / 2) * _LINE_OFFSET
        figure.add_scatter(
            x=[axis.positions[index] + offset for axis in axes],
            y=list(range(len(axes))),
            name=html.escape(compared_run.title),
            mode="lines+markers",
            line={
                "color": choose_color(compared_run.color_index),
                "dash": choose_dash(compared_run.color_index),
                "width": 2,
            },
            customdata=[html.escape(f"{axis.label}: {axis.texts[index]}") for axis in axes],
            hovertemplate="%{customdata}",
        )
    for place, (axis, texts) in enumerate(zip(axes, tick_texts, strict=True)):
        figure.add_hline(y=place, line={"width": 1, "color": "rgba(138, 138, 153, 0.5)"})
        figure.add_annotation(
            x=0,
            xref="paper",
            y=place,
            text=f"<b>{html.escape(axis.label)}</b>",
            **_TEXT,
            xanchor="left",
            yanchor="bottom",
            yshift=7,
        )
        for position, text in zip(axis.ticks, texts, strict=True):
            figure.add_annotation(
                x=position,
                y=place,
                text=text,
                **_TEXT,
                # The outer values stay inside of the chart.
                xanchor={0.0: "left", 1.0: "right"}.get(position, "center"),
                yanchor="top",
                yshift=-7,
            )
    figure.update_xaxes(visible=False, range=[-0.05, 1.05])
    # From the top; the names are above the first axis, and the values below the last one.
    above = (_ROW_HEIGHT - _LINE_HEIGHT) / row_height
    figure.update_yaxes(visible=False, range=[len(axes) - above, -above])
    figure.update_layout(
        hovermode="closest",
        uirevision="kept",
        showlegend=True,
        margin={"l": 8, "r": 8, "b": _BOTTOM},
    )
    return figure


def _wrap_tick(text: str, num_ticks: int) -> str:
    """Return one of several values beside each other on an axis, as lines of HTML."""
    lines = textwrap.wrap(text, max(6, _VALUES_WIDTH // num_ticks)) or [""]
    return "<br>".join(map(html.escape, lines))


def _make_setting_axis(setting: str, label: str, configs: Sequence[TrainingConfig]) -> _Axis:
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
    return _Axis(label, positions, texts, dict(zip(positions, texts, strict=True)))


def _make_distance_axis(label: str, metric: str, distances: Sequence[float]) -> _Axis:
    """Make the axis of the distances, logarithmic, labelled at the least and the largest."""
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
