"""Single reports of steps and evaluations, of which a test gives only the fields that matter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from dcgan.reports import AnyReport, EvaluationReport, StepReport

_HEALTHY = StepReport(
    step=1,
    epoch=1,
    seconds=0.1,
    num_steps=1,
    generator_loss=0.75,
    discriminator_loss=1.25,
    real_accuracy=0.875,
    fake_accuracy=0.625,
    real_probability=0.5,
    fake_probability=0.5,
    generator_gradient_norm=1.0,
    discriminator_gradient_norm=1.0,
    images_per_second=1600.0,
)


def step_report(step: int, **changes: Any) -> StepReport:
    """Make a report of one step; a step takes a tenth of a second."""
    return replace(_HEALTHY, **{"step": step, "seconds": 0.1 * step} | changes)


def evaluation_report(step: int, distance: float) -> EvaluationReport:
    """Make a report of an evaluation with this Fréchet distance; a second has 5 steps."""
    metrics = {"frechet_distance": distance, "precision": 0.8, "recall": 0.7}
    return EvaluationReport(step, 1, step / 5, 1000, metrics, metrics)


def select_steps(reports: Iterable[AnyReport]) -> list[StepReport]:
    """Return the step reports among others."""
    return [report for report in reports if isinstance(report, StepReport)]
