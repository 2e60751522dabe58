"""Storage limits of new and continued runs, and runs that are continued."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.process.storage_limits import LimitError, StorageLimits
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    Script,
    WatchedTrainer,
    stop_training,
    wait_for_seed,
)

pytestmark = pytest.mark.usefixtures("no_included_run")


# Limits


FULL = StorageLimits(max_runs=1)
NEARLY_FULL_DISK = StorageLimits(min_free_bytes=10**18)


@pytest.mark.parametrize("limits", [FULL, NEARLY_FULL_DISK], ids=["runs", "disk"])
def test_a_new_run_above_the_limits_is_refused_and_nothing_changes(
    limits: StorageLimits,
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    tiny_config: TrainingConfig,
) -> None:
    trainer.limits = limits
    assert not trainer.start(tiny_config)  # The run in training continues.
    script.advance()
    assert trainer.wait_for_step(20).phase == "running"
    stop_training(trainer, script)
    before = trainer.snapshot()
    with pytest.raises(LimitError):
        trainer.start(tiny_config)
    assert trainer.snapshot() is before
    assert [run.name for run in list_runs(trainer.root)[0]] == [running.name]


def test_in_a_full_library_a_run_can_be_continued_but_not_branched(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    stop_training(trainer, script)
    trainer.limits = FULL
    run = open_run(running.path)
    step = run.checkpoints.list_steps()[0]
    branches: list[Callable[[], bool]] = [
        lambda: trainer.continue_run(run, branch=True),
        lambda: trainer.continue_run(run, step=step),
        lambda: trainer.continue_run(run, changes={"beta_1": 0.4}),
    ]
    for branch in branches:
        with pytest.raises(LimitError, match="This server keeps 1 run "):
            branch()
    assert trainer.continue_run(run)
    script.advance()
    assert trainer.wait_for_step(30).phase == "running"


def test_on_a_nearly_full_disk_no_run_can_be_continued(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    stop_training(trainer, script)
    trainer.limits = NEARLY_FULL_DISK
    with pytest.raises(LimitError, match="are free on the disk of the runs"):
        trainer.continue_run(open_run(running.path))


def test_queued_runs_wait_for_room_and_start_on_release(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.queue_runner.add_configs([tiny_config.replace(seed=5)])
    trainer.limits = FULL
    script.finish()
    trainer.wait_for("finished")
    assert trainer.join(TIMEOUT)
    waiting = trainer.queue_runner.list_waiting()
    problems = trainer.queue_runner.list_problems()
    assert [run.config.seed for run in waiting] == [5]
    assert problems[0].startswith("The queue is paused. This server keeps 1 run ")
    trainer.limits = StorageLimits()
    trainer.queue_runner.release()
    script.advance()
    wait_for_seed(trainer, 5)


# Continued runs


def test_a_continued_run_keeps_its_history(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")
    assert trainer.continue_run(open_run(running.path))
    script.advance()
    again = trainer.wait_for_step(30)
    assert again.phase == "running"
    assert [report.step for report in again.history] == [10, 20, 30]
    assert again.num_earlier == 2
    assert again.seconds_left is None  # This process has measured only its first chunk.
    script.advance()
    script.advance()
    assert trainer.wait_for_step(50).seconds_left is not None
    assert len(list_runs(trainer.root)[0]) == 1


def test_a_run_that_cannot_be_continued_says_why(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")
    for path in (running.path / "checkpoints").iterdir():
        path.unlink()
    assert trainer.continue_run(running)
    # The page still shows the stopped run.
    again = trainer.wait_until(lambda snapshot: "has no checkpoint" in snapshot.message)
    assert (again.phase, again.step) == ("stopped", 20)
    assert not running.lock.is_held()
