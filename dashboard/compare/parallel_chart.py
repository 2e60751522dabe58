"""A chart of several runs' settings and results as parallel lines. Imports no Streamlit."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import plotly.graph_objects as go

from dashboard.charts.compared_runs import ComparedRun, label_curve, select_measured
from dashboard.charts.overlay_chart import choose_color, choose_dash
from dashboard.compare_results.comparison_table import (
    list_differing_learning_settings,
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
_MIN_CAUSES = 2  # Of one changed setting the table shows as much.
_DISTANCE_WIDTH = 0.2  # Of a distance's text on a phone, as a share of the axis.
# A halo of the page's background: texts are readable on lines without a box that cuts these.
_HALO = ", ".join(["0 0 3px var(--st-background-color)"] * 4)
_TEXT = {"showarrow": False, "borderpad": 1, "font": {"shadow": _HALO}}
_MIN_DISTANCE = 1e-3  # A logarithmic axis has no 0.
_LINE_OFFSET = 0.012  # Between lines that would cover each other, as a share of the width.


class _Tick(NamedTuple):
    """A label below an axis.

    Attributes:
        position: Its place, from 0 at the left to 1.
        text: Its text, as HTML.
        level: The line in which it begins, from 0 at the axis, so that labels do not overlap.
    """

    position: float
    text: str
    level: int = 0


@dataclass(frozen=True)
class _Axis:
    """A horizontal axis of the chart.

    Attributes:
        label: Name of the axis.
        positions: Place of each run's point, from 0 at the left to 1.
        texts: Value of each run, as text.
        ticks: Places of the axis's labels, and their texts, as HTML.
    """

    label: str
    positions: list[float]
    texts: list[str]
    ticks: list[_Tick]


def plot_parallel(compared: Sequence[ComparedRun]) -> go.Figure | None:
    """Plot each run as a line through its values of the settings that differ and its distance.

    The axes are below each other, so that their names and values have room on a phone too.
    Plotly's own parallel coordinates need WebGL, which browsers in virtual machines often lack, and
    a script of four times the size.

    Only settings that can be a cause have an axis: not the seed, and none that only decides how
    long a run trains.

    Returns:
        A figure with a line for each measured run, in its colour, which ends in the distance that
        ranks it; None if fewer than two runs were measured or fewer than two settings differ.
    """
    measured = select_measured(compared)
    runs = [compared_run.run for compared_run in measured]
    causes = [name for name in list_differing_learning_settings(runs) if name != "seed"]
    labels = merge_learning_rates(causes, runs)
    if len(measured) < 2 or len(labels) < _MIN_CAUSES:
        return None
    configs = [run.config for run in runs]
    axes = [_make_setting_axis(name, label, configs) for name, label in labels.items()]
    num_lines = max(tick.text.count("<br>") + 1 for axis in axes for tick in axis.ticks)
    axes.append(_make_distance_axis(label_curve(measured[0].metric, compared), measured))
    row_height = _ROW_HEIGHT + _LINE_HEIGHT * num_lines
    num_levels = max(tick.level + 1 for tick in axes[-1].ticks)
    more_height = _LINE_HEIGHT * max(0, num_levels - num_lines)
    figure = chart_parts.make_figure(
        "", chart_parts.LEGEND_HEIGHT + row_height * len(axes) + more_height + _BOTTOM
    )
    for index, compared_run in enumerate(measured):
        offset = (index - (len(measured) - 1) / 2) * _LINE_OFFSET
        _add_run(figure, compared_run, index, axes, offset)
    for place, axis in enumerate(axes):
        _add_axis(figure, axis, place)
    figure.update_xaxes(visible=False, range=[-0.05, 1.05])
    # From the top; the names are above the first axis, and the values below the last one.
    above = (_ROW_HEIGHT - _LINE_HEIGHT) / row_height
    bottom = len(axes) - above + more_height / row_height
    figure.update_yaxes(visible=False, range=[bottom, -above])
    figure.update_layout(
        hovermode="closest",
        uirevision="kept",
        showlegend=True,
        margin={"l": 8, "r": 8, "b": _BOTTOM},
    )
    return figure


def _add_run(
    figure: go.Figure, compared_run: ComparedRun, index: int, axes: Sequence[_Axis], offset: float
) -> None:
    """Add the line of a run through the axes, `offset` to the right of its points."""
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


def _add_axis(figure: go.Figure, axis: _Axis, place: int) -> None:
    """Add an axis with its name above and its labels below; the axis at the top has place 0."""
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
    for tick in axis.ticks:
        figure.add_annotation(
            x=tick.position,
            y=place,
            text=tick.text,
            **_TEXT,
            # The outer values stay inside of the chart.
            xanchor={0.0: "left", 1.0: "right"}.get(tick.position, "center"),
            yanchor="top",
            yshift=-7 - _LINE_HEIGHT * tick.level,
        )


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
    places = dict(zip(positions, texts, strict=True))
    ticks = [_Tick(position, _wrap_tick(text, len(places))) for position, text in places.items()]
    return _Axis(label, positions, texts, ticks)


def _make_distance_axis(label: str, measured: Sequence[ComparedRun]) -> _Axis:
    """Make the axis of the distances, logarithmic, labelled at each run in its colour."""
    logs = [math.log(max(each.distance, _MIN_DISTANCE)) for each in measured]
    low, high = min(logs), max(logs)
    positions = [(log - low) / ((high - low) or 1.0) for log in logs]
    texts = [format_metric(each.metric, each.distance) for each in measured]
    ticks = [
        _Tick(position, f'<span style="color:{choose_color(each.color_index)}">●</span> {text}')
        for position, text, each in zip(positions, texts, measured, strict=True)
    ]
    return _Axis(label, positions, texts, _spread_ticks(ticks))


def _spread_ticks(ticks: Sequence[_Tick]) -> list[_Tick]:
    """Move each label down to the first line where it overlaps no other one, from the left."""
    spread: list[_Tick] = []
    ends: list[float] = []  # Of each line.
    for tick in sorted(ticks):
        start = min(max(tick.position - _DISTANCE_WIDTH / 2, 0.0), 1.0 - _DISTANCE_WIDTH)
        level = next((index for index, end in enumerate(ends) if end <= start), len(ends))
        ends[level : level + 1] = [start + _DISTANCE_WIDTH]
        spread.append(tick._replace(level=level))
    return spread
