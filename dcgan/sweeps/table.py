"""The table of a sweep: the progress of its runs, and how they compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dcgan.errors import RunError
from dcgan.evaluation.main_metric import find_common_metric
from dcgan.evaluation.metric_info import format_metric
from dcgan.reports import EvaluationReport
from dcgan.sweeps.combinations import Combination
from dcgan.wording import align_columns


@dataclass(frozen=True)
class Row:
    """The progress of one run of a sweep.

    Attributes:
        combination: The run's settings and folder.
        state: The state of the run, or "not started" or "damaged".
        step, seconds: Training so far; None without a run.
        evaluations: Its evaluations, oldest first.
    """

    combination: Combination
    state: str
    step: int | None = None
    seconds: float | None = None
    evaluations: tuple[EvaluationReport, ...] = ()


def read_row(combination: Combination) -> Row:
    """Read the progress of a combination's run; one that cannot be read counts as damaged."""
    try:
        run = combination.find_run()
        if run is None:
            return Row(combination, "not started")
        status = run.read_status()
        evaluations = tuple(run.history.read_evaluations())
    except RunError:
        return Row(combination, "damaged")
    return Row(combination, status.state, status.step, status.seconds, evaluations)


def format_table(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table that compares the runs, and a line that names the best one."""
    if not rows:
        return []
    metric = find_common_metric(row.evaluations[-1] for row in rows if row.evaluations)
    header = [*rows[0].combination.varied, "state", "step", "seconds", "distance", "best", "run"]
    distances = [_list_distances(row, metric) for row in rows]
    cells = [
        header,
        *(_format_cells(row, each, metric) for row, each in zip(rows, distances, strict=True)),
    ]
    lines = align_columns(cells)
    measured = [(min(each), row) for row, each in zip(rows, distances, strict=True) if each]
    if len(measured) > 1:
        best, row = min(measured, key=lambda pair: pair[0])
        lines.append(f"Best distance: {format_metric(metric, best)}, {row.combination.label}.")
    return lines


def _list_distances(row: Row, metric: str) -> list[float]:
    return [report.metrics[metric] for report in row.evaluations if metric in report.metrics]


def _format_cells(row: Row, distances: Sequence[float], metric: str) -> list[str]:
    combination = row.combination
    return [
        *(combination.format_value(name) for name in combination.varied),
        row.state,
        "–" if row.step is None else f"{row.step:,}",
        "–" if row.seconds is None else f"{row.seconds:,.0f}",
        format_metric(metric, distances[-1]) if distances else "–",
        format_metric(metric, min(distances)) if distances else "–",
        combination.path.name,
    ]
