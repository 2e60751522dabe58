"""Runs held against each other: their lines in one chart, what differs in their settings.

Runs in, figures and tables out; imports no Streamlit and no TensorFlow.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from dashboard.shared.file_cache import cache_until_changed
from dashboard.state.snapshot import Snapshot
from dcgan.config import TrainingConfig
from dcgan.config_text import format_setting, hide_dataset_path
from dcgan.evaluation.metric_info import METRIC_INFO, format_metric
from dcgan.export import chart_parts
from dcgan.export.chart_parts import ChartOptions
from dcgan.reports import EvaluationReport, EventReport, StepReport
from dcgan.runs.run_folder import Run
from dcgan.setting_info import setting_label

Axis = Literal["steps", "seconds", "images"]
AXES: dict[Axis, str] = {"steps": "Steps", "seconds": "Training time", "images": "Images seen"}

# What step reports have, by their fields, and evaluations, by the names of their figures.
MEASURES = {
    "frechet_distance": METRIC_INFO["frechet_distance"].label,
    "precision": METRIC_INFO["precision"].label,
    "recall": METRIC_INFO["recall"].label,
    "coverage": METRIC_INFO["coverage"].label,
    "generator_loss": "Generator's loss",
    "discriminator_loss": "Discriminator's loss",
    "real_accuracy": "Accuracy on real images",
    "fake_accuracy": "Accuracy on fake images",
    "generator_gradient_norm": "Generator's gradient norm",
    "discriminator_gradient_norm": "Discriminator's gradient norm",
    "images_per_second": "Images/s",
}
_SHARES = frozenset(("precision", "recall", "coverage", "real_accuracy", "fake_accuracy"))

# Eight hues that colour-blind readers tell apart (Okabe and Ito, without black, and a grey); more
# runs than that begin anew with other dashes.
_COLORS = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b2a100", "#8a8a99",
)  # fmt: skip
_DASHES = ("solid", "dot", "dash", "longdash")

_HEIGHT = 380
# Settings that say what is written down, not what is learned.
_OF_NO_EFFECT = frozenset(
    ("sample_seconds", "checkpoint_seconds", "keep_checkpoints", "tensorboard")
)


@dataclass(frozen=True, eq=False)
class Record:
    """What a run has on file, for comparisons.

    Attributes:
        history, evaluations: Its reports, oldest first.
        changes: What was changed of its settings on the way, in sentences, oldest first.
    """

    history: tuple[StepReport, ...]
    evaluations: tuple[EvaluationReport, ...]
    changes: tuple[str, ...] = ()

    @property
    def step(self) -> int:
        """The last step on file; 0 before the first."""
        return self.history[-1].step if self.history else 0

    def has(self, measure: str) -> bool:
        """Whether it was measured that way, by a name of MEASURES."""
        if measure in METRIC_INFO:
            return any(measure in report.metrics for report in self.evaluations)
        return bool(self.history)


def record_of(run: Run, now: Snapshot) -> Record:
    """Return what a run has on file, or the trainer's memory of it while it trains here.

    Raises:
        RunError: If it cannot be read.
    """
    if now.trains(run):
        return Record(now.history, now.evaluations, _changes(now.events))
    return read_record(run)


@cache_until_changed("history.jsonl", max_runs=30)
def read_record(run: Run) -> Record:
    """Read what a run has on file; once for all tabs, until it changes.

    Raises:
        RunError: If it cannot be read.
    """
    return Record(
        tuple(run.history.read_steps()),
        tuple(run.history.read_evaluations()),
        _changes(run.history.read_events()),
    )


def _changes(events: Iterable[EventReport]) -> tuple[str, ...]:
    return tuple(event.text for event in events if event.event == "changed")


def overlay(
    records: Sequence[tuple[Run, str, Record]], measure: str, axis: Axis, options: ChartOptions
) -> go.Figure:
    """Draw one measure of several runs.

    Args:
        records: The runs, each with the name that stands in the legend and what it has on file.
        measure: Of MEASURES.
        axis: What they are drawn against.
        options: How lines are smoothed, and the scale.
    """
    figure = chart_parts.make_figure(MEASURES[measure], _HEIGHT)
    for index, (run, name, record) in enumerate(records):
        reports = record.evaluations if measure in METRIC_INFO else record.history
        x = _places(run.config, record, reports, axis)
        y = chart_parts.smooth(
            np.array([_value(report, measure) for report in reports]), options.smoothing
        )
        kept = chart_parts.thin(y)
        figure.add_scatter(
            x=[float(f"{value:.6g}") for value in x[kept]],
            y=[float(f"{value:.4g}") if np.isfinite(value) else None for value in y[kept]],
            name=html.escape(name),  # Plotly reads a name as HTML.
            mode="lines+markers" if measure in METRIC_INFO else "lines",
            line={
                "color": _COLORS[index % len(_COLORS)],
                "dash": _DASHES[index // len(_COLORS) % len(_DASHES)],
                "width": 2,
            },
            hovertemplate="%{y}",
        )
    chart_parts.set_axis(figure, options, ".0%" if measure in _SHARES else "")
    titles = {"steps": "Step", "seconds": "Training time in seconds", "images": "Real images seen"}
    figure.update_xaxes(title_text=titles[axis], rangemode="tozero")
    # Another measure or axis is another chart: no zoom goes over.
    figure.update_layout(uirevision=f"{measure} {axis}", margin={"r": 20})
    return figure


def _places(
    config: TrainingConfig,
    record: Record,
    reports: Sequence[StepReport | EvaluationReport],
    axis: Axis,
) -> np.ndarray:
    if axis == "seconds":
        return np.array([report.seconds for report in reports])
    steps = np.array([report.step for report in reports])
    return images_seen(config, record.history, steps) if axis == "images" else steps


def images_seen(
    config: TrainingConfig, history: Sequence[StepReport], steps: np.ndarray
) -> np.ndarray:
    """Return how many real images a run had seen at some steps.

    Args:
        config: Its settings now, which count where a report does not say how many images its
            steps took.
        history: Its step reports, oldest first.
        steps: Ascending, shape (num,).

    Returns:
        Shape (num,), float64.
    """
    ends = [0, *(report.step for report in history), max([0, *steps])]
    rates = [report.images_per_step or config.images_per_step for report in history]
    lengths = np.diff(ends).clip(0)
    seen = np.cumsum([0.0, *(lengths * [*rates, config.images_per_step])])
    return np.interp(steps, np.maximum.accumulate(ends), seen)


def _value(report: StepReport | EvaluationReport, measure: str) -> float:
    if isinstance(report, EvaluationReport):
        return report.metrics.get(measure, np.nan)
    return float(getattr(report, measure))


def best_distance(record: Record) -> float | None:
    """Return the lowest Fréchet distance that a run has reached; None before an evaluation."""
    found = [report.metrics["frechet_distance"] for report in record.evaluations]
    return min(found, default=None)


def is_comparable(records: Sequence[tuple[Run, str, Record]], measure: str) -> bool:
    """Whether a measure means the same for all runs: an evaluation's only for the same pictures."""
    shown = [run for run, _, record in records if record.has(measure)]
    return measure not in METRIC_INFO or len({run.dataset.fingerprint for run in shown}) < 2


