"""A generator that draws noise, or always the same, says so, by its newest evaluation."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import cast

from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.readability import explain_unreadable_source
from dashboard.state.trainer import Trainer
from dashboard.walks.interpolation_panel import _describe_strip
from dcgan.reports import EvaluationReport
from dcgan.runs.run_folder import Run
from tests.healthy_run import event
from tests.reports import evaluation_report


def measure(step: int, **metrics: float) -> EvaluationReport:
    """Make a report of good pictures, except for some metrics."""
    report = evaluation_report(step, 3.0)
    real = {**report.real_metrics, "diversity": 5.7}
    return dataclasses.replace(report, metrics={**real, **metrics}, real_metrics=real)


NOISE, CLEAR = measure(10, precision=0.0), measure(20)
PICK = "Pick a digit of the walk to explore it."
SHOWS_NONE = "so the walk shows no digits."


def test_the_walk_of_a_checkpoint_that_drew_noise_says_so(run: Run) -> None:
    run.history.append(NOISE)
    run.history.append(CLEAR)
    said = [_describe_strip(GeneratorSource(run, step)) for step in (5, 10, 15, 20)]
    noise = f"So far this generator's pictures are noise, {SHOWS_NONE}"
    assert said == [PICK, noise, noise, PICK]


def test_the_walk_of_pictures_that_are_all_alike_says_so(run: Run) -> None:
    run.history.append(measure(20, diversity=0.1))
    alike = f"So far this generator's pictures are alike, {SHOWS_NONE}"
    assert _describe_strip(GeneratorSource(run, 20)) == alike


def test_an_evaluation_of_an_earlier_epoch_or_before_a_change_says_nothing(run: Run) -> None:
    run.history.append(NOISE)
    steps_per_epoch = run.config.compute_steps_per_epoch(run.dataset.num_images)
    assert explain_unreadable_source(GeneratorSource(run, 2 * steps_per_epoch)) == "no digits"
    assert explain_unreadable_source(GeneratorSource(run, 2 * steps_per_epoch + 1)) == ""
    run.history.append(event(15))
    assert explain_unreadable_source(GeneratorSource(run, 16)) == ""


def test_the_generator_in_training_is_judged_by_its_snapshot(run: Run) -> None:
    def watch(*evaluations: EvaluationReport) -> GeneratorSource:
        snapshot = SimpleNamespace(evaluations=evaluations, events=(), step=20)
        trainer = cast("Trainer", SimpleNamespace(snapshot=lambda: snapshot))
        return GeneratorSource(run, None, trainer)

    assert explain_unreadable_source(watch()) == ""
    assert explain_unreadable_source(watch(NOISE)) == "no digits"
    assert explain_unreadable_source(watch(NOISE, CLEAR)) == ""
