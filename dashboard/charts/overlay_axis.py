"""The horizontal axes of an overlay, and where runs end on them. Imports no Streamlit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from dashboard.charts.compared_runs import ComparedRun
from dashboard.charts.trained_time import find_clock_start
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.training_config import TrainingConfig
from dcgan.durations import describe_seconds
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EvaluationReport, StepReport

Axis = Literal["steps", "seconds", "images"]
AXES: dict[Axis, str] = {"steps": "Steps", "seconds": "Training time", "images": "Pictures seen"}
AXIS_TITLES: dict[Axis, str] = {"steps": "Step", "images": "Real pictures seen"}

# Title of the box with the values at a point, as Plotly formats it.
HOVER_TITLES: dict[Axis, str] = {"steps": "Step %{x:,}", "images": "%{x:,} pictures"}


class TimeUnit(NamedTuple):
    """The unit of a time axis.

    Attributes:
        seconds: Its length.
        title: Title of the axis.
        hover_title: Title of the box with the values at a point, as Plotly formats it.
    """

    seconds: int
    title: str
    hover_title: str


# The shortest first, each up to a length of the axis in seconds. Texts have the same units.
_TIME_UNITS = {
    120.0: TimeUnit(1, "Training time in seconds", "%{x:,.0f} s"),
    7200.0: TimeUnit(60, "Training time in minutes", "%{x:,.1f} min"),
    math.inf: TimeUnit(3600, "Training time in hours", "%{x:,.1f} h"),
}

_MARGIN = 1.05  # Length of the axis, divided by the end of a person's longest run.
_NUM_FIRST_VALUES = 2  # Of an included run that was first measured after that end: a line.


def choose_time_unit(seconds: float) -> TimeUnit:
    """Return the unit of a time axis that ends at some seconds."""
    return next(unit for end, unit in _TIME_UNITS.items() if seconds < end)


def compute_positions(
    compared_run: ComparedRun, reports: Sequence[StepReport | EvaluationReport], axis: Axis
) -> np.ndarray:
    """Compute the positions of some reports of a run on an axis, shape (num_reports,)."""
    if axis == "seconds":
        seconds = np.array([report.seconds for report in reports], float)
        return (seconds - find_clock_start(compared_run)).clip(0)
    steps = np.array([report.step for report in reports])
    if axis == "images":
        return compute_images_seen(compared_run.run.config, compared_run.record.history, steps)
    return steps


def find_right_edge(compared: Sequence[ComparedRun], axis: Axis, curve: str) -> float:
    """Return the right edge of a chart that ends with a person's own runs; infinity without any.

    If an included run was first measured after that, the chart ends with its second value.
    """
    own = [
        compared_run
        for compared_run in compared
        if not compared_run.run.is_read_only and compared_run.record.history
    ]
    edge = max((_find_end(compared_run, axis) for compared_run in own), default=math.inf) * _MARGIN
    if curve not in METRIC_INFO:
        return edge
    edges = [edge]
    for compared_run in compared:
        evaluations = [
            report for report in compared_run.record.evaluations if curve in report.metrics
        ]
        positions = compute_positions(compared_run, evaluations[:_NUM_FIRST_VALUES], axis)
        if len(positions) and positions[0] > edge:
            edges.append(float(positions[-1]) * _MARGIN)
    return max(edges)


def _find_end(compared_run: ComparedRun, axis: Axis) -> float:
    """Return the position on an axis where a run ends; 0 before its first report."""
    reports = compared_run.record.history or compared_run.record.evaluations
    return float(max(compute_positions(compared_run, reports[-1:], axis), default=0.0))


def describe_continuations(
    compared: Sequence[ComparedRun], axis: Axis, curve: str
) -> list[tuple[ComparedRun, str]]:
    """Return the runs that continue beyond the right edge, each with its end as text.

    The end in a metric is its last value, which may be earlier than the last step.
    """
    edge = find_right_edge(compared, axis, curve)
    continuations = []
    for compared_run in compared:
        last = find_last_value(compared_run, curve)
        end = (
            _find_end(compared_run, axis)
            if last is None
            else _find_position(compared_run, last.step, axis)
        )
        if end > edge:
            continuations.append((compared_run, _format_position(end, axis)))
    return continuations


def describe_place(compared_run: ComparedRun, step: int, axis: Axis) -> str:
    """Return the place of a step of a run on an axis, such as "step 53,072" or "25 min"."""
    return _format_position(_find_position(compared_run, step, axis), axis)


def _format_position(position: float, axis: Axis) -> str:
    texts: dict[Axis, str] = {
        "steps": f"step {position:,.0f}",
        "seconds": describe_seconds(position),
        "images": f"{position:,.0f} pictures",
    }
    return texts[axis]


def find_last_value(
    compared_run: ComparedRun, curve: str
) -> EvaluationReport | RunMeasurement | None:
    """Return the last measurement of a metric in a run; None without one, or for a loss.

    It is the precise one if the run is compared by that.
    """
    measurement = compared_run.measurement
    if measurement is not None and curve in measurement.metrics:
        return measurement
    evaluations = compared_run.record.evaluations
    return next((report for report in reversed(evaluations) if curve in report.metrics), None)


def _find_position(compared_run: ComparedRun, step: int, axis: Axis) -> float:
    """Return the position of a step on an axis: that of the last report up to it, 0 without."""
    record = compared_run.record
    reports: list[StepReport | EvaluationReport] = [*record.history, *record.evaluations]
    earlier = [report for report in reports if report.step <= step]
    newest = sorted(earlier, key=lambda report: (report.step, report.seconds))[-1:]
    return float(max(compute_positions(compared_run, newest, axis), default=0.0))


def compute_images_seen(
    config: TrainingConfig, history: Sequence[StepReport], steps: np.ndarray
) -> np.ndarray:
    """Compute the number of real images that a run had seen at some steps.

    Args:
        config: The run's settings now, for reports without a number of images per step.
        history: The run's step reports, oldest first.
        steps: Ascending, shape (num,).

    Returns:
        Shape (num,), float64.
    """
    ends = [0, *(report.step for report in history), max([0, *steps])]
    rates = [report.images_per_step or config.images_per_step for report in history]
    lengths = np.diff(ends).clip(0)
    seen = np.cumsum([0.0, *(lengths * [*rates, config.images_per_step])])
    return np.interp(steps, np.maximum.accumulate(ends), seen)
