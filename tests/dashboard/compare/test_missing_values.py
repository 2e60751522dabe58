"""Values that a comparison lacks or does not count, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun, Record
from dashboard.charts.curve_notes import (
    describe_skipped_evaluations,
    explain_missing_curve,
    have_different_steps,
)
from dashboard.charts.overlay_chart import plot_overlay
from dcgan import installation
from dcgan.charts.chart_parts import DEFAULT_OPTIONS
from dcgan.reports import EventReport
from dcgan.runs.manifest import State
from tests.reports import evaluation_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_the_part_of_a_line_before_a_branch_is_thin(
    compared: list[ComparedRun],
) -> None:
    first = compared[0]
    for step, steps_of_parts in ((20, [[10, 20, 30], [30]]), (30, [[10, 20, 30]])):
        event = EventReport(step, 1, 4.0, "branched", "Branch of another run.")
        branched = [
            replace(first, record=replace(first.record, events=(event,))),
            compared[1],
        ]
        *parts, _, _ = plot_overlay(branched, "precision", "steps", DEFAULT_OPTIONS).data
        assert [list(part.x) for part in parts] == steps_of_parts
        assert parts[0].line.width < 2
        assert [part.showlegend for part in parts].count(True) == 1
        assert len({part.line.color for part in parts}) == 1
        assert len(plot_overlay(branched, "generator_loss", "steps", DEFAULT_OPTIONS).data) == 2


def test_a_missing_value_is_explained(compared: list[ComparedRun]) -> None:
    run, record = compared[0].run, compared[0].record
    early = replace(record, evaluations=(), state="running")
    run.config = run.config.replace(evaluate_every=40)
    epoch = run.config.compute_epoch(30, run.dataset.num_images)
    assert explain_missing_curve(run, early, "recall") == (
        f"it is first measured at the end of epoch 40; now it is in epoch {epoch}"
    )
    endings: dict[State, str] = {
        "stopped": "it was stopped",
        "finished": "it ended",
        "interrupted": "it was interrupted",
        "failed": "it failed",
    }
    for state, ending in endings.items():
        ended = replace(early, state=state)
        assert explain_missing_curve(run, ended, "recall") == f"{ending} in epoch {epoch}"
    run.config = run.config.replace(evaluate_every=0)
    assert explain_missing_curve(run, early, "recall") == "its measurements are turned off"
    assert explain_missing_curve(run, record, "coverage") == "its measurements do not include it"
    assert explain_missing_curve(run, Record((), ()), "recall") == "it has not made a step yet"


def test_an_evaluation_is_due_at_an_epoch_that_has_not_passed(
    compared: list[ComparedRun],
) -> None:
    run, record = compared[0].run, compared[0].record
    run.config = run.config.replace(evaluate_every=5)  # Branched with it, or changed at epoch 7.
    steps_per_epoch = run.config.compute_steps_per_epoch(run.dataset.num_images)
    for epoch, due in ((1, 5), (5, 5), (7, 10)):
        history = (replace(record.history[-1], step=epoch * steps_per_epoch),)
        assert explain_missing_curve(run, Record(history, (), state="paused"), "recall") == (
            f"it is first measured at the end of epoch {due}"
            f"{'' if epoch == due else f'; now it is in epoch {epoch}'}"
        )


def test_evaluations_at_different_steps_are_noticed(
    compared: list[ComparedRun],
) -> None:
    assert not have_different_steps(compared, "frechet_distance")  # The second ends at step 10.
    first, other = compared
    evaluations = (evaluation_report(5, 9.0), evaluation_report(12, 4.0))
    apart = replace(first, record=replace(first.record, evaluations=evaluations))
    assert have_different_steps([apart, other], "frechet_distance")
    assert not have_different_steps([apart, other], "generator_loss")


def test_skipped_evaluations_are_counted(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, record = compared[0].run, compared[0].record
    run.config = run.config.replace(evaluate_every=1)
    per_epoch = run.config.compute_steps_per_epoch(run.dataset.num_images)
    history = (replace(record.history[-1], step=10 * per_epoch + 1),)
    record = Record(history, record.evaluations)
    assert describe_skipped_evaluations(run, record) == "3 of 10 times"
    assert describe_skipped_evaluations(run, Record(history, ())) == ""
    run.config = run.config.replace(evaluate_every=3)
    assert describe_skipped_evaluations(run, record) == ""
    run.config = run.config.replace(evaluate_every=0)
    assert describe_skipped_evaluations(run, record) == ""
    run.config = run.config.replace(evaluate_every=1)
    monkeypatch.setattr(installation, "INCLUDED_RUN", run.path)
    assert describe_skipped_evaluations(run, record) == ""
