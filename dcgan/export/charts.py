"""A run's history in, Plotly figures out: losses, accuracy and how real the digits are.

Figures carry no background and no text colour of their own: who shows them gives them those. It
knows no page; the dashboard and the report of a run show the same figures.
"""

from __future__ import annotations

import contextlib
import json
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from operator import attrgetter

import numpy as np
import plotly.graph_objects as go

from dcgan.reports import EvaluationReport, EventReport, StepReport

GENERATOR_COLOR = "#e8710a"
DISCRIMINATOR_COLOR = "#2f80ed"


# Twice the pixels of a chart's width cannot be told apart; with minimum and maximum of each
# bucket kept, no peak is lost.
MAX_POINTS = 800

# Ten hues for ten digits, light enough for near-black and dark enough for white (Tableau's ten, the
# grey made a teal).
DIGIT_COLORS = (
    "#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f",
    "#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#3d9db3",
)  # fmt: skip

QUIET_COLOR, _TROUBLE_COLOR = "#8a8a99", "#d64545"

HEIGHT, LOW_HEIGHT = 250, 190  # Pixels.


@dataclass(frozen=True)
class ChartOptions:
    """How a person wants to see what was measured.

    Attributes:
        smoothing: Over how many reports lines are averaged; 1 for not at all.
        is_log: Whether losses, norms and distances have a logarithmic axis.
    """

    smoothing: int = 1
    is_log: bool = False


DEFAULT_OPTIONS = ChartOptions()


