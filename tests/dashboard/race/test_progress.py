"""The progress of a race."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dashboard.race.problems import find_shared_problem
from dashboard.race.progress import (
    RaceProgress,
    RunState,
    compute_progress,
    describe_missing,
    is_late,
)
from dashboard.snapshots.snapshot import Snapshot
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun
from tests.races import NAME, make_race, with_measurements
from tests.reports import step_report


def test_each_run_has_a_state_and_the_time_left_counts_all_of_them() -> None:
    race = with_measurements(make_race(), 0.3)
    queued = QueuedRun.create(race.runs[1].config, NAME, 1)
    history = tuple(step_report(step, seconds=5.0 + step) for step in (0, 20))
    snapshot = Snapshot(phase="running", queued=queued, history=history)
    progress = compute_progress(race, [2], snapshot)
    assert progress.states == ("measured", "training", "waiting", "missing")
    assert progress.current_index == 1
    # A run takes 80 s. The second has trained for 20 of 60 s, and the third waits.
    assert progress.seconds_left == 60 + 80
    assert progress.seconds_to_start == {2: 60.0}
    longer = (*history, step_report(60, seconds=65.0))
    over = Snapshot(phase="running", queued=queued, history=longer)
    assert compute_progress(race, [2], over).states[1] == "measuring"


def test_a_run_of_an_equal_race_or_one_that_a_person_started_is_not_of_this_race() -> None:
    race = make_race()
    config = race.runs[1].config
    for queued in (None, QueuedRun.create(config, f"{NAME}-2", 1)):
        snapshot = Snapshot(phase="preparing", config=config, queued=queued)
        assert compute_progress(race, [], snapshot).states == ("missing",) * 4


def test_a_run_that_builds_its_networks_for_long_is_late(run: Run) -> None:
    created = datetime.fromisoformat(run.created)
    assert not is_late(run, Snapshot(), created + timedelta(seconds=19))
    assert is_late(run, Snapshot(), created + timedelta(seconds=21))
    trained = Snapshot(history=(step_report(1),))
    assert not is_late(run, trained, created + timedelta(seconds=21))
    assert not is_late(None, Snapshot(), created)


def test_a_run_that_failed_and_waits_to_be_trained_again_waits() -> None:
    race = make_race()
    failed = race.runs[0].model_copy(update={"problem": "It diverged."})
    race = race.model_copy(update={"runs": (failed, *race.runs[1:])})
    assert compute_progress(race, [], Snapshot()).states[0] == "failed"
    assert compute_progress(race, [0], Snapshot()).states[0] == "waiting"


@pytest.mark.parametrize(
    ("states", "was_interrupted", "text"),
    [
        (("missing",) * 4, False, "The race was stopped before its first result."),
        (("missing",) * 4, True, "The race was interrupted before its first result."),
        (("measured", "missing"), False, "1 of 2 runs has a result; 1 was stopped."),
        (("measured",) * 2 + ("missing",) * 2, True,
         "2 of 4 runs have a result; 2 were interrupted."),
        (("failed", "missing"), False, "0 of 2 runs have a result; 1 failed and 1 was stopped."),
        (("failed",) * 2, False, "All 2 runs failed."),
    ],
)  # fmt: skip
def test_a_race_says_why_runs_have_no_result(
    states: tuple[RunState, ...], was_interrupted: bool, text: str
) -> None:
    progress = RaceProgress(states, None, 1.0, 0.0)
    assert describe_missing(progress, was_interrupted=was_interrupted) == text


def test_a_problem_that_all_failed_runs_have_is_shared_and_names_its_setting() -> None:
    problem = "dataset: got '/gone', but there is no such file or folder."
    race = make_race()
    failed = [run.model_copy(update={"problem": problem}) for run in race.runs]
    race = race.model_copy(update={"runs": tuple(failed)})
    progress = RaceProgress(("failed",) * 4, None, 1.0, 0.0)
    shared = "Data set: got '/gone', but there is no such file or folder."
    assert find_shared_problem(race, progress) == shared
    failed[3] = failed[3].model_copy(update={"problem": "It diverged."})
    assert find_shared_problem(race.model_copy(update={"runs": tuple(failed)}), progress) == ""
    alone = RaceProgress(("failed", "missing", "missing", "missing"), None, 1.0, 0.0)
    assert find_shared_problem(race, alone) == ""
