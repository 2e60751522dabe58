"""Queued runs begin one after the other."""

from __future__ import annotations

import threading

import pytest

from dashboard.process import tf_runtime
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import read_queue
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    UNEXPECTED,
    Gate,
    Script,
    WatchedTrainer,
    stop_training,
    wait_for_seed,
)

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_queued_runs_start_when_the_previous_one_has_ended(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.queue_runner.add_configs([tiny_config.replace(seed=seed) for seed in (5, 6)])
    script.finish()
    for seed in (5, 6):
        script.advance()
        assert wait_for_seed(trainer, seed).config.seed == seed
        script.finish()
    trainer.wait_until(lambda snapshot: snapshot.phase == "finished" and snapshot.step == 10)
    assert trainer.join(TIMEOUT)
    assert [run.config.seed for run in reversed(list_runs(trainer.root)[0])] == [0, 5, 6]
    assert trainer.queue_runner.list_waiting() == []
    assert trainer.queue_runner.list_problems() == []


def test_a_stop_holds_the_queue(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.queue_runner.add_configs([tiny_config.replace(seed=5)])
    stop_training(trainer, script)
    assert not trainer.queue_runner.is_released
    assert len(trainer.queue_runner.list_waiting()) == 1
    trainer.queue_runner.release()
    script.advance()
    wait_for_seed(trainer, 5)


def test_commands_for_an_ended_run_do_not_affect_the_next_one(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.queue_runner.add_configs([tiny_config.replace(seed=5)])
    script.finish()
    script.advance()
    wait_for_seed(trainer, 5)
    for command in (trainer.pause, trainer.end_pause, trainer.stop):
        command(running)
    assert trainer.snapshot().phase == "running"
    assert trainer.queue_runner.is_released


def test_commands_for_an_ended_run_do_not_affect_the_preparation_of_the_next_one(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()
    monkeypatch.setattr(tf_runtime, "prepare", gate)
    trainer.queue_runner.add_configs([tiny_config.replace(seed=5)])
    script.finish()
    trainer.wait_for("preparing")
    for command in (trainer.pause, trainer.end_pause, trainer.stop):
        command(running)
    phase, is_released = trainer.snapshot().phase, trainer.queue_runner.is_released
    gate.open()
    script.advance()
    assert (phase, is_released) == ("preparing", True)
    wait_for_seed(trainer, 5)


def test_a_run_that_cannot_start_gives_a_problem_and_the_next_one_starts(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    too_large = tiny_config.replace(batch_size=4096)  # There are 200 pictures.
    trainer.queue_runner.add_configs([too_large, tiny_config.replace(seed=6)])
    script.finish()
    script.advance()
    wait_for_seed(trainer, 6)
    assert trainer.queue_runner.list_waiting() == []
    (problem,) = trainer.queue_runner.list_problems()
    assert problem.startswith(
        "A run of the queue could not start. Seed 0, mnist: batch_size: got 4096; the data set has "
        "200 pictures"
    )


def test_an_unexpected_error_holds_the_queue(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    tiny_config: TrainingConfig,
    thread_errors: list[type[BaseException]],
) -> None:
    trainer.queue_runner.add_configs([tiny_config.replace(seed=5)])
    script.fail(ZeroDivisionError())
    trainer.wait_for("failed")
    assert trainer.join(TIMEOUT)
    assert thread_errors == [ZeroDivisionError]
    waiting = trainer.queue_runner.list_waiting()
    problems = trainer.queue_runner.list_problems()
    assert (len(waiting), problems) == (1, [UNEXPECTED])
    assert not trainer.queue_runner.is_released


@pytest.mark.parametrize("is_shutdown", [False, True])
def test_a_run_stopped_before_it_has_a_folder_stays_in_the_queue_only_for_a_restart(
    trainer: WatchedTrainer,
    script: Script,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
    is_shutdown: bool,
) -> None:
    gate = Gate()
    monkeypatch.setattr(tf_runtime, "prepare", gate)  # TensorFlow's import takes seconds.
    trainer.queue_runner.add_configs([tiny_config.replace(seed=seed) for seed in (5, 6)])
    gate.wait_until_reached()
    stopping = threading.Thread(target=trainer.shut_down if is_shutdown else trainer.stop)
    stopping.start()
    trainer.wait_for("stopping")
    gate.open()
    trainer.wait_for("stopped")
    stopping.join(TIMEOUT)
    assert trainer.join(TIMEOUT)
    assert [queued.config.seed for queued in read_queue(trainer.root)] == [5, 6][not is_shutdown :]
    assert list_runs(trainer.root) == ([], [])
