"""Only the evaluations since a run's last change describe the run."""

from __future__ import annotations

import pytest

from dcgan.evaluation.evaluations_since_change import (
    explain_unmeasured,
    find_last_change,
    select_for_checkpoint,
    select_since_change,
)
from dcgan.reports import Event, EventReport
from tests.reports import evaluation_report

EVALUATIONS = [evaluation_report(step, 5.0) for step in (10, 20, 30)]


@pytest.mark.parametrize("event", ["changed", "diverged", "rolled_back", "branched"])
def test_evaluations_up_to_a_change_do_not_describe_the_run(event: Event) -> None:
    change = EventReport(20, 1, 4.0, event, "")
    assert find_last_change([EventReport(10, 1, 2.0, event, ""), change]) is change
    assert [report.step for report in select_since_change(EVALUATIONS, change)] == [30]
    assert select_since_change(EVALUATIONS[:2], change) == ()
    assert explain_unmeasured(change).endswith(" at step 20")


def test_a_branch_with_the_same_settings_keeps_the_evaluations_of_its_parent() -> None:
    assert find_last_change([EventReport(20, 1, 4.0, "continued", "")]) is None
    assert select_since_change(EVALUATIONS, None) == tuple(EVALUATIONS)


@pytest.mark.parametrize(
    ("event", "selected_steps"),
    [("rolled_back", [10, 20]), ("diverged", [10, 20]), ("changed", [10, 20]), ("branched", [])],
)
def test_a_change_at_a_checkpoints_step_came_after_it_except_a_branch(
    event: Event, selected_steps: list[int]
) -> None:
    events = [EventReport(20, 1, 4.0, event, "")]
    selected = select_for_checkpoint(EVALUATIONS, events, 20)
    assert [report.step for report in selected] == selected_steps
    assert [report.step for report in select_for_checkpoint(EVALUATIONS, events, 30)] == [30]
    assert [report.step for report in select_for_checkpoint(EVALUATIONS, events, 10)] == [10]
