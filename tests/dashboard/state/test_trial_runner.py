"""Trials of remedies train one after the other, and then the run is shown again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.diagnosis.actions import STOP, Action
from dcgan.diagnosis.verdict import Verdict
from dcgan.errors import DiskWriteError, DivergenceError
from dcgan.recording import recorder
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from dcgan.trials import trial as trial_module
from dcgan.trials.records import Figure, Measurement, read_record
from tests.dashboard.state.scripted_training import TIMEOUT, FakeGAN, Script, WatchedTrainer

pytestmark = pytest.mark.usefixtures("no_shipped_run")

CHANGE = Action("lower_generator_rate", {"generator_learning_rate": 0.0005})
VERDICT = Verdict("generator_winning", "G is winning.", (), "", (CHANGE, STOP))


@pytest.fixture(autouse=True)
def quick_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the step as the distance."""

    def measure(
        gan: FakeGAN, config: TrainingConfig, dataset: ImageDataset
    ) -> tuple[Measurement, dict[str, float]]:
        figure = Figure(value=gan.step, low=gan.step, high=gan.step)
        return Measurement(step=gan.step, figures={"frechet_distance": figure}, png=b""), {}

    monkeypatch.setattr(trial_module, "measure", measure)


def wait_for_trial(trainer: WatchedTrainer, script: Script, number: int) -> Run:
    """Wait until a trial trains, and return its branch."""

    def trains(_: object) -> bool:
        trying = trainer.trial_runner.trying
        return trying is not None and trying.number == number

    trainer.wait_until(lambda now: trains(now) and now.phase == "preparing")
    script.advance()
    branch = trainer.wait_until(lambda now: trains(now) and now.phase == "running").run
    assert branch is not None
    return branch


def finish_trials(trainer: WatchedTrainer, script: Script, numbers: Iterator[int]) -> None:
    for number in numbers:
        wait_for_trial(trainer, script, number)
        script.finish()


def is_shown_again(trainer: WatchedTrainer, run: Run) -> None:
    trainer.wait_until(
        lambda now: not now.is_active and now.run is not None and now.run.path == run.path
    )
    assert trainer.join(TIMEOUT)
    assert not trainer.trial_runner.is_busy


def test_a_run_in_training_is_saved_and_its_remedies_are_tried(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.queue_runner.add([tiny_config.replace(seed=5)])
    assert trainer.try_remedies(running, VERDICT)
    assert not trainer.try_remedies(running, VERDICT)  # From a second tab.
    script.advance()
    branch = wait_for_trial(trainer, script, 0)
    assert branch.parent == running.name
    assert trainer.snapshot().is_active
    script.finish()
    finish_trials(trainer, script, iter((1, 2)))
    is_shown_again(trainer, running)
    assert trainer.snapshot().phase == "stopped"
    record = read_record(running, 20)
    assert [trial.num_steps for trial in record.trials] == [10, 10, 10]
    assert record.trials[1].changes == {"generator_learning_rate": 0.0005}
    # A person chooses how to continue before a queued run starts.
    assert not trainer.queue_runner.is_released
    assert [run.name for run in list_runs(trainer.root)[0]] == [running.name]


def test_a_stop_ends_the_try_and_the_rest_can_be_tried_later(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.try_remedies(running, VERDICT)
    script.advance()
    finish_trials(trainer, script, iter((0,)))
    branch = wait_for_trial(trainer, script, 1)
    trainer.stop(branch)
    script.advance()
    is_shown_again(trainer, running)
    record = read_record(running, 20)
    assert record.open_numbers == (1, 2)
    assert trainer.try_rest(running, record.step)
    finish_trials(trainer, script, iter((1, 2)))
    is_shown_again(trainer, running)
    assert read_record(running, 20).open_numbers == ()
    assert not trainer.try_rest(running, record.step)


def test_a_trial_that_fails_has_its_reason_and_the_next_one_is_trained(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "MAX_ROLLBACKS", 0)
    trainer.try_remedies(running, VERDICT)
    script.advance()
    finish_trials(trainer, script, iter((0,)))
    wait_for_trial(trainer, script, 1)
    script.fail(DivergenceError("It diverged."))
    finish_trials(trainer, script, iter((2,)))
    is_shown_again(trainer, running)
    first, second, third = read_record(running, 20).trials
    assert first.result is not None
    assert (second.result, second.branch) == (None, "")
    assert second.problem.startswith("It diverged.")
    assert third.result is not None


def test_a_full_disk_ends_the_try_with_its_message(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DiskWriteError("cannot write: the disk is full.")

    trainer.try_remedies(running, VERDICT)
    monkeypatch.setattr(trial_module, "write_record", refuse)
    script.advance()
    is_shown_again(trainer, running)
    assert trainer.snapshot().message == "cannot write: the disk is full."


def test_another_run_in_training_prevents_a_try(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")
    assert trainer.join(TIMEOUT)
    assert trainer.start(tiny_config.replace(seed=5))
    script.advance()
    trainer.wait_for("running")
    assert not trainer.try_remedies(running, VERDICT)
    assert not trainer.trial_runner.is_busy
    assert trainer.snapshot().phase == "running"


def test_a_stop_before_the_first_trial_cancels_the_try(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.try_remedies(running, VERDICT)
    trainer.stop(running)
    script.advance()
    trainer.wait_for("stopped")
    assert trainer.join(TIMEOUT)
    assert not trainer.trial_runner.is_busy
