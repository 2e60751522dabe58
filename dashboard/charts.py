"""History in, Plotly figure out; imports no Streamlit.

Figures carry no background and no text colour of their own: the page gives them its theme's.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter

import numpy as np
import plotly.graph_objects as go

from dashboard.colors import DISCRIMINATOR_COLOR, GENERATOR_COLOR
from dashboard.snapshot import Snapshot
from dcgan.reports import EvaluationReport, EventReport, StepReport

# Twice the pixels of a chart's width cannot be told apart; with minimum and maximum of each
# bucket kept, no peak is lost.
_MAX_POINTS = 800

# Ten hues for ten digits, light enough for near-black and dark enough for white (Tableau's ten, the
# grey made a teal).
_DIGIT_COLORS = (
    "#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f",
    "#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#3d9db3",
)  # fmt: skip

_QUIET_COLOR, _TROUBLE_COLOR = "#8a8a99", "#d64545"

HEIGHT, LOW_HEIGHT = 250, 190  # Pixels.


def thin(values: np.ndarray, max_points: int = _MAX_POINTS) -> np.ndarray:
    """Choose points such that a line through them looks like the line through all.

    Args:
        values: Shape (n,), in the line's order; NaN is passed over.
        max_points: How many to keep at most; at least 4.

    Returns:
        Ascending indices of the first, the last, and each bucket's lowest and highest point.
    """
    num = len(values)
    if num <= max_points:
        return np.arange(num)
    edges = np.linspace(0, num, max_points // 2, dtype=int)
    # A row a bucket; a shorter one repeats its last point.
    indices = edges[:-1, np.newaxis] + np.arange(np.diff(edges).max())
    indices = np.minimum(indices, edges[1:, np.newaxis] - 1)
    buckets = values[indices]
    is_nan = np.isnan(buckets)
    lowest = np.where(is_nan, np.inf, buckets).argmin(axis=1)
    highest = np.where(is_nan, -np.inf, buckets).argmax(axis=1)
    rows = np.arange(len(indices))
    kept = np.concatenate([indices[rows, lowest], indices[rows, highest]])
    kept = kept[~np.isnan(values[kept])]
    return np.unique(np.concatenate([[0], kept, [num - 1]]))


@lru_cache(maxsize=2)
def render(snapshot: Snapshot) -> tuple[str, str]:
    """Draw the loss and the accuracy chart of a snapshot once for all tabs, as JSON."""
    losses, accuracy = loss_figure(snapshot.history), accuracy_figure(snapshot.history)
    for figure in (losses, accuracy):
        mark_events(figure, snapshot.events)
    return losses.to_json(), accuracy.to_json()


def loss_figure(history: Sequence[StepReport]) -> go.Figure:
    """Draw both losses against the step, each the mean over the steps since the last point."""
    figure = _figure("Loss")
    _add_line(figure, history, "generator_loss", "Generator", GENERATOR_COLOR)
    _add_line(figure, history, "discriminator_loss", "Discriminator", DISCRIMINATOR_COLOR)
    figure.update_yaxes(rangemode="tozero", tickformat=".1f")
    return figure


def accuracy_figure(history: Sequence[StepReport]) -> go.Figure:
    """Draw the share of real and of fake images that the discriminator takes for what they are."""
    figure = _figure("Correct")
    _add_line(figure, history, "real_accuracy", "Real images", DISCRIMINATOR_COLOR)
    _add_line(figure, history, "fake_accuracy", "Fake images", GENERATOR_COLOR)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figure.add_hline(y=0.5, line_width=1, line_dash="dash", line_color=_QUIET_COLOR, opacity=0.7)
    figure.add_annotation(
        text="guessing",
        x=1,
        y=0.5,
        xref="paper",
        xanchor="right",
        yanchor="top",
        showarrow=False,
        font={"color": _QUIET_COLOR, "size": 11},
    )
    return figure


def mark_events(figure: go.Figure, events: Sequence[EventReport]) -> None:
    """Mark where something was done to the run: a dotted line, and a sentence on hover."""
    if not events:
        return
    for event in events:
        color = _TROUBLE_COLOR if event.event == "diverged" else _QUIET_COLOR
        figure.add_vline(x=event.step, line_width=1, line_dash="dot", line_color=color)
    figure.add_scatter(
        x=[event.step for event in events],
        y=[0.0] * len(events),
        text=["<br>".join(textwrap.wrap(event.text, 40)) for event in events],
        name="Changes",
        mode="markers",
        marker={"color": _QUIET_COLOR, "size": 7, "symbol": "diamond"},
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
        cliponaxis=False,
    )


@lru_cache(maxsize=2)
def render_quality(evaluations: tuple[EvaluationReport, ...]) -> str:
    """Draw the Fréchet distance against the step once for all tabs, as JSON."""
    return quality_figure(evaluations).to_json()


def quality_figure(evaluations: Sequence[EvaluationReport]) -> go.Figure:
    """Draw the Fréchet distance of each evaluation, and what real images get."""
    figure = _figure("Distance", LOW_HEIGHT)
    steps = [report.step for report in evaluations]
    for figures, label, color, dash in (
        ([report.figures for report in evaluations], "Fréchet distance", GENERATOR_COLOR, "solid"),
        ([report.real_figures for report in evaluations], "Real digits", _QUIET_COLOR, "dash"),
    ):
        y = [round(found["frechet_distance"], 2) for found in figures]
        # What real digits get holds from the beginning: a line at the first evaluation already.
        is_real = dash == "dash" and bool(y)
        figure.add_scatter(
            x=[0, *steps] if is_real else steps,
            y=[y[0], *y] if is_real else y,
            name=label,
            mode="lines+markers" if dash == "solid" else "lines",
            line={"color": color, "width": 1.8, "dash": dash},
            hovertemplate="%{y}",
        )
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(rangemode="tozero")
    return figure


def describe_quality(evaluations: Sequence[EvaluationReport]) -> str:
    """Say in one line what the quality chart shows, for those who do not see it."""
    if not evaluations:
        return "Fréchet distance, step 0: nothing measured yet"
    last = evaluations[-1]
    return (
        f"Fréchet distance up to step {last.step}: {last.figures['frechet_distance']:.1f}; "
        f"real digits {last.real_figures['frechet_distance']:.1f}"
    )


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


def _figure(y_title: str, height: int = HEIGHT) -> go.Figure:
    grid = "rgba(138, 138, 153, 0.22)"
    return go.Figure(
        layout=go.Layout(
            template="none",
            height=height,
            margin={"l": 52, "r": 12, "t": 24, "b": 38},
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
    figure: go.Figure, history: Sequence[StepReport], field: str, name: str, color: str
) -> None:
    values = np.fromiter(map(attrgetter(field), history), float, len(history))
    kept = thin(values)
    figure.add_scatter(
        x=[history[index].step for index in kept],
        y=[round(y, 4) if math.isfinite(y) else None for y in values[kept].tolist()],
        name=name,
        mode="lines",
        line={"color": color, "width": 1.8},
        hovertemplate="%{y}",
    )


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
            marker={"color": _DIGIT_COLORS[color], "size": 6, "opacity": 0.8},
            hoverinfo="none",  # The digit itself is shown.
        )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure
