"""Compared runs with other measurements, and the explanations of a result by topic."""

from __future__ import annotations

from dataclasses import replace

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.result import Result
from tests.reports import evaluation_report


def with_distance(compared: ComparedRun, distance: float, step: int = 30) -> ComparedRun:
    """Return a run with another newest distance."""
    evaluations = (evaluation_report(step, distance),)
    return replace(compared, record=replace(compared.record, evaluations=evaluations))


def read_notes(result: Result) -> dict[str, str]:
    return {each.topic: each.text for each in result.explanations}


def with_metrics(
    compared: ComparedRun, step: int, distance: float, recall: float, precision: float = 0.8
) -> ComparedRun:
    """Return a run with other newest metrics; the distance of real images is 0.8."""
    report = replace(
        evaluation_report(step, distance),
        metrics={"frechet_distance": distance, "recall": recall, "precision": precision},
        real_metrics={"frechet_distance": 0.8, "recall": 0.9, "precision": 0.9},
    )
    return replace(compared, record=replace(compared.record, evaluations=(report,)))
