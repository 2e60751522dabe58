"""The length by which a saved run is continued."""

from __future__ import annotations

from dashboard.tab.continue_run import plan_more
from dcgan.reports import EventReport
from tests.dashboard.conftest import NewRun


def test_a_run_that_ended_by_itself_is_continued_for_as_long_again(new_run: NewRun) -> None:
    run = new_run(epochs=20)
    assert plan_more(run, 26, 3.0) == (None, None)
    assert plan_more(run, 20 * run.config.compute_steps_per_epoch(200), 30.0) == (20, None)
    run.write(EventReport(26, 2, 3.0, "converged", "Stopped improving."))
    assert plan_more(run, 26, 3.0) == (20, None)


def test_a_run_that_its_time_limit_ended_is_continued_for_that_time_again(new_run: NewRun) -> None:
    run = new_run(epochs=20, max_seconds=60.0)
    assert plan_more(run, 26, 60.1) == (None, 60.0)
    assert plan_more(run, 20 * run.config.compute_steps_per_epoch(200), 30.0) == (20, None)
