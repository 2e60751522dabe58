"""Pauses of training, which a person asks for or a full disk causes."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
import pytest

from dashboard.state import training_commands
from dcgan.errors import DiskWriteError
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run
from tests.dashboard.state.scripted_training import (
    Script,
    WatchedTrainer,
)

pytestmark = pytest.mark.usefixtures("no_included_run")


# Pause


def test_a_pause_starts_after_the_chunk_and_is_saved(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.pause()
    assert trainer.snapshot().phase == "pausing"
    script.advance()
    paused = trainer.wait_for("paused")
    assert paused.step == 20
    assert paused.is_active
    assert running.checkpoints.list_steps() == [0, 20]
    status = running.read_status()
    assert (status.state, status.step, status.seconds) == ("paused", 20, 2.0)
    assert running.lock.is_held()
    trainer.pause()
    assert trainer.snapshot() is paused
    script.advance()  # The next chunk may begin, so only the pause prevents it.
    trainer.end_pause()
    assert trainer.snapshot().phase == "running"
    trainer.wait_for_step(30)
    assert running.read_status().state == "running"
    assert trainer.phases == ["preparing", "running", "pausing", "paused", "running"]


def test_a_resume_before_the_end_of_the_chunk_cancels_the_pause(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.pause()
    trainer.end_pause()
    assert trainer.snapshot().phase == "running"
    script.advance()
    script.advance()
    trainer.wait_for_step(30)
    assert trainer.phases == ["preparing", "running", "pausing", "running"]


def test_resuming_a_running_run_changes_nothing(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    before = trainer.snapshot()
    trainer.end_pause()
    assert trainer.snapshot() is before


def test_pause_and_resume_can_follow_each_other_at_once(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    for step in range(20, 120, 10):
        trainer.pause()
        script.advance()
        assert trainer.wait_for("paused").step == step
        trainer.end_pause()
        # Once more before the thread has woken up: it may pause at once or with the next chunk.
        trainer.pause()
        trainer.end_pause()
    script.advance()
    trainer.wait_for_step(120)
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")


@pytest.mark.parametrize("is_there_yet", [False, True])
def test_a_stop_ends_a_pause(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    is_there_yet: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A command ends the wait, not a poll.
    monkeypatch.setattr(training_commands, "_PAUSE_POLL_SECONDS", 1e6)
    trainer.pause()
    if is_there_yet:
        script.advance()
        trainer.wait_for("paused")
        trainer.stop()
    else:
        trainer.stop()
        script.advance()
    stopped = trainer.wait_for("stopped")
    assert stopped.step == 20
    assert ("paused" in trainer.phases) == is_there_yet
    assert running.read_status().state == "stopped"
    assert running.checkpoints.list_steps() == [0, 20]
    assert not running.lock.is_held()


def test_a_pause_during_the_last_chunk_does_not_delay_the_end(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.pause()
    script.finish()
    trainer.wait_for("finished")
    assert trainer.phases[-2:] == ["pausing", "finished"]


def test_a_pause_does_not_save_diverged_weights(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    script.gan.ema_generator.get_weights = list  # type: ignore[method-assign]
    trainer.pause()
    state = {"w": np.array([np.nan]), "step": np.array(20), "seconds": np.array(2.0)}
    script.gan.get_state = lambda: state  # type: ignore[method-assign]
    script.advance()
    trainer.wait_for("paused")
    assert running.checkpoints.list_steps() == [0]
    trainer.stop()
    stopped = trainer.wait_for("stopped")
    assert (stopped.step, [event.event for event in stopped.events]) == (0, ["diverged"])
    assert (running.checkpoints.list_steps(), running.history.read_steps()) == ([0], [])
    assert running.read_status().state == "stopped"


def test_a_command_that_waits_for_a_rollback_does_not_block_the_others(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.pause()
    healthy = script.gan.get_state

    def get_state() -> dict[str, np.ndarray]:
        return healthy() | ({"w": np.array([np.nan])} if script.gan.step else {})

    script.gan.get_state = get_state  # type: ignore[method-assign]
    script.advance()
    trainer.wait_for("paused")
    trainer.change_settings(running, {"generator_learning_rate": 0.25})
    trainer.roll_back(running, 0)
    trainer.wait_until(
        lambda snapshot: [event.event for event in snapshot.events] == ["rolled_back"]
    )
    trainer.end_pause()
    script.advance()
    changed = trainer.wait_until(lambda snapshot: len(snapshot.events) == 2)
    assert changed.events[1].event == "changed"
    assert running.config.generator_learning_rate == 0.25


def refuse_to_write(*arguments: object) -> NoReturn:
    raise DiskWriteError("cannot write: no space left on device; free some space.")


class Disk:
    """A disk that takes reports while it is not full."""

    is_full = False


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Return the disk of all runs."""
    found, write = Disk(), Run.write

    def write_where_there_is_room(run: Run, report: AnyReport) -> None:
        refuse_to_write() if found.is_full else write(run, report)

    monkeypatch.setattr(Run, "write", write_where_there_is_room)
    return found


def test_a_full_disk_pauses_training_until_it_is_resumed(
    trainer: WatchedTrainer, script: Script, running: Run, disk: Disk
) -> None:
    disk.is_full = True
    script.advance()
    waiting = trainer.wait_for("paused")
    assert (
        "no space left on device; free some space. Training waits until you resume it"
        in waiting.message
    )
    assert running.lock.is_held()
    trainer.end_pause()  # The disk is still full.
    # Three changes: training goes on, the message is removed, and the disk refuses again.
    trainer.wait_until(lambda snapshot: snapshot.version == waiting.version + 3)
    assert trainer.snapshot().phase == "paused"
    disk.is_full = False
    trainer.end_pause()
    script.advance()
    done = trainer.wait_for_step(30)
    assert (done.phase, done.message) == ("running", "")
    assert [report.step for report in running.history.read_steps()] == [10, 20, 30]


def test_a_full_disk_refuses_commands_and_a_stop_saves_if_it_can(
    trainer: WatchedTrainer, script: Script, running: Run, disk: Disk
) -> None:
    disk.is_full = True
    script.advance()
    trainer.wait_for("paused")
    trainer.roll_back(running, 0)
    assert not trainer.change_settings(running, {"generator_learning_rate": 0.25})
    assert "Nothing can be changed until that is solved" in trainer.snapshot().message
    disk.is_full = False
    trainer.stop()
    stopped = trainer.wait_for("stopped")
    assert (stopped.message, stopped.events) == ("", ())
    assert running.checkpoints.list_steps() == [0, 20]
    assert running.config.generator_learning_rate != 0.25


@pytest.mark.parametrize("is_pausing", [True, False])
def test_a_stop_ends_the_wait_for_a_full_disk_and_reports_the_failure(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    monkeypatch: pytest.MonkeyPatch,
    is_pausing: bool,
) -> None:
    monkeypatch.setattr(Run, "save_checkpoint" if is_pausing else "write", refuse_to_write)
    if is_pausing:
        trainer.pause()
    script.advance()
    trainer.wait_until(lambda snapshot: snapshot.phase == "paused" and bool(snapshot.message))
    trainer.stop()
    assert "no space left" in trainer.wait_for("failed").message
    assert not running.lock.is_held()
