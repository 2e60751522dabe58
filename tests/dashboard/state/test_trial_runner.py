"""Trials of remedies train one after the other, and then the run is shown again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from dashboard.state import live_snapshot
from dashboard.state.snapshot import Phase, Snapshot
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.diagnosis.actions import STOP, Action
from dcgan.diagnosis.verdict import Verdict
from dcgan.errors import DiskWriteError, DivergenceError
from dcgan.recording import recorder
from dcgan.runs import lock as lock_module
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from dcgan.trials import trial as trial_module
from dcgan.trials.records import Figure, Measurement, locking_trials, read_record
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    FakeGAN,
    Gate,
    Script,
    WatchedTrainer,
)

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
    def is_shown(now: Snapshot) -> bool:
        is_its = now.run is not None and now.run.path == run.path
        return is_its and not now.is_active and not trainer.trial_runner.is_busy

    trainer.wait_until(is_shown)
    assert trainer.join(TIMEOUT)


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


def test_a_run_that_another_process_tries_is_not_tried(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "_RETRY_SECONDS", 0.0)
    with locking_trials(running):
        trainer.try_remedies(running, VERDICT)
        script.advance()
        is_shown_again(trainer, running)
        assert "The record of the remedies of" in trainer.snapshot().message
    assert trainer.try_remedies(running, VERDICT)
    finish_trials(trainer, script, iter((0, 1, 2)))
    is_shown_again(trainer, running)
    with locking_trials(running):  # It is free again.
        assert read_record(running, 20).open_numbers == ()


def call_first(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, first: Callable[..., object]
) -> None:
    """Call something before each call of a function."""
    original = getattr(owner, name)

    def call(*arguments: object, **named: object) -> object:
        first(*arguments)
        return original(*arguments, **named)

    monkeypatch.setattr(owner, name, call)


@pytest.mark.parametrize("moment", ["measure", "prepare_trial"])
def test_a_stop_while_a_trial_is_measured_or_fails_to_begin_ends_the_try(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    moment: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_measured, num_stops = moment == "measure", iter(range(9))

    def stop(*_: object) -> None:
        if trainer.snapshot().step > 20 or not is_measured:  # Not the state before all trials.
            assert next(num_stops) == 0
            trainer.stop()
            if not is_measured:
                raise DivergenceError("It cannot begin.")

    call_first(monkeypatch, trial_module, moment, stop)
    trainer.try_remedies(running, VERDICT)
    script.advance()
    if is_measured:
        finish_trials(trainer, script, iter((0,)))
    is_shown_again(trainer, running)
    assert next(num_stops) == 1
    record = read_record(running, 20)
    assert record.open_numbers == ((1, 2) if is_measured else (0, 1, 2))
    assert all(not trial.branch for trial in record.trials)


def test_a_run_that_starts_before_the_tried_run_is_shown_stays_shown_and_can_be_stopped(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainer.try_remedies(running, VERDICT)
    script.advance()
    branch = wait_for_trial(trainer, script, 0)
    gate = Gate()
    call_first(monkeypatch, live_snapshot, "read_newest_sample", gate)
    trainer.stop(branch)
    script.advance()
    gate.wait_until_reached()
    shows = trainer._thread._thread
    assert shows is not None
    assert trainer.start(tiny_config.replace(seed=5))
    gate.open()
    shows.join(TIMEOUT)
    script.advance()
    new = trainer.wait_for("running")
    assert new.config is not None
    assert new.config.seed == 5
    trainer.stop(new.run)
    script.advance()
    assert trainer.wait_for("stopped").run is new.run


def test_a_try_that_a_page_starts_as_the_run_ends_is_not_taken_for_a_trial_that_ended(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = trainer.trial_runner
    start_next, is_first = runner.start_next, iter((True,))

    def start(ending: Phase, *, is_trial: bool, must_stop: bool) -> bool:
        if next(is_first, False):  # The thread has changed the phase and goes no further yet.
            assert trainer.try_remedies(running, VERDICT)
        return start_next(ending, is_trial=is_trial, must_stop=must_stop)

    monkeypatch.setattr(runner, "start_next", start)
    script.finish()
    finish_trials(trainer, script, iter((0, 1, 2)))
    is_shown_again(trainer, running)
    assert read_record(running, 10).open_numbers == ()


def test_a_run_that_starts_in_another_tab_is_not_stopped_by_a_request(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script.finish()
    trainer.wait_for("finished")
    assert trainer.join(TIMEOUT)
    lock = trainer._thread.live.lock

    def start_if_possible() -> None:
        if lock.acquire(blocking=False):
            lock.release()
            trainer.start(tiny_config)

    def use_another_tab(*_: object) -> None:
        tab = threading.Thread(target=start_if_possible)
        tab.start()
        tab.join(TIMEOUT)

    # The other tab comes between the check and the request, and would have to wait.
    call_first(monkeypatch, trainer.trial_runner, "request", use_another_tab)
    assert trainer.try_remedies(running, VERDICT)
    assert trainer.trial_runner.trying is not None
    finish_trials(trainer, script, iter((0, 1, 2)))
    is_shown_again(trainer, running)
