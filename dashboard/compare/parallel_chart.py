"""A chart of several runs' settings and results as parallel lines. Imports no Streamlit."""

from __future__ import annotations

import html
from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts.records import ComparedRun, find_best_distance, find_metric, label_curve
from dashboard.compare.comparison_table import list_differing_settings
from dcgan.charts.colors import NEUTRAL_COLORS
from dcgan.config.config_text import format_setting
from dcgan.config.setting_info import get_setting_label
from dcgan.runs.run_folder import Run

_HEIGHT = 380


def plot_parallel(compared: Sequence[ComparedRun]) -> go.Figure | None:
    """Plot each run as a line through its values of the settings that differ and its distance.

    Returns:
        Parallel coordinates, coloured by the least distance; None if fewer than two runs
        were evaluated or no setting differs.
    """
    evaluated = [compared_run for compared_run in compared if compared_run.record.is_measured]
    metric = find_metric(evaluated)
    runs = [compared_run.run for compared_run in evaluated]
    distances = [find_best_distance(compared_run.record, metric) for compared_run in evaluated]
    names = list_differing_settings(runs)
    if len(runs) < 2 or not names:
        return None
    dimensions = [_make_dimension(name, runs) for name in names]
    dimensions.append({"label": label_curve(metric, compared), "values": distances})
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


def _make_dimension(setting: str, runs: Sequence[Run]) -> dict[str, object]:
    """Make the axis of a setting: numbers, or its different values in alphabetical order."""
    values = [getattr(run.config, setting) for run in runs]
    label = get_setting_label(setting)
    if all(type(value) in (int, float) for value in values):
        return {"label": label, "values": [float(value) for value in values]}
    texts = [format_setting(run.config, setting) for run in runs]
    kinds = sorted(set(texts))
    return {
        "label": label,
        "values": [kinds.index(text) for text in texts],
        "tickvals": list(range(len(kinds))),
        "ticktext": [html.escape(kind) for kind in kinds],
    }
