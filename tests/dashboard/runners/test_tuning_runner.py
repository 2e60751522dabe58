"""The runs of a tuning train one after the other, and then the run from before is shown again."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from pathlib import Path

import pytest

from dashboard.snapshots.snapshot import Phase, Snapshot
from dashboard.state.tuning_commands import start_tuning
from dashboard.tuning.tuning_progress import measure_progress
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.diagnosis.verdict import Verdict
from dcgan.errors import ConfigError, DiskWriteError, DivergenceError
from dcgan.model.gan import DCGAN
from dcgan.recording import recorder
from dcgan.recording.start import start_run
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run
from dcgan.tuning import opening
from dcgan.tuning.tuning import Round, Tuning
from dcgan.tuning.tuning_files import find_folder, list_tunings, read_tuning, write_tuning
from tests.dashboard.state.scripted_training import TIMEOUT, Script, WatchedTrainer
from tests.tunings import carry_out, plan, run_next

pytestmark = pytest.mark.usefixtures("no_included_run")

MINUTES = 1.0  # Enough for the default and one change.


class FakeTuner:
    """Replaces a `Tuner`: its runs follow the script, and their distance is the R1 penalty."""

    error: Exception | None = None

    def __init__(
        self, folder: Path, base: TrainingConfig, minutes: float, *, replaces_finished: bool
    ) -> None:
        if isinstance(self.error, ConfigError):
            raise self.error
        self.folder = folder
        tuning = read_tuning(folder)
        if tuning is None or (replaces_finished and tuning.is_finished):
            tuning = plan(minutes, base)
        self.tuning = tuning
        write_tuning(folder, self.tuning)

    def prepare_run(self, index: int) -> tuple[Run, DCGAN, ImageDataset]:
        config = self.tuning.candidates[index].config
        number = next(n for n in itertools.count() if not (self.folder / f"run-{n}").exists())
        return start_run(config, path=self.folder / f"run-{number}")

    def train_run(
        self, index: int, run: Run, gan: DCGAN, dataset: ImageDataset, *given: object
    ) -> Generator[AnyReport]:
        yield from recorder.record(run, gan, dataset)
        error = self.error
        if isinstance(error, DivergenceError):
            self.tuning = self.tuning.change_run(index, problem=str(error))
            write_tuning(self.folder, self.tuning)
        if error is not None:
            raise error
        self.tuning = run_next(self.tuning, lambda config, _: 1 / config.r1_penalty)
        write_tuning(self.folder, self.tuning)


@pytest.fixture(autouse=True)
def fake_tuner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tune as the script says."""
    monkeypatch.setattr(opening, "open_tuner", FakeTuner)
    monkeypatch.setattr(FakeTuner, "error", None)


@pytest.fixture
def base(tiny_config: TrainingConfig) -> TrainingConfig:
    """Return the starting settings."""
    return tiny_config.replace(r1_penalty=0.2)


def train_next(trainer: WatchedTrainer, script: Script, index: int) -> None:
    """Wait until a run of the tuning trains, and train one chunk."""

    def has_phase(phase: str, snapshot: Snapshot) -> bool:
        running = trainer.tuning_runner.running
        return running is not None and running.run_index == index and snapshot.phase == phase

    trainer.wait_until(lambda snapshot: has_phase("preparing", snapshot))
    script.advance()
    trainer.wait_until(lambda snapshot: has_phase("running", snapshot))
    script.wait_until_idle()


def wait_until_over(trainer: WatchedTrainer) -> Snapshot:
    """Wait until the tuning has ended."""
    assert trainer.join(TIMEOUT)
    while trainer.is_alive:
        trainer.join(TIMEOUT)
    assert not trainer.tuning_runner.is_busy
    return trainer.snapshot()


def read_newest(trainer: WatchedTrainer) -> Tuning:
    """Read the newest tuning."""
    tuning = read_tuning(list_tunings(trainer.root)[0])
    assert tuning is not None
    return tuning


def test_all_runs_train_one_after_the_other_and_then_nothing_is_shown(
    trainer: WatchedTrainer, script: Script, base: TrainingConfig
) -> None:
    assert start_tuning(trainer, base, MINUTES)
    assert not start_tuning(trainer, base, MINUTES)  # From a second tab.
    train_next(trainer, script, 0)
    running = trainer.tuning_runner.running
    assert running is not None
    assert running.describe() == "A tuning is running (round 1, run 1 of 2)."
    script.finish()
    train_next(trainer, script, 1)
    script.finish()
    trainer.wait_for("idle")
    assert wait_until_over(trainer).run is None
    assert read_newest(trainer).is_finished


def test_no_remedy_is_tried_on_a_run_of_a_tuning(
    trainer: WatchedTrainer, script: Script, base: TrainingConfig
) -> None:
    start_tuning(trainer, base, MINUTES)
    train_next(trainer, script, 0)
    run = trainer.snapshot().run
    assert run is not None
    assert not trainer.try_remedies(run, Verdict("learning", "It learns.", (), "", ()))
    assert not trainer.trial_runner.is_busy


def test_the_run_from_before_is_shown_again(
    trainer: WatchedTrainer, script: Script, running: Run, base: TrainingConfig
) -> None:
    assert not start_tuning(trainer, base, MINUTES)  # It trains.
    script.finish()
    trainer.wait_for("finished")
    assert trainer.join(TIMEOUT)
    assert start_tuning(trainer, base, MINUTES)
    for index in (0, 1):
        train_next(trainer, script, index)
        script.finish()

    def is_shown_again(snapshot: Snapshot) -> bool:
        return snapshot.run is not None and snapshot.run.path == running.path

    trainer.wait_until(is_shown_again)
    assert wait_until_over(trainer).phase == "finished"


