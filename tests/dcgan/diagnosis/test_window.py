"""The window of recent reports that a diagnosis reads."""

from __future__ import annotations

import dataclasses

from dcgan.diagnosis.window import MIN_REPORTS, WINDOW_STEPS, Window
from tests.healthy_run import evaluation, event, steps


def test_the_epoch_comes_from_the_newest_report_or_the_last_change() -> None:
    in_epoch_ten = [dataclasses.replace(report, epoch=10) for report in steps(1000)]
    change = dataclasses.replace(event(1000), epoch=10)
    assert Window(in_epoch_ten, [], []).epoch == 10
    assert Window(in_epoch_ten, [], [change]).epoch == 10
    assert Window([], [], []).epoch == 1


def test_step_reports_and_the_evaluation_are_from_after_the_last_change() -> None:
    measured = [evaluation(400), evaluation(900)]
    window = Window(steps(1000), measured, [event(500)])
    assert min(report.step for report in window.step_reports) > 1000 - WINDOW_STEPS
    assert window.current_evaluation == measured[-1]
    window = Window(steps(1000), measured, [event(960)])
    assert [report.step for report in window.step_reports] == [1000, 980]
    assert window.current_evaluation is None
    assert window.comparable_evaluations == measured


def test_older_reports_are_added_until_there_are_enough_for_a_median() -> None:
    window = Window(steps(3000, 500, 500), [], [])
    assert [report.step for report in window.step_reports] == [3000, 2500, 2000]
    assert len(window.step_reports) == MIN_REPORTS
