"""The progress of a race."""

from __future__ import annotations

from dashboard.race.progress import find_progress
from dashboard.snapshots.snapshot import Snapshot
from tests.dashboard.conftest import NewRun
from tests.races import make_race, with_measurements
from tests.reports import step_report


def test_each_run_has_a_state_and_the_time_left_counts_all_of_them(new_run: NewRun) -> None:
    race = with_measurements(make_race(), 0.3)
    run = new_run("second")
    history = tuple(step_report(step, seconds=5.0 + step) for step in (0, 20))
    snapshot = Snapshot(phase="running", run=run, history=history)
    progress = find_progress(race, {1: run}, [2], snapshot)
    assert progress.states == ("measured", "training", "waiting", "missing")
    assert progress.current == 1
    # 80 s for each run: the second has trained for 20 of its 60, the third waits.
    assert progress.seconds_left == 60 + 80
    over = Snapshot(phase="running", run=run, history=(*history, step_report(60, seconds=65.0)))
    assert find_progress(race, {1: run}, [2], over).states[1] == "measuring"


def test_a_run_that_is_being_prepared_is_known_by_its_settings() -> None:
    race = make_race()
    snapshot = Snapshot(phase="preparing", config=race.runs[1].config)
    progress = find_progress(race, {}, [2, 3], snapshot)
    assert progress.states == ("missing", "training", "waiting", "waiting")
