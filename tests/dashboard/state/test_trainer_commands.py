"""Commands to a run in training, and its failures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import (
    ConfigError,
    DatasetError,
    DataUnavailableError,
    DCGANError,
    DivergenceError,
    RunError,
)
from dcgan.model import sampler as sampler_module
from dcgan.recording import start
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    UNEXPECTED,
    FakeSampler,
    Script,
    WatchedTrainer,
)

pytestmark = pytest.mark.usefixtures("no_included_run")


# Changes during training


@pytest.mark.parametrize("is_paused", [True, False])
def test_settings_change_and_training_rolls_back_while_it_runs_or_is_paused(
    trainer: WatchedTrainer, script: Script, running: Run, is_paused: bool
) -> None:
    if is_paused:
        trainer.pause()
        script.advance()
        trainer.wait_for("paused")
    trainer.change_settings(running, {"generator_learning_rate": 0.25})
    if not is_paused:
        script.advance()
    changed = trainer.wait_until(lambda snapshot: len(snapshot.events) == 1)
    assert changed.config is not None
    assert changed.config.generator_learning_rate == script.gan.learning_rates[-1] == 0.25
    assert (changed.events[0].event, changed.events[0].step) == ("changed", 20)

    if not is_paused:
        script.wait_until_idle()
    trainer.roll_back(running, 0)
    if not is_paused:
        script.advance()
    back = trainer.wait_until(lambda snapshot: snapshot.events[-1].event == "rolled_back")
    assert [event.step for event in back.events] == [0]
    assert (back.step, len(back.history)) == (0, 0)
    assert trainer.networks.generate(running, np.ones((1, 4), np.float32)) is not None
    trainer.end_pause()
    script.advance()
    assert trainer.wait_for_step(10).step == 10
    assert running.history.read_steps()[0].step == 10


def test_a_command_that_fails_gives_a_message_and_training_continues(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.roll_back(running, 7)
    script.advance()
    refused = trainer.wait_until(lambda snapshot: bool(snapshot.message))
    assert "has no checkpoint of step 7" in refused.message
    script.advance()
    assert trainer.wait_for_step(30).phase == "running"


def test_a_refusal_stays_when_the_next_command_of_the_same_chunk_succeeds(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    script.advance()
    script.wait_until_idle()
    for step in (7, 7, 8):
        trainer.roll_back(running, step)
    trainer.change_settings(running, {"generator_learning_rate": 0.25})
    script.advance()
    changed = trainer.wait_until(lambda snapshot: len(snapshot.events) == 1)
    assert changed.message.count("has no checkpoint of step 7") == 1
    assert changed.message.count("has no checkpoint of step 8") == 1
    script.advance()
    assert trainer.wait_for_step(30).message == changed.message


def test_a_command_after_the_end_gives_a_message(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    script.advance()
    script.wait_until_idle()
    trainer.roll_back(running, 0)
    script.finish()
    done = trainer.wait_for("finished")
    assert done.message == "The run ended before the last command could be carried out."
    assert done.step == 20


def test_a_command_for_another_run_is_ignored(
    trainer: WatchedTrainer, script: Script, running: Run, tmp_path: Path
) -> None:
    other = Run(tmp_path / "other", running.config, running.dataset, created=running.created)
    trainer.roll_back(other, 0)
    trainer.change_settings(other, {"generator_learning_rate": 0.25})
    script.advance()
    script.advance()
    assert trainer.wait_for_step(30).events == ()  # All commands were read at step 20.


# Errors


@pytest.mark.parametrize(
    "error",
    [
        ConfigError("batch_size: got 2; expected more."),
        RunError("cannot write to there."),
    ],
)
def test_an_expected_error_gives_its_own_message(
    trainer: WatchedTrainer, script: Script, running: Run, error: Exception
) -> None:
    script.fail(error)
    failed = trainer.wait_for("failed")
    assert failed.message == str(error)
    assert failed.run is running
    assert running.read_status().state == "failed"
    assert running.read_status().message == str(error)
    assert not running.lock.is_held()


def test_diverging_training_rolls_back_and_reports_it(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    script.advance()
    script.fail(DivergenceError("training diverged by step 20."))
    back = trainer.wait_until(lambda snapshot: bool(snapshot.events))
    assert (back.phase, back.step, back.events[-1].event) == ("running", 0, "diverged")
    assert back.config is not None
    assert back.config.generator_learning_rate == script.gan.learning_rates[-1] == 1e-3
    script.advance()
    assert trainer.wait_for_step(10).step == 10
    for _ in range(3):
        script.fail(DivergenceError("training diverged by step 20."))
    assert "Training rolled back 3 times before" in trainer.wait_for("failed").message


@pytest.mark.parametrize("error", [ValueError("?"), MemoryError(), KeyboardInterrupt()])
def test_an_unexpected_error_gives_a_general_message_and_is_logged(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    error: BaseException,
    tiny_config: TrainingConfig,
    thread_errors: list[type[BaseException]],
) -> None:
    script.fail(error)
    failed = trainer.wait_for("failed")
    assert failed.message == UNEXPECTED
    assert trainer.join(TIMEOUT)
    assert thread_errors == [type(error)]
    assert not running.lock.is_held()
    assert trainer.start(tiny_config)  # Another run can start.
    script.advance()
    assert trainer.wait_for("running").message == ""


def test_an_error_during_preparation_leaves_no_run(
    trainer: WatchedTrainer,
    script: Script,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> ImageDataset:
        raise DatasetError("there is no file 'there'; give its path.")

    with monkeypatch.context() as patch:
        patch.setattr(start, "load_configured_dataset", refuse)
        trainer.start(tiny_config)
        failed = trainer.wait_for("failed")
    assert failed.message == "dataset: there is no file 'there'; give its path."
    assert failed.run is None
    assert list_runs(trainer.root) == ([], [])
    assert trainer.start(tiny_config)


def test_an_error_between_preparation_and_training_releases_the_lock(
    trainer: WatchedTrainer,
    script: Script,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
    thread_errors: list[type[BaseException]],
) -> None:
    def refuse(config: TrainingConfig) -> FakeSampler:
        raise MemoryError

    prepared: list[Run] = []  # Keeps the run: a garbage-collected one releases its lock.
    start_run = start.start_run

    def start_and_keep(
        config: TrainingConfig, *, root: Path, title: str, make_gan: start.MakeGAN
    ) -> tuple[Run, object, ImageDataset]:
        run, gan, dataset = start_run(config, root=root, title=title, make_gan=make_gan)
        prepared.append(run)
        return run, gan, dataset

    monkeypatch.setattr(start, "start_run", start_and_keep)
    monkeypatch.setattr(sampler_module, "Sampler", refuse)
    trainer.start(tiny_config)
    trainer.wait_for("failed")
    assert trainer.join(TIMEOUT)
    assert thread_errors == [MemoryError]
    assert len(prepared) == 1
    assert not prepared[0].lock.is_held()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DataUnavailableError("Keras could not get it."), "Keras could not get it."),
        (ConfigError("got 64; too many.", setting="batch_size"), "batch_size: got 64; too many."),
    ],
)
def test_the_last_run_is_shown_again_if_another_one_cannot_be_started(
    error: DCGANError,
    reason: str,
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script.finish()
    ended = trainer.wait_for("finished")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(start, "load_configured_dataset", fail)
    assert trainer.start(tiny_config)
    assert trainer.join(TIMEOUT)
    shown = trainer.snapshot()
    assert (shown.phase, shown.message) == ("finished", f"Not started. {reason}")
    assert shown.run == running
    assert shown.history == ended.history
    assert shown.version > ended.version
    assert trainer.num_failures == 1