def differing_settings(runs: Sequence[Run]) -> list[str]:
    """Return the names of the settings in which runs differ, those of no effect left out."""
    return [
        name
        for name in TrainingConfig.model_fields
        if name not in _OF_NO_EFFECT and len({_compared(run, name) for run in runs}) > 1
    ]


def _compared(run: Run, name: str) -> object:
    """Return a setting's value; two sets of own pictures may have one name."""
    value = getattr(hide_dataset_path(run.config), name)
    return (value, run.dataset.fingerprint) if name == "dataset" else value


def table(records: Sequence[tuple[Run, str, Record]]) -> dict[str, list[str]]:
    """Lay out what differs between runs and what they reached: a column a run.

    Returns:
        Cells by the name of their column; the first column, without a name, has the rows' names.
    """
    names = differing_settings([run for run, _, _ in records])
    labels = [setting_label(name) for name in names]
    has_data = "dataset" not in names and len({run.dataset.name for run, _, _ in records}) > 1
    has_changes = any(record.changes for _, _, record in records)
    rows = [*labels]
    rows += ["Data set"] if has_data else []
    rows += ["Changed on the way"] if has_changes else []
    rows += ["Steps", "Training time, s"]
    metrics = ("frechet_distance", "precision", "recall")
    rows += [f"{METRIC_INFO[name].label}, last" for name in metrics]
    rows += [f"{METRIC_INFO['frechet_distance'].label}, best"]
    columns = {"": rows}
    for run, title, record in records:
        last = record.history[-1] if record.history else None
        evaluation = record.evaluations[-1] if record.evaluations else None
        best = best_distance(record)
        shared = hide_dataset_path(run.config)
        cells = [format_setting(shared, name) for name in names]
        cells += [run.dataset.name] if has_data else []
        cells += [" ".join(record.changes) or "nothing"] if has_changes else []
        cells += [
            "–" if last is None else f"{last.step:,}",
            "–" if last is None else f"{last.seconds:,.0f}",
        ]
        cells += [
            "–" if evaluation is None else format_metric(name, evaluation.metrics[name])
            for name in metrics
        ]
        cells.append("–" if best is None else format_metric("frechet_distance", best))
        columns[_unused(title, columns)] = cells
    return columns


def _unused(title: str, columns: dict[str, list[str]]) -> str:
    name, number = title or "Run", 2
    while name in columns:
        name, number = f"{title} ({number})", number + 1
    return name


def parallel(records: Sequence[tuple[Run, str, Record]]) -> go.Figure | None:
    """Draw many runs as lines through the settings in which they differ, to what they reached.

    Returns:
        Parallel coordinates, coloured by the best Fréchet distance; None where fewer than two runs
        were evaluated or no setting differs.
    """
    reached = [(run, best_distance(record)) for run, _, record in records]
    known = [(run, best) for run, best in reached if best is not None]
    names = differing_settings([run for run, _ in known])
    if len(known) < 2 or not names:
        return None
    distances = [best for _, best in known]
    dimensions = [_dimension(name, [run for run, _ in known]) for name in names]
    dimensions.append(
        {"label": f"{METRIC_INFO['frechet_distance'].label}, best", "values": distances}
    )
    figure = go.Figure(
        go.Parcoords(
            dimensions=dimensions,
            line={
                "color": distances,
                "colorscale": [[0, "#2a9d8f"], [1, "#e8710a"]],
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


def _dimension(name: str, runs: Sequence[Run]) -> dict[str, object]:
    """Make an axis of a setting: numbers as they are, all else by its kinds."""
    values = [getattr(run.config, name) for run in runs]
    label = setting_label(name)
    if all(type(value) in (int, float) for value in values):
        return {"label": label, "values": [float(value) for value in values]}
    texts = [format_setting(run.config, name) for run in runs]
    kinds = sorted(set(texts))
    return {
        "label": label,
        "values": [kinds.index(text) for text in texts],
        "tickvals": list(range(len(kinds))),
        "ticktext": [html.escape(kind) for kind in kinds],
    }