def test_a_stop_ends_the_tuning_which_can_be_continued(
    trainer: WatchedTrainer, script: Script, base: TrainingConfig
) -> None:
    start_tuning(trainer, base, MINUTES)
    train_next(trainer, script, 0)
    script.finish()
    train_next(trainer, script, 1)
    trainer.stop()
    script.advance()
    trainer.wait_for("idle")
    wait_until_over(trainer)
    assert read_newest(trainer).find_pending_run() == 1
    assert start_tuning(trainer, base, MINUTES)
    train_next(trainer, script, 1)
    script.finish()
    trainer.wait_for("idle")
    wait_until_over(trainer)
    assert read_newest(trainer).is_finished
    # The same button tunes again.
    assert start_tuning(trainer, base, MINUTES)
    train_next(trainer, script, 0)


@pytest.mark.parametrize("error", [DiskWriteError("The disk is full."), ConfigError("Too short.")])
def test_an_error_that_would_come_again_ends_the_tuning_with_the_reason(
    trainer: WatchedTrainer,
    script: Script,
    base: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    monkeypatch.setattr(FakeTuner, "error", error)
    start_tuning(trainer, base, MINUTES)
    if isinstance(error, DiskWriteError):
        train_next(trainer, script, 0)
        script.finish()
    trainer.wait_for("idle")
    wait_until_over(trainer)
    assert trainer.tuning_runner.problem == str(error)
    # Its lock is free.
    monkeypatch.setattr(FakeTuner, "error", None)
    assert start_tuning(trainer, base, MINUTES)
    assert trainer.tuning_runner.problem == ""
    train_next(trainer, script, 0)


def test_a_run_that_fails_is_followed_by_the_next(
    trainer: WatchedTrainer,
    script: Script,
    base: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FakeTuner, "error", DivergenceError("It diverged."))
    start_tuning(trainer, base, MINUTES)
    train_next(trainer, script, 0)
    script.finish()
    train_next(trainer, script, 1)
    assert trainer.tuning_runner.problem == ""
    assert read_newest(trainer).runs[0].problem == "It diverged."


def test_between_two_rounds_the_progress_is_that_of_the_last_run(
    trainer: WatchedTrainer,
    script: Script,
    base: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts: list[str] = []
    train_run = FakeTuner.train_run

    def train_and_plan(
        tuner: FakeTuner, index: int, run: Run, gan: DCGAN, dataset: ImageDataset, *given: object
    ) -> Generator[AnyReport]:
        yield from train_run(tuner, index, run, gan, dataset, *given)
        # A round without the run that has just ended.
        rounds = (*tuner.tuning.rounds, Round(seconds=60.0, runs=(1,)))
        tuner.tuning = tuner.tuning.model_copy(update={"rounds": rounds})
        running = trainer.tuning_runner.running
        assert running is not None
        texts.append(running.describe())
        texts.append(measure_progress(running, trainer.snapshot()).text)

    monkeypatch.setattr(FakeTuner, "train_run", train_and_plan)
    start_tuning(trainer, base, MINUTES)
    train_next(trainer, script, 0)
    script.finish()
    train_next(trainer, script, 1)
    assert texts == [
        "A tuning is running (round 1, run 1 of 2).",
        "Round 1 of 1, run 1 of 2: Starting settings",
    ]


def test_a_tuning_that_a_page_starts_as_a_run_ends_is_not_taken_for_an_ended_one(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    base: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runner = trainer.tuning_runner
    start_next, is_first = runner.start_next, iter((True,))

    def start(ending: Phase, *, is_own: bool, must_stop: bool) -> bool:
        if next(is_first, False):  # The thread has set the phase to ended, and has not ended yet.
            assert start_tuning(trainer, base, MINUTES)
        return start_next(ending, is_own=is_own, must_stop=must_stop)

    monkeypatch.setattr(runner, "start_next", start)
    script.finish()
    for index in (0, 1):
        train_next(trainer, script, index)
        script.finish()
    trainer.wait_for("finished")
    wait_until_over(trainer)
    assert read_newest(trainer).is_finished


def test_a_finished_tuning_stays_until_another_one_is_planned(
    trainer: WatchedTrainer, base: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = carry_out(plan(MINUTES, base), lambda config, _: 1 / config.r1_penalty)
    folder = find_folder(trainer.root, base, MINUTES)
    write_tuning(folder, finished)
    monkeypatch.setattr(FakeTuner, "error", ConfigError("The pictures have moved."))
    assert start_tuning(trainer, base, MINUTES)
    trainer.wait_for("idle")
    wait_until_over(trainer)
    assert read_tuning(folder) == finished


def test_a_tuning_that_another_process_has_just_finished_stays(
    trainer: WatchedTrainer, base: TrainingConfig
) -> None:
    finished = carry_out(plan(MINUTES, base), lambda config, _: 1 / config.r1_penalty)
    folder = find_folder(trainer.root, base, MINUTES)
    write_tuning(folder, finished)
    start = trainer.tuning_runner.start
    assert start(folder, base, MINUTES, None, replaces_finished=False)
    trainer.wait_for("idle")
    wait_until_over(trainer)
    assert trainer.tuning_runner.problem == ""
    assert read_tuning(folder) == finished
