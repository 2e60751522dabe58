"""History in, Plotly figure out; imports no Streamlit.

Figures carry no background and no text colour of their own: the page gives them its theme's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.colors import DISCRIMINATOR_COLOR, GENERATOR_COLOR
from dcgan.reports import StepReport

# Twice the pixels of a chart's width cannot be told apart; with minimum and maximum of each
# bucket kept, no peak is lost.
_MAX_POINTS = 800

EQUILIBRIUM = math.log(2)  # Either network's loss a term when the other cannot be told.


def thin(steps: np.ndarray, values: np.ndarray, max_points: int = _MAX_POINTS) -> np.ndarray:
    """Choose points such that a line through them looks like the line through all.

    Args:
        steps: Ascending, shape (n,).
        values: Shape (n,); NaN is passed over.
        max_points: How many to keep at most; at least 4.

    Returns:
        Ascending indices of the first, the last, and each bucket's lowest and highest point.
    """
    num = len(steps)
    if num <= max_points:
        return np.arange(num)
    edges = np.linspace(0, num, max_points // 2, dtype=int)
    kept = {0, num - 1}
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        bucket = values[start:end]
        if len(bucket) and not np.isnan(bucket).all():
            kept |= {start + int(np.nanargmin(bucket)), start + int(np.nanargmax(bucket))}
    return np.array(sorted(kept))


def loss_figure(history: Sequence[StepReport]) -> go.Figure:
    """Draw both losses against the step, each the mean over the steps since the last point."""
    figure = _figure("Loss")
    _add_line(figure, history, "generator_loss", "Generator", GENERATOR_COLOR)
    _add_line(figure, history, "discriminator_loss", "Discriminator", DISCRIMINATOR_COLOR)
    figure.update_yaxes(rangemode="tozero", tickformat=".1f")
    return figure


def accuracy_figure(history: Sequence[StepReport]) -> go.Figure:
    """Draw the share of real and of fake images that the discriminator tells right."""
    figure = _figure("Told right")
    _add_line(figure, history, "real_accuracy", "Real images", DISCRIMINATOR_COLOR)
    _add_line(figure, history, "fake_accuracy", "Fake images", DISCRIMINATOR_COLOR, dash="dot")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figure.add_hline(y=0.5, line_width=1, line_dash="dash", line_color="#8a8a99", opacity=0.7)
    return figure


def describe_losses(history: Sequence[StepReport]) -> str:
    """Say in one line what the loss chart shows, for those who do not see it."""
    if not history:
        return "Losses of both networks, step 0: nothing measured yet"
    last = history[-1]
    return (
        f"Losses up to step {last.step}: generator {last.generator_loss:.2f}, "
        f"discriminator {last.discriminator_loss:.2f}"
    )


def describe_accuracy(history: Sequence[StepReport]) -> str:
    """Say in one line what the accuracy chart shows, for those who do not see it."""
    if not history:
        return "Accuracy of the discriminator, step 0: nothing measured yet"
    last = history[-1]
    return (
        f"Accuracy of the discriminator up to step {last.step}: "
        f"{last.real_accuracy:.0%} on real images, {last.fake_accuracy:.0%} on fake ones"
    )


def _figure(y_title: str) -> go.Figure:
    grid = "rgba(138, 138, 153, 0.22)"
    return go.Figure(
        layout=go.Layout(
            template="none",
            height=250,
            margin={"l": 52, "r": 12, "t": 30, "b": 38},
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            hovermode="x unified",
            legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            xaxis={"title": {"text": "Step", "standoff": 6}, "gridcolor": grid, "tickformat": ",d"},
            yaxis={"title": {"text": y_title, "standoff": 8}, "gridcolor": grid, "zeroline": False},
            # Constant: a person's zoom and hidden lines outlive new points.
            uirevision="kept",
        )
    )


def _add_line(
    figure: go.Figure,
    history: Sequence[StepReport],
    field: str,
    name: str,
    color: str,
    dash: str = "solid",
) -> None:
    steps = np.array([report.step for report in history])
    values = np.array([getattr(report, field) for report in history], dtype=float)
    kept = thin(steps, values)
    figure.add_scatter(
        x=[int(steps[i]) for i in kept],
        y=[None if math.isnan(values[i]) else round(float(values[i]), 4) for i in kept],
        name=name,
        mode="lines",
        line={"color": color, "width": 1.8, "dash": dash},
        hovertemplate="%{y}",
    )
