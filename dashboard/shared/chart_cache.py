"""What a page shows of a run's curves, drawn once for all tabs, and the map of digits.

The curves themselves are `dcgan.export.charts`'s. Imports no Streamlit.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import plotly.graph_objects as go

from dashboard.state.snapshot import Snapshot
from dcgan.export.chart_parts import (
    DEFAULT_OPTIONS,
    DIGIT_COLORS,
    MAX_POINTS,
    ChartOptions,
    fill_lines,
    mark_events,
)
from dcgan.export.charts import plot_accuracy, plot_losses, plot_quality
from dcgan.reports import EvaluationReport, EventReport


@lru_cache(maxsize=8)
def render(snapshot: Snapshot, options: ChartOptions = DEFAULT_OPTIONS) -> tuple[str, str]:
    """Draw the loss and the accuracy chart of a snapshot once for all tabs, as JSON."""
    label_smoothing = 0.0 if snapshot.config is None else snapshot.config.label_smoothing
    losses, accuracy = _without_lines(options, label_smoothing, snapshot.events)
    return (
        fill_lines(losses, snapshot.history, options, MAX_POINTS),
        fill_lines(accuracy, snapshot.history, options, MAX_POINTS),
    )


@lru_cache(maxsize=16)
def _without_lines(
    options: ChartOptions, label_smoothing: float, events: tuple[EventReport, ...]
) -> tuple[str, str]:
    """Draw all of the two charts that does not change with each report."""
    losses, accuracy = plot_losses((), options, label_smoothing), plot_accuracy((), options)
    for figure in (losses, accuracy):
        mark_events(figure, events)
    return losses.to_json(), accuracy.to_json()


@lru_cache(maxsize=4)
def render_quality(
    evaluations: tuple[EvaluationReport, ...], options: ChartOptions = DEFAULT_OPTIONS
) -> str:
    """Draw the Fréchet distance against the step once for all tabs, as JSON."""
    return plot_quality(evaluations, options).to_json()


def map_figure(places: np.ndarray, digits: np.ndarray) -> go.Figure:
    """Draw points on a plane, a colour and a name in the legend for each digit.

    Args:
        places: Shape (num, 2).
        digits: What each is, shape (num,), int; empty where they have no names.

    Returns:
        A figure whose points carry their index as `customdata`.
    """
    figure = go.Figure(
        layout={
            "margin": {"l": 0, "r": 0, "t": 36, "b": 0},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "uirevision": "constant",
            "hovermode": "closest",
            "dragmode": "pan",
            "legend": {"itemsizing": "constant"},
        }
    )
    groups = [(digit, str(digit), np.flatnonzero(digits == digit)) for digit in np.unique(digits)]
    for color, name, members in groups or [(0, "Pictures", np.arange(len(places)))]:
        figure.add_scatter(
            x=places[members, 0].round(3).tolist(),
            y=places[members, 1].round(3).tolist(),
            customdata=members.tolist(),
            name=name,
            mode="markers",
            marker={"color": DIGIT_COLORS[color], "size": 6, "opacity": 0.8},
            hoverinfo="none",  # The digit itself is shown.
        )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure
