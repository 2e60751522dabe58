"""Trials of remedies train one after the other, and then the run is shown again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from dashboard.snapshots import live_snapshot
from dashboard.snapshots.snapshot import Phase, Snapshot
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.diagnosis.actions import STOP, Action
from dcgan.diagnosis.verdict import Verdict
from dcgan.errors import DiskWriteError, DivergenceError
from dcgan.locking import lock as lock_module
from dcgan.recording import recorder
from dcgan.remedies import trials
from dcgan.remedies.study import Measurement, SeedRange
from dcgan.remedies.study_files import hold_study_lock, read_study
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    Gate,
    Script,
    WatchedTrainer,
    stop_training,
)
from tests.fake_training import FakeGAN

pytestmark = pytest.mark.usefixtures("no_included_run")

CHANGE = Action("lower_generator_rate", {"generator_learning_rate": 0.0005})
VERDICT = Verdict("generator_winning", "G is winning.", (), "", (CHANGE, STOP))


@pytest.fixture(autouse=True)
def quick_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the step as the distance."""

    def measure(
        gan: FakeGAN, config: TrainingConfig, dataset: ImageDataset
    ) -> tuple[Measurement, dict[str, float]]:
        figure = SeedRange(mean=gan.step, low=gan.step, high=gan.step)
        return Measurement(step=gan.step, metrics={"frechet_distance": figure}, png=b""), {}

    monkeypatch.setattr(trials, "measure_generator", measure)


def wait_for_trial(trainer: WatchedTrainer, script: Script, index: int) -> Run:
    """Wait until a trial trains, and return its run."""

    def wait_for_phase(phase: Phase) -> Run | None:
        def is_reached(snapshot: Snapshot) -> bool:
            running = trainer.trial_runner.running
            return running is not None and running.index == index and snapshot.phase == phase

        return trainer.wait_until(is_reached).run

    wait_for_phase("preparing")
    script.advance()
    run = wait_for_phase("running")
    assert run is not None
    script.wait_until_idle()
    return run


def finish_trials(trainer: WatchedTrainer, script: Script, indices: Iterator[int]) -> None:
    """Train these trials to their ends, one after the other."""
    for index in indices:
        wait_for_trial(trainer, script, index)
        script.finish()


def wait_until_shown_again(trainer: WatchedTrainer, run: Run) -> None:
    """Wait until the trials have ended and the studied run is shown again."""

    def is_shown(snapshot: Snapshot) -> bool:
        is_this_run = snapshot.run is not None and snapshot.run.path == run.path
        return is_this_run and not snapshot.is_active and not trainer.trial_runner.is_busy

    trainer.wait_until(is_shown)
    assert trainer.join(TIMEOUT)


def test_a_run_in_training_is_saved_and_its_remedies_are_tried(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.queue_runner.add_configs([tiny_config.replace(seed=5)])
    assert trainer.try_remedies(running, VERDICT)
    assert not trainer.try_remedies(running, VERDICT)  # From a second tab.
    script.advance()
    trial_run = wait_for_trial(trainer, script, 0)
    assert trial_run.parent == running.name
    assert trainer.snapshot().is_active
    script.finish()
    finish_trials(trainer, script, iter((1, 2)))
    wait_until_shown_again(trainer, running)
    assert trainer.snapshot().phase == "stopped"
    study = read_study(running, 20)
    assert [trial.num_steps for trial in study.trials] == [10, 10, 10]
    assert study.trials[1].changes == {"generator_learning_rate": 0.0005}
    # A person chooses how to continue before a queued run starts.
    assert not trainer.queue_runner.is_released
    assert [run.name for run in list_runs(trainer.root)[0]] == [running.name]


def test_a_stop_ends_the_trials_and_the_pending_ones_can_be_tried_later(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.try_remedies(running, VERDICT)
    script.advance()
    finish_trials(trainer, script, iter((0,)))
    trial_run = wait_for_trial(trainer, script, 1)
    trainer.stop(trial_run)
    script.advance()
    wait_until_shown_again(trainer, running)
    study = read_study(running, 20)
    assert study.pending_indices == (1, 2)
    assert trainer.try_pending_remedies(running, study.step)
    finish_trials(trainer, script, iter((1, 2)))
    wait_until_shown_again(trainer, running)
    assert read_study(running, 20).pending_indices == ()
    assert not trainer.try_pending_remedies(running, study.step)


def test_no_run_starts_between_the_check_and_the_start_of_pending_trials(
    trainer: WatchedTrainer, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    could_start: list[bool] = []

    def request_pending(run: Run, step: int) -> bool:
        def try_to_start() -> None:
            could_start.append(trainer.live.lock.acquire(blocking=False))

        other_tab = threading.Thread(target=try_to_start)
        other_tab.start()
        other_tab.join()
        return False

    monkeypatch.setattr(trainer.trial_runner, "request_pending", request_pending)
    monkeypatch.setattr(trainer, "snapshot", Snapshot)
    assert not trainer.try_pending_remedies(running, 20)
    assert could_start == [False]


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
    wait_until_shown_again(trainer, running)
    first, second, third = read_study(running, 20).trials
    assert first.result is not None
    assert (second.result, second.folder) == (None, "")
    assert second.problem.startswith("It diverged.")
    assert third.result is not None


def test_a_full_disk_ends_the_trials_with_its_message(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DiskWriteError("cannot write: the disk is full.")

    trainer.try_remedies(running, VERDICT)
    monkeypatch.setattr(trials, "write_study", refuse)
    script.advance()
    wait_until_shown_again(trainer, running)
    assert trainer.snapshot().message == "cannot write: the disk is full."


def test_another_run_in_training_prevents_trials(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    stop_training(trainer, script)
    assert trainer.start(tiny_config.replace(seed=5))
    script.advance()
    trainer.wait_for("running")
    assert not trainer.try_remedies(running, VERDICT)
    assert not trainer.trial_runner.is_busy
    assert trainer.snapshot().phase == "running"


def test_a_stop_before_the_first_trial_cancels_the_request(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.try_remedies(running, VERDICT)
    stop_training(trainer, script)
    assert not trainer.trial_runner.is_busy


def test_a_run_that_another_process_tries_is_not_tried(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "_RETRY_SECONDS", 0.0)
    with hold_study_lock(running):
        trainer.try_remedies(running, VERDICT)
        script.advance()
        wait_until_shown_again(trainer, running)
        assert "The folder of tried remedies of" in trainer.snapshot().message
    assert trainer.try_remedies(running, VERDICT)
    finish_trials(trainer, script, iter((0, 1, 2)))
    wait_until_shown_again(trainer, running)
    with hold_study_lock(running):  # The lock is free again.
        assert read_study(running, 20).pending_indices == ()


def call_before(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, first: Callable[..., object]
) -> None:
    """Make each call of a function of `owner` call `first` before it."""
    original = getattr(owner, name)

    def call(*arguments: object, **named: object) -> object:
        first(*arguments)
        return original(*arguments, **named)

    monkeypatch.setattr(owner, name, call)


@pytest.mark.parametrize("moment", ["measure_generator", "prepare_trial"])
def test_a_stop_while_a_trial_is_measured_or_fails_to_begin_ends_the_trials(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    moment: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_measured, num_stops = moment == "measure_generator", iter(range(9))

    def stop(*_: object) -> None:
        if trainer.snapshot().step > 20 or not is_measured:  # Not the state before all trials.
            assert next(num_stops) == 0
            trainer.stop()
            if not is_measured:
                raise DivergenceError("It cannot begin.")

    call_before(monkeypatch, trials, moment, stop)
    trainer.try_remedies(running, VERDICT)
    script.advance()
    if is_measured:
        finish_trials(trainer, script, iter((0,)))
    wait_until_shown_again(trainer, running)
    assert next(num_stops) == 1
    study = read_study(running, 20)
    assert study.pending_indices == ((1, 2) if is_measured else (0, 1, 2))
    assert all(not trial.folder for trial in study.trials)


def test_a_run_that_starts_before_the_studied_run_is_shown_stays_shown_and_can_be_stopped(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainer.try_remedies(running, VERDICT)
    script.advance()
    trial_run = wait_for_trial(trainer, script, 0)
    gate = Gate()
    call_before(monkeypatch, live_snapshot, "read_newest_sample", gate)
    trainer.stop(trial_run)
    script.advance()
    gate.wait_until_reached()
    (showing_thread,) = (each for each in threading.enumerate() if each.name == "trainer")
    assert trainer.start(tiny_config.replace(seed=5))
    gate.open()
    showing_thread.join(TIMEOUT)
    script.advance()
    new = trainer.wait_for("running")
    assert new.config is not None
    assert new.config.seed == 5
    trainer.stop(new.run)
    script.advance()
    assert trainer.wait_for("stopped").run is new.run


def test_trials_that_a_page_starts_as_the_run_ends_are_not_taken_for_ended_ones(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = trainer.trial_runner
    start_next, is_first = runner.start_next, iter((True,))

    def start(ending: Phase, *, is_own: bool, must_stop: bool) -> bool:
        if next(is_first, False):  # The thread has set the phase to ended, and has not ended yet.
            assert trainer.try_remedies(running, VERDICT)
        return start_next(ending, is_own=is_own, must_stop=must_stop)

    monkeypatch.setattr(runner, "start_next", start)
    script.finish()
    finish_trials(trainer, script, iter((0, 1, 2)))
    wait_until_shown_again(trainer, running)
    assert read_study(running, 10).pending_indices == ()


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
    lock = trainer.live.lock

    def start_if_possible() -> None:
        if lock.acquire(blocking=False):
            lock.release()
            trainer.start(tiny_config)

    def use_another_tab(*_: object) -> None:
        tab = threading.Thread(target=start_if_possible)
        tab.start()
        tab.join(TIMEOUT)

    # The other tab comes between the check and the request, and would have to wait.
    call_before(monkeypatch, trainer.trial_runner, "request", use_another_tab)
    assert trainer.try_remedies(running, VERDICT)
    assert trainer.trial_runner.running is not None
    finish_trials(trainer, script, iter((0, 1, 2)))
    wait_until_shown_again(trainer, running)
