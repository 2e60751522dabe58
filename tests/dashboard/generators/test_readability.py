"""Unreadable pictures, such as noise, are explained from the newest evaluation."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import cast

from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.readability import explain_unreadable_source
from dashboard.state.trainer import Trainer
from dcgan.reports import EvaluationReport
from dcgan.runs.run_folder import Run
from tests.healthy_run import event
from tests.reports import evaluation_report

GOOD = evaluation_report(20, 3.0)
CLEAR = dataclasses.replace(GOOD, metrics=GOOD.real_metrics)
NOISE = dataclasses.replace(GOOD, step=10, metrics={**GOOD.real_metrics, "precision": 0.0})


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
