"""Queued runs start one after the other, none twice, and none while the queue is paused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.runners.queue_runner import QueueRunner
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.sweeps.queue import QueuedRun, read_queue


class Starter:
    """Starts runs as the trainer does: one at a time, and takes each off the queue as it begins.

    Attributes:
        problem: Why no run may start now, or "".
        started: Seeds of the runs that have started.
        is_active: Whether a run is in training.
        can_take: Whether a run can be taken off the queue.
    """

    def __init__(self, root: Path) -> None:
        self.queue_runner = QueueRunner(root, self.start, lambda: self.problem)
        self.problem = ""
        self.started: list[int] = []
        self.is_active = False
        self.can_take = True

    def start(self, waiting: QueuedRun) -> bool:
        if self.is_active:
            return False
        self.is_active = self.can_take
        self.started.append(waiting.config.seed)
        if self.can_take:
            self.queue_runner.take(waiting)
        return True

    def end(self) -> None:
        self.is_active = False
        self.queue_runner.start_next()


@pytest.fixture
def starter(tmp_path: Path) -> Starter:
    return Starter(tmp_path)


def make_configs(*seeds: int) -> list[TrainingConfig]:
    return [TrainingConfig(seed=seed) for seed in seeds]


def list_waiting_seeds(starter: Starter) -> list[int]:
    return [run.config.seed for run in starter.queue_runner.list_waiting()]


def test_queued_runs_start_one_after_the_other(starter: Starter) -> None:
    starter.queue_runner.add_configs(make_configs(1, 2, 3))
    assert (starter.started, list_waiting_seeds(starter)) == ([1], [2, 3])
    starter.end()
    starter.end()
    assert (starter.started, list_waiting_seeds(starter)) == ([1, 2, 3], [])
    starter.end()
    starter.queue_runner.add_configs(make_configs(4))
    assert starter.started == [1, 2, 3, 4]


def test_the_version_changes_with_everything_that_pages_show(
    starter: Starter, tmp_path: Path
) -> None:
    versions = [starter.queue_runner.version, starter.queue_runner.version]
    assert versions[0] == versions[1]
    changes: list[Callable[[], None]] = [
        lambda: starter.queue_runner.add_configs(make_configs(1, 2)),
        lambda: starter.queue_runner.hold(),
        lambda: starter.queue_runner.hold("The disk is full."),
        lambda: starter.queue_runner.clear_problems(),
        lambda: starter.queue_runner.remove([run.id for run in read_queue(tmp_path)]),
    ]
    for change in changes:
        change()
        assert starter.queue_runner.version != versions[-1]
        versions.append(starter.queue_runner.version)


def test_no_run_starts_while_the_queue_is_held(starter: Starter) -> None:
    starter.queue_runner.add_configs(make_configs(1, 2))
    starter.queue_runner.hold()
    assert not starter.queue_runner.is_released
    starter.end()
    assert starter.started == [1]
    starter.queue_runner.release()
    assert starter.started == [1, 2]


def test_a_new_process_finds_the_queue_held_and_starts_it_on_release(
    starter: Starter, tmp_path: Path
) -> None:
    starter.queue_runner.add_configs(make_configs(1, 2, 3))
    restarted = Starter(tmp_path)
    assert not restarted.queue_runner.is_released
    restarted.queue_runner.start_next()
    assert restarted.started == []
    restarted.queue_runner.release()
    assert (restarted.started, list_waiting_seeds(restarted)) == ([2], [3])


def test_a_removed_run_does_not_start(starter: Starter) -> None:
    starter.queue_runner.add_configs(make_configs(1, 2, 3))
    waiting = starter.queue_runner.list_waiting()
    starter.queue_runner.remove([waiting[0].id])
    starter.end()
    assert (starter.started, list_waiting_seeds(starter)) == ([1, 3], [])


def test_a_run_that_cannot_be_removed_from_the_queue_is_started_once(starter: Starter) -> None:
    starter.can_take = False
    starter.queue_runner.add_configs(make_configs(1, 2))
    for _ in range(5):
        starter.end()
    assert starter.started == [1]
    assert not starter.queue_runner.is_released


def test_runs_added_to_a_held_queue_wait(starter: Starter) -> None:
    starter.queue_runner.add_configs(make_configs(1, 2))
    starter.queue_runner.hold()
    starter.end()
    starter.queue_runner.add_configs(make_configs(3))
    assert (starter.started, list_waiting_seeds(starter)) == ([1], [2, 3])


def test_a_started_run_is_no_longer_listed_and_cannot_start_twice(
    starter: Starter, tmp_path: Path
) -> None:
    starter.can_take = False  # For example while it loads TensorFlow.
    starter.queue_runner.add_configs(make_configs(1, 2))
    assert list_waiting_seeds(starter) == [2]
    (first, _) = read_queue(tmp_path)
    other_server = QueueRunner(tmp_path, lambda waiting: True)  # Another server on the same folder.
    other_server.take(first)
    with pytest.raises(RunError, match="removed from the queue before"):
        starter.queue_runner.take(first)


def test_the_reason_why_a_run_could_not_start_stays_until_it_is_cleared(starter: Starter) -> None:
    starter.queue_runner.add_configs(make_configs(1, 2))
    starter.queue_runner.record_failed_start(
        QueuedRun(id="a", config=make_configs(7)[0]), "The pictures are gone."
    )
    starter.end()
    assert starter.started == [1, 2]
    assert starter.queue_runner.list_problems() == [
        "A run of the queue could not start. Seed 7, mnist: The pictures are gone."
    ]
    starter.queue_runner.clear_problems()
    assert starter.queue_runner.list_problems() == []


def test_a_damaged_queue_is_reported(starter: Starter, tmp_path: Path) -> None:
    (tmp_path / ".queue.json").write_text("{")
    starter.queue_runner.release()
    assert not starter.queue_runner.is_released
    assert "is damaged" in starter.queue_runner.list_problems()[0]
    with pytest.raises(RunError, match="is damaged"):
        starter.queue_runner.add_configs(make_configs(1))
    (tmp_path / ".queue.json").unlink()
    starter.queue_runner.add_configs(make_configs(1))
    assert starter.started == [1]
    assert read_queue(tmp_path) == []


def test_an_obstacle_holds_the_queue_and_keeps_its_runs(starter: Starter) -> None:
    starter.problem = "There are too many runs."
    starter.queue_runner.add_configs(make_configs(1, 2))
    assert starter.started == []
    assert list_waiting_seeds(starter) == [1, 2]
    assert starter.queue_runner.list_problems() == ["There are too many runs."]
    assert not starter.queue_runner.is_released
    starter.queue_runner.release()
    assert (starter.started, list_waiting_seeds(starter)) == ([], [1, 2])
    starter.problem = ""
    starter.queue_runner.release()
    assert (starter.started, list_waiting_seeds(starter)) == ([1], [2])
    assert starter.queue_runner.list_problems() == []


def test_an_obstacle_after_a_run_holds_the_queue(starter: Starter) -> None:
    starter.queue_runner.add_configs(make_configs(1, 2))
    starter.problem = "There are too many runs."
    starter.end()
    assert (starter.started, list_waiting_seeds(starter)) == ([1], [2])
    assert not starter.queue_runner.is_released


def test_an_empty_queue_reports_no_obstacle(starter: Starter) -> None:
    starter.queue_runner.release()
    starter.problem = "There are too many runs."
    starter.end()
    assert starter.queue_runner.list_waiting() == []
    assert starter.queue_runner.list_problems() == []
