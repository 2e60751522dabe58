"""The detection of a training thread that hangs."""

from __future__ import annotations

import threading

import pytest

from dashboard.state import training_commands
from dashboard.state.trainer import Trainer
from dashboard.state.watchdog import Watchdog
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.run_folder import Run
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    Script,
    WatchedTrainer,
    stop_training,
)

pytestmark = pytest.mark.usefixtures("no_included_run")


def is_hung(trainer: Trainer) -> bool:
    """Return the trainer's property; mypy would expect that a second read gives the same."""
    return trainer.is_hung


def test_training_hangs_when_it_is_silent_for_much_longer_than_before(
    trainer: WatchedTrainer, script: Script, tiny_config: TrainingConfig
) -> None:
    now = [0.0]
    trainer.watchdog.clock = lambda: now[0]
    assert trainer.start(tiny_config)
    script.wait_until_idle()
    now[0] += 10_000  # As long as tracing the largest networks takes.
    assert not is_hung(trainer)
    script.advance()
    trainer.wait_for_step(10)
    script.wait_until_idle()
    assert (trainer.silent_seconds, is_hung(trainer)) == (0, False)
    now[0] += 200_000
    assert not is_hung(trainer)
    now[0] += 1
    assert is_hung(trainer)
    stop_training(trainer, script)
    assert (trainer.silent_seconds, is_hung(trainer)) == (0, False)


@pytest.mark.parametrize(("silent_seconds", "is_hung"), [(600.0, False), (601.0, True)])
def test_a_silence_of_up_to_ten_minutes_is_no_hang(silent_seconds: float, is_hung: bool) -> None:
    now = [0.0]
    watchdog = Watchdog(lambda: now[0])
    watchdog.record_heartbeat(is_step=True)
    now[0] += silent_seconds
    assert watchdog.is_hung == is_hung


def test_a_pause_is_no_hang(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_commands, "_PAUSE_POLL_SECONDS", 0.001)
    record_heartbeat, has_looked = trainer.watchdog.record_heartbeat, threading.Event()

    def look(*, is_step: bool = False) -> None:
        record_heartbeat(is_step=is_step)
        has_looked.set()

    monkeypatch.setattr(trainer.watchdog, "record_heartbeat", look)
    trainer.pause()
    script.advance()
    trainer.wait_for("paused")
    started_at = trainer.watchdog.clock()
    trainer.watchdog.clock = lambda: started_at + 10_000
    for _ in range(2):  # The first look may have read the old clock.
        has_looked.clear()
        assert has_looked.wait(TIMEOUT)
    assert (trainer.silent_seconds, is_hung(trainer)) == (0, False)
    trainer.end_pause()
    trainer.wait_for("running")