def smooth(values: np.ndarray, window: int) -> np.ndarray:
    """Average each point with its neighbours, with fewer of them at the ends.

    Args:
        values: Shape (n,); NaN counts as missing.
        window: How many points make one, at least 1.

    Returns:
        The same shape; NaN where no neighbour is a number.
    """
    if window <= 1 or not len(values):
        return values
    is_number = np.isfinite(values)
    totals = np.concatenate([[0.0], np.cumsum(np.where(is_number, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(is_number)])
    places = np.arange(len(values))
    first = np.maximum(places - (window - 1) // 2, 0)
    last = np.minimum(places + window // 2 + 1, len(values))
    with np.errstate(invalid="ignore"):
        return (totals[last] - totals[first]) / (counts[last] - counts[first])


def thin(values: np.ndarray, max_points: int = MAX_POINTS) -> np.ndarray:
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


def equilibrium_losses(label_smoothing: float = 0.0) -> tuple[float, float]:
    """Return the losses where fakes cannot be told from real images any more.

    The best that the discriminator can do then is one answer for all, D = (1 - s) / 2 with
    one-sided smoothing s; without smoothing that is 1/2, and the losses are ln 2 and 2 ln 2.

    Args:
        label_smoothing: In [0, 0.5].

    Returns:
        The generator's and the discriminator's loss.

    Source:
        Salimans et al., "Improved Techniques for Training GANs", 2016, arXiv:1606.03498,
        section 3.4, for the best discriminator under smoothing.
    """
    answer = (1 - label_smoothing) / 2
    on_real = -(1 - label_smoothing) * math.log(answer) - label_smoothing * math.log(1 - answer)
    return -math.log(answer), on_real - math.log(1 - answer)


def loss_figure(
    history: Sequence[StepReport],
    options: ChartOptions = DEFAULT_OPTIONS,
    label_smoothing: float = 0.0,
) -> go.Figure:
    """Draw both losses against the step, each the mean over the steps since the last point.

    Beside them where they stand when fakes cannot be told from real images, which is where the
    game of Goodfellow et al., 2014, arXiv:1406.2661, has its equilibrium: ln 2 and 2 ln 2, or with
    smoothing what `equilibrium_losses` says.
    """
    figure = new_figure("Loss")
    add_line(figure, history, "generator_loss", "Generator", GENERATOR_COLOR, options)
    add_line(figure, history, "discriminator_loss", "Discriminator", DISCRIMINATOR_COLOR, options)
    set_axis(figure, options, ".1f")
    of_generator, of_discriminator = equilibrium_losses(label_smoothing)
    words = ("in balance", "in balance") if label_smoothing > 0 else ("ln 2", "2 ln 2")
    add_level(figure, of_generator, words[0], GENERATOR_COLOR, options)
    add_level(figure, of_discriminator, words[1], DISCRIMINATOR_COLOR, options, is_above=True)
    return figure


def accuracy_figure(
    history: Sequence[StepReport], options: ChartOptions = DEFAULT_OPTIONS
) -> go.Figure:
    """Draw the share of real and of fake images that the discriminator takes for what they are."""
    figure = new_figure("Correct")
    add_line(figure, history, "real_accuracy", "Real images", DISCRIMINATOR_COLOR, options)
    add_line(figure, history, "fake_accuracy", "Fake images", GENERATOR_COLOR, options)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    add_level(figure, 0.5, "guessing", QUIET_COLOR)
    return figure


def set_axis(figure: go.Figure, options: ChartOptions, tick_format: str) -> None:
    """Let the vertical axis of what is above 0 begin at 0, or be logarithmic."""
    if options.is_log:
        figure.update_yaxes(type="log", dtick=1, exponentformat="power")
    else:
        figure.update_yaxes(rangemode="tozero", tickformat=tick_format)
    # Another scale is another axis: a zoom does not go over.
    figure.update_yaxes(uirevision=f"log {options.is_log}")


def add_level(
    figure: go.Figure,
    y: float,
    text: str,
    color: str,
    options: ChartOptions = DEFAULT_OPTIONS,
    *,
    is_above: bool = False,
) -> None:
    """Mark a value to compare with: a dashed line, and words, if any, at its right end."""
    figure.add_hline(y=y, line_width=1, line_dash="dash", line_color=color, opacity=0.6)
    if not text:
        return
    figure.add_annotation(
        text=text,
        x=1,
        y=math.log10(y) if options.is_log else y,
        xref="paper",
        xanchor="right",
        yanchor="bottom" if is_above else "top",
        showarrow=False,
        font={"color": color, "size": 11},
    )


def mark_events(figure: go.Figure, events: Sequence[EventReport]) -> None:
    """Mark where something was done to the run: a dotted line, and a sentence on hover."""
    if not events:
        return
    for event in events:
        color = _TROUBLE_COLOR if event.event == "diverged" else QUIET_COLOR
        figure.add_vline(x=event.step, line_width=1, line_dash="dot", line_color=color)
    figure.add_scatter(
        x=[event.step for event in events],
        y=[0.0] * len(events),
        # Plotly reads a little HTML in it, and a sentence may hold a run's name.
        text=["<br>".join(map(escape, textwrap.wrap(event.text, 40))) for event in events],
        name="Changes",
        mode="markers",
        marker={"color": QUIET_COLOR, "size": 7, "symbol": "diamond"},
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
        cliponaxis=False,
    )


def quality_figure(
    evaluations: Sequence[EvaluationReport], options: ChartOptions = DEFAULT_OPTIONS
) -> go.Figure:
    """Draw the Fréchet distance of each evaluation, and what real images get."""
    figure = new_figure("Distance", LOW_HEIGHT)
    steps = [report.step for report in evaluations]
    for figures, label, color, dash in (
        ([report.figures for report in evaluations], "Fréchet distance", GENERATOR_COLOR, "solid"),
        ([report.real_figures for report in evaluations], "Real digits", QUIET_COLOR, "dash"),
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
    set_axis(figure, options, "")
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


def new_figure(y_title: str, height: int = HEIGHT) -> go.Figure:
    """Return an empty chart against the step, in the options of them all."""
    # Plotly looks into pandas as soon as any thread has begun to import it, as TensorFlow's import
    # does, and fails on what is not there yet. This waits until all is.
    with contextlib.suppress(ImportError):
        import pandas  # noqa: F401
    grid = "rgba(138, 138, 153, 0.22)"
    return go.Figure(
        layout=go.Layout(
            template="none",
            height=height,
            margin={"l": 62, "r": 12, "t": 24, "b": 38},
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            hovermode="x unified",
            legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            xaxis={"title": {"text": "Step", "standoff": 6}, "gridcolor": grid, "tickformat": ","},
            yaxis={"title": {"text": y_title, "standoff": 8}, "gridcolor": grid, "zeroline": False},
            # Constant: a person's zoom and hidden lines outlive new points.
            uirevision="kept",
        )
    )


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
    """Draw a field of step reports against the step, thinned to what can be told apart."""
    figure.add_scatter(
        **_points(history, field, options, max_points),
        name=name,
        mode="lines",
        line={"color": color, "width": 1.8},
        hovertemplate="%{y}",
        meta=field,  # For `fill_lines`.
    )


def fill_lines(
    figure: str, history: Sequence[StepReport], options: ChartOptions, max_points: int
) -> str:
    """Put a history into a chart that was drawn without one.

    To check each number is most of what Plotly's figures cost, and a chart that is watched is drawn
    every few seconds.

    Args:
        figure: As JSON, its lines made by `add_line` of an empty history.
        history, options, max_points: As there.

    Returns:
        The JSON of the same chart with its lines; others stay as they are.
    """
    content = json.loads(figure)
    for trace in content["data"]:
        if "meta" in trace:
            trace |= _points(history, trace["meta"], options, max_points)
    return json.dumps(content)


def _points(
    history: Sequence[StepReport], field: str, options: ChartOptions, max_points: int
) -> dict[str, list[float | None]]:
    read = map(attrgetter(field), history)  # None where it was not measured.
    values = np.fromiter((math.nan if y is None else y for y in read), float, len(history))
    values = smooth(values, options.smoothing)
    kept = thin(values, max_points)
    return {
        "x": [history[index].step for index in kept],
        "y": [float(f"{y:.4g}") if math.isfinite(y) else None for y in values[kept].tolist()],
    }
