"""The walk of a generator that draws noise, or always the same, says so."""

from __future__ import annotations

import dataclasses

from dashboard.generators.generator_source import GeneratorSource
from dashboard.walks.interpolation_panel import describe_strip
from dcgan.reports import EvaluationReport
from dcgan.runs.run_folder import Run
from tests.reports import evaluation_report

PICK = "Pick a digit of the walk to explore it."
SHOWS_NONE = "so the walk shows no digits."


def measure(step: int, **metrics: float) -> EvaluationReport:
    """Make a report of good pictures, except for some metrics."""
    report = evaluation_report(step, 3.0)
    real = {**report.real_metrics, "diversity": 5.7}
    return dataclasses.replace(report, metrics={**real, **metrics}, real_metrics=real)


def test_the_walk_of_a_checkpoint_that_drew_noise_says_so(run: Run) -> None:
    run.history.append(measure(10, precision=0.0))
    run.history.append(measure(20))
    texts = [describe_strip(GeneratorSource(run, step)) for step in (5, 10, 15, 20)]
    noise = f"So far this generator's pictures are noise, {SHOWS_NONE}"
    assert texts == [PICK, noise, noise, PICK]


def test_the_walk_of_pictures_that_are_all_alike_says_so(run: Run) -> None:
    run.history.append(measure(20, diversity=0.1))
    alike = f"So far this generator's pictures are alike, {SHOWS_NONE}"
    assert describe_strip(GeneratorSource(run, 20)) == alike
