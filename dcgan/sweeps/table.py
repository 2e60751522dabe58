"""The table of a sweep: the progress of its runs, and how they compare."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from dcgan.errors import RunError
from dcgan.evaluation.metric_info import MAIN_METRIC, METRIC_INFO, format_distance
from dcgan.sweeps.combinations import Combination


@dataclass(frozen=True)
class Row:
    """The progress of one run of a sweep.

    Attributes:
        combination: The run's settings and folder.
        state: The state of the run, or "not started" or "damaged".
        step, seconds: Training so far; None without a run.
        last, best: The newest and the smallest Fréchet distance; None before an evaluation.
    """

    combination: Combination
    state: str
    step: int | None = None
    seconds: float | None = None
    last: float | None = None
    best: float | None = None


def read_row(combination: Combination) -> Row:
    """Read the progress of a combination's run; one that cannot be read counts as damaged."""
    try:
        run = combination.find_run()
        if run is None:
            return Row(combination, "not started")
        status = run.read_status()
        distances = [report.metrics[MAIN_METRIC] for report in run.history.read_evaluations()]
    except RunError:
        return Row(combination, "damaged")
    row = Row(combination, status.state, status.step, status.seconds)
    if distances:
        row = dataclasses.replace(row, last=distances[-1], best=min(distances))
    return row


def format_table(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table that compares the runs, and a line that names the best one."""
    if not rows:
        return []
    distance = METRIC_INFO[MAIN_METRIC].label
    header = [*rows[0].combination.varied, "state", "step", "seconds", distance, "best", "run"]
    cells = [header, *map(_format_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    measured = [(row.best, row) for row in rows if row.best is not None]
    if len(measured) > 1:
        best, row = min(measured, key=lambda pair: pair[0])
        lines.append(f"Best {distance}: {_format_distance(best)}, {row.combination.label}.")
    return lines


def _format_cells(row: Row) -> list[str]:
    combination = row.combination
    return [
        *(combination.format_value(name) for name in combination.varied),
        row.state,
        "–" if row.step is None else f"{row.step:,}",
        "–" if row.seconds is None else f"{row.seconds:,.0f}",
        _format_distance(row.last),
        _format_distance(row.best),
        combination.path.name,
    ]


def _format_distance(distance: float | None) -> str:
    return "–" if distance is None else format_distance(distance)
