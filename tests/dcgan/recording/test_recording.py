"""Training that is written down: nothing is lost on any way out, and a resume is exact."""

from __future__ import annotations

import errno
import io
import math
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO, NoReturn, Protocol, cast

import numpy as np
import pytest

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import (
    ConfigError,
    DatasetError,
    DataUnavailableError,
    DivergenceError,
    RunError,
)
from dcgan.model.gan import DCGAN
from dcgan.recording import recorder, start
from dcgan.recording.changes import change_settings
from dcgan.recording.disk_retry import RetryOnDiskError, never_retry
from dcgan.recording.quickstart import train_dcgan_mnist
from dcgan.recording.recorder import record
from dcgan.recording.rollback import roll_back
from dcgan.recording.saving import save_checkpoint
from dcgan.recording.start import continue_run, start_run
from dcgan.reports import (
    AnyReport,
    EpochReport,
    EvaluationReport,
    EventReport,
    SampleReport,
    StepReport,
)
from dcgan.runs import run_folder
from dcgan.runs.retention import best_checkpoint
from dcgan.runs.run_folder import Run, open_run

pytestmark = pytest.mark.usefixtures("no_shipped_run")


PER_EPOCH = 13  # 200 pictures in batches of 16, the last one filled up.


@pytest.fixture
def config(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> TrainingConfig:
    """Return the tiny settings with the tiny pictures as a file, as a person would give them."""
    np.savez(tmp_path / "spots.npz", images=tiny_dataset.pixels)
    return tiny_config.replace(dataset=str(tmp_path / "spots.npz"), polarity="as_is")


# Fake networks and training, for what goes wrong around them


class FakeGAN:
    """Counts steps, has one weight and remembers its learning rates."""

    def __init__(self) -> None:
        self.step, self.seconds, self.weight = 0, 0.0, 1.0
        self.rates: list[float] = []

    def set_state(self, state: dict[str, np.ndarray]) -> None:
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.weight = float(state["w"][0])

    def change_config(self, config: TrainingConfig) -> None:
        self.rates.append(config.generator_learning_rate)

    def get_state(self) -> dict[str, np.ndarray]:
        return {
            "w": np.array([self.weight]),
            "step": np.array(self.step),
            "seconds": np.array(self.seconds),
        }

    def generate(self, z: np.ndarray) -> np.ndarray:
        return np.zeros((len(z), 28, 28, 1), np.uint8)


Script = Callable[[FakeGAN], Generator[AnyReport]]


def step_report(gan: FakeGAN) -> StepReport:
    gan.step, gan.seconds = gan.step + 1, gan.seconds + 0.5
    return StepReport(gan.step, 1, gan.seconds, 1, 0.5, 0.25, 1, 1, 0.5, 0.5, 1, 1, 1000.0)


def sample_report(gan: FakeGAN) -> SampleReport:
    return SampleReport(gan.step, 1, gan.seconds, np.zeros((6, 28, 28, 1), np.uint8))


class Recorded(Protocol):
    """What the fixture gives."""

    def __call__(
        self, script: Script, retry: RetryOnDiskError = never_retry
    ) -> tuple[Run, FakeGAN, Generator[AnyReport]]:
        """Record a training that follows a script."""


@pytest.fixture
def recorded(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Recorded:
    """Record a training that follows a script."""

    def start(
        script: Script, retry: RetryOnDiskError = never_retry
    ) -> tuple[Run, FakeGAN, Generator[AnyReport]]:
        def follow(
            gan: FakeGAN, dataset: ImageDataset, config: TrainingConfig, *earlier: object
        ) -> Generator[AnyReport]:
            return script(gan)

        monkeypatch.setattr(recorder, "train", follow)
        run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "run")
        gan = FakeGAN()
        return run, gan, record(run, cast("DCGAN", gan), tiny_dataset, retry)

    return start


def five_steps(gan: FakeGAN) -> Generator[AnyReport]:
    yield sample_report(gan)
    for _ in range(5):
        yield step_report(gan)


def test_a_training_that_ends_is_finished_and_saved(recorded: Recorded) -> None:
    run, _, reports = recorded(five_steps)
    assert len(list(reports)) == 6
    assert run.checkpoints.list_steps() == [0, 5]
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 4, 5]
    status = run.read_status()
    assert (status.state, status.step, status.seconds, status.message) == ("finished", 5, 2.5, "")
    assert not run.lock.is_held()


def test_a_report_is_on_disk_before_it_is_passed_on(recorded: Recorded) -> None:
    run, _, reports = recorded(five_steps)
    assert run.checkpoints.list_steps() == []
    next(reports)
    assert run.checkpoints.list_steps() == [0]
    assert run.samples.list_steps() == [0]
    assert run.read_status().state == "running"
    next(reports)
    assert len(run.history.read_steps()) == 1
    reports.close()


def test_closing_saves_and_lets_go(recorded: Recorded) -> None:
    run, _, reports = recorded(five_steps)
    for _ in range(4):
        next(reports)
    reports.close()
    assert (run.read_status().state, run.read_status().step) == ("stopped", 3)
    assert run.checkpoints.list_steps() == [0, 3]
    assert run.samples.list_steps() == [0, 3]  # The digits that it was stopped at are kept.
    assert not run.lock.is_held()


def test_an_interrupted_notebook_is_stopped_and_saved(recorded: Recorded) -> None:
    def interrupted(gan: FakeGAN) -> Generator[AnyReport]:
        yield step_report(gan)
        raise KeyboardInterrupt

    run, _, reports = recorded(interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(reports)
    assert (run.read_status().state, run.read_status().step, run.checkpoints.list_steps()) == (
        "stopped",
        1,
        [0, 1],
    )
    assert not run.lock.is_held()


def diverge(gan: FakeGAN) -> Generator[AnyReport]:
    """Train one healthy step; with the second a loss is none."""
    yield step_report(gan)
    gan.step, gan.weight = gan.step + 1, math.nan
    raise DivergenceError(f"training diverged by step {gan.step}.")


def diverge_unseen(gan: FakeGAN) -> Generator[AnyReport]:
    """Train one step whose losses are numbers, while a weight after its update is none."""
    report = step_report(gan)
    gan.weight = math.nan
    yield report


@pytest.mark.parametrize("script", [diverge, diverge_unseen])
def test_training_that_diverges_goes_back_with_lower_rates_and_gives_up_in_the_end(
    recorded: Recorded, script: Script
) -> None:
    run, gan, reports = recorded(script)
    seen: list[AnyReport] = []
    with pytest.raises(DivergenceError, match="It went back 3 times before, each time with half"):
        seen += reports  # Keeps what came before the error.
    rate = TrainingConfig().generator_learning_rate
    assert gan.rates == [rate / 2, rate / 4, rate / 8]
    assert run.config.discriminator_learning_rate == rate / 8
    assert open_run(run.path).config == run.config
    events = [report for report in seen if isinstance(report, EventReport)]
    assert run.history.read_events() == events
    assert [(event.event, event.step) for event in events] == [("diverged", 0)] * 3
    assert "Back to step 0, with half the learning rates (time 2 of 3 at most)" in events[1].text
    assert "a loss, a gradient or a weight was not a number" in events[1].text
    assert (run.read_status().state, run.checkpoints.list_steps()) == (
        "failed",
        [0],
    )  # Nothing of it was saved.
    assert "It went back 3 times" in run.read_status().message
    assert not run.lock.is_held()


def test_training_that_diverges_once_goes_on_from_the_last_good_checkpoint(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("dcgan.recording.recorder.time.monotonic", lambda: now)
    is_healthy = False

    def once(gan: FakeGAN) -> Generator[AnyReport]:
        nonlocal now, is_healthy
        for _ in range(3):
            yield step_report(gan)
            now += 10.0  # The first checkpoint's time, then none's.
        if not is_healthy:
            is_healthy = True
            gan.step, gan.weight = gan.step + 1, math.nan
            raise DivergenceError("training diverged.")

    run, gan, reports = recorded(once)
    kinds = [(type(report), report.step) for report in reports]
    assert kinds == [
        *((StepReport, step) for step in (1, 2, 3)),
        (EventReport, 2),  # Of step 2 is the checkpoint.
        *((StepReport, step) for step in (3, 4, 5)),
    ]
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 4, 5]
    assert (run.read_status().state, gan.weight) == ("finished", 1.0)


def test_a_stop_on_weights_that_diverged_stops_where_they_had_not(recorded: Recorded) -> None:
    run, gan, reports = recorded(diverge_unseen)
    next(reports)
    reports.close()
    assert (run.read_status().state, run.read_status().step, run.checkpoints.list_steps()) == (
        "stopped",
        0,
        [0],
    )
    assert (gan.step, run.history.read_steps()) == (0, [])
    assert [event.event for event in run.history.read_events()] == ["diverged"]
    assert not run.lock.is_held()


def test_a_stop_after_the_last_setback_never_saves_weights_that_diverged(
    recorded: Recorded,
) -> None:
    times = iter(range(4))

    def diverge(gan: FakeGAN) -> Generator[AnyReport]:
        if next(times) < 3:
            raise DivergenceError("training diverged.")
        yield from diverge_unseen(gan)

    run, _, reports = recorded(diverge)
    assert [type(next(reports)) for _ in range(4)] == [*[EventReport] * 3, StepReport]
    with pytest.raises(DivergenceError, match=r"a weight is no longer a number\. Start a new run"):
        reports.close()
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("failed", [0])
    assert "a weight is no longer a number" in run.read_status().message
    assert not run.lock.is_held()


def test_an_unknown_error_passes_on_and_keeps_what_was_learned(recorded: Recorded) -> None:
    def fail(gan: FakeGAN) -> Generator[AnyReport]:
        yield step_report(gan)
        raise ZeroDivisionError("a bug")

    run, _, reports = recorded(fail)
    with pytest.raises(ZeroDivisionError):
        list(reports)
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("failed", [0, 1])
    assert "an error that is not known; the last checkpoint is good" in run.read_status().message
    assert not run.lock.is_held()


def disk_full(*args: object, **kwargs: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("way_out", ["goes on", "is closed"])
def test_a_disk_that_fills_up_is_told_and_the_last_checkpoint_stays(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, way_out: str
) -> None:
    run, _, reports = recorded(five_steps)
    next(reports)
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", disk_full)
        with pytest.raises(RunError, match="No space left on device; free some space"):
            list(reports) if way_out == "goes on" else reports.close()
    assert not run.lock.is_held()
    assert run.read_status().state == "interrupted"  # Nothing else could be written.
    assert run.checkpoints.list_steps() == [0]
    assert [path.name for path in run.path.rglob("*.tmp")] == []


def test_with_patience_a_full_disk_only_delays(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals: list[str] = []
    with monkeypatch.context() as full:

        def make_room(error: RunError) -> bool:
            refusals.append(str(error))
            if len(refusals) == 3:
                full.undo()
                monkeypatch.setattr(os, "fsync", lambda file: None)
            return True

        run, _, reports = recorded(five_steps, make_room)
        next(reports)
        full.setattr(os, "fsync", disk_full)
        list(reports)
    assert len(refusals) == 3
    assert "No space left on device; free some space" in refusals[0]
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("finished", [0, 5])
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 4, 5]


def test_who_is_told_to_stop_while_the_disk_was_full_saves_if_it_can_by_then(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:

        def make_room_and_stop(error: RunError) -> bool:
            full.undo()
            monkeypatch.setattr(os, "fsync", lambda file: None)
            return False

        run, _, reports = recorded(five_steps, make_room_and_stop)
        next(reports)
        full.setattr(os, "fsync", disk_full)
        list(reports)
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("finished", [0, 5])


def test_a_line_that_the_disk_took_in_part_spoils_no_other(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        def write(self, data: bytes) -> int:  # type: ignore[override]
            return super().write(data[: len(data) // 2])

    full, open_file = pytest.MonkeyPatch(), Path.open

    def open_on_full_disk(path: Path, mode: str, *, buffering: int = -1) -> IO[bytes]:
        return Full(path, "a") if mode == "ab" else open_file(path, mode, buffering)

    def make_room(error: RunError) -> bool:
        full.undo()
        return True

    run, _, reports = recorded(five_steps, make_room)
    next(reports)
    next(reports)
    full.setattr(Path, "open", open_on_full_disk)
    next(reports)
    assert [report.step for report in run.history.read_steps()] == [1, 2]
    assert len((run.path / "history.jsonl").read_bytes().splitlines()) == 2
    reports.close()


# What a person changes on the way


def test_a_change_takes_effect_at_once_is_saved_and_written_down(recorded: Recorded) -> None:
    run, gan, reports = recorded(five_steps)
    next(reports)
    next(reports)
    rates = {"generator_learning_rate": 1e-4, "discriminator_learning_rate": 2e-3}
    event = change_settings(run, cast("DCGAN", gan), rates)
    assert event is not None
    assert (event.step, event.event) == (1, "changed")
    assert event.text == "From step 1 on: Generator lr 0.002 → 0.0001."
    assert gan.rates == [1e-4]
    assert run.checkpoints.list_steps() == [
        0,
        1,
    ]  # A death brings back this step under these settings.
    assert open_run(run.path).config.generator_learning_rate == 1e-4
    assert open_run(run.path).history.read_events() == [event]
    assert change_settings(run, cast("DCGAN", gan), rates) is None
    # Training is asked anew, with the new settings.
    assert [type(report) for report in reports][:2] == [SampleReport, StepReport]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"generator_learning_rate": 2.0}, "generator_learning_rate: got 2.0; expected more than"),
        ({"latent_dim": 8}, "latent_dim: a run keeps it; what may change while it trains is gen"),
        ({"beta_1": 0.9}, "beta_1: a run keeps it; what may change while it trains is"),
        ({"speed": 2}, "speed: there is no such setting"),
    ],
)
def test_a_change_that_is_not_allowed_changes_nothing(
    recorded: Recorded, changes: dict[str, object], sentence: str
) -> None:
    run, gan, reports = recorded(five_steps)
    next(reports)
    before = run.config
    with pytest.raises(ConfigError, match=sentence):
        change_settings(run, cast("DCGAN", gan), changes)
    assert run.config is before
    assert (gan.rates, run.history.read_events()) == ([], [])
    reports.close()


def test_a_disk_that_refuses_a_change_leaves_all_as_it_was(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, gan, reports = recorded(five_steps)
    next(reports)
    next(reports)
    before = run.config
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", disk_full)
        with pytest.raises(RunError, match="No space left"):
            change_settings(run, cast("DCGAN", gan), {"evaluate_every": 7})
        with pytest.raises(RunError, match="No space left"):
            roll_back(run, cast("DCGAN", gan), 0)
    assert run.config is before
    assert open_run(run.path).config == before
    assert (gan.step, run.checkpoints.list_steps()) == (1, [0])
    reports.close()


def test_going_back_forgets_what_came_later_and_trains_on_from_there(recorded: Recorded) -> None:
    run, gan, reports = recorded(five_steps)
    for _ in range(4):
        next(reports)
    event = roll_back(run, cast("DCGAN", gan), 0)
    assert (event.step, event.event, event.text) == (
        0,
        "rolled_back",
        "Back to step 0 from step 3.",
    )
    assert (gan.step, run.history.read_steps(), run.checkpoints.list_steps()) == (0, [], [0])
    list(reports)
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 4, 5]
    assert run.history.read_events() == [event]
    assert run.read_status().state == "finished"


def test_going_back_before_a_change_says_which_settings_hold_on(recorded: Recorded) -> None:
    run, gan, reports = recorded(five_steps)
    for _ in range(3):
        next(reports)
    change_settings(run, cast("DCGAN", gan), {"generator_learning_rate": 1e-4})
    next(reports)
    event = roll_back(run, cast("DCGAN", gan), 0)
    assert event.text == (
        "Back to step 0 from step 2, with the current settings: Generator lr 0.0001, "
        "Discriminator lr 0.002, Discriminator steps 1, Epochs between evaluations 0."
    )
    assert run.history.read_events() == [event]
    reports.close()


def test_a_death_while_it_goes_back_leaves_a_run_that_agrees_with_itself(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, gan, reports = recorded(five_steps)
    for _ in range(4):
        next(reports)
        save_checkpoint(run, cast("DCGAN", gan))
    assert run.checkpoints.list_steps() == [1, 2, 3]

    def die(path: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as death:
        death.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            run.rewind(2)
    # What is left can be resumed: its newest checkpoint has all of its history.
    assert run.checkpoints.list_steps() == [1, 2]
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3]
    run.rewind(2)
    assert [report.step for report in run.history.read_steps()] == [1, 2]
    reports.close()


def test_a_checkpoint_that_is_too_large_is_not_waited_for(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.runs.checkpoints.MAX_BYTES", 10)
    asked: list[RunError] = []

    def ask(error: RunError) -> bool:
        asked.append(error)
        return True

    _, _, reports = recorded(five_steps, ask)
    with pytest.raises(RunError, match="lower the channels"):
        next(reports)
    assert asked == []


def test_going_back_to_what_is_not_kept_is_a_sentence(recorded: Recorded) -> None:
    run, gan, reports = recorded(five_steps)
    for _ in range(4):
        next(reports)
    with pytest.raises(RunError, match="has no checkpoint of step 2; it has 0"):
        roll_back(run, cast("DCGAN", gan), 2)
    assert gan.step == 3
    reports.close()


def evaluation(gan: FakeGAN, distance: float) -> EvaluationReport:
    metrics = {"frechet_distance": distance, "precision": 0.5, "recall": 0.5}
    return EvaluationReport(gan.step, 1, gan.seconds, 100, metrics, metrics)


def test_the_best_digits_are_never_let_go(recorded: Recorded) -> None:
    def worsen(gan: FakeGAN) -> Generator[AnyReport]:
        for distance in (9.0, 2.0, 5.0, 4.0, 3.0, 8.0):
            gan.step += 1
            yield evaluation(gan, distance)
            yield step_report(gan)

    run, gan, reports = recorded(worsen)
    for _ in reports:
        if gan.step == 4:
            # Of 1 and 3, each the best when it came, checkpoints were saved for it.
            assert run.checkpoints.list_steps() == [0, 1, 3]
        if gan.step > 6:
            save_checkpoint(run, cast("DCGAN", gan))
    assert run.checkpoints.list_steps() == [3, 10, 11, 12]
    assert (
        best_checkpoint(open_run(run.path).history.read_evaluations(), run.checkpoints.list_steps())
        == 3
    )
    run.rewind(2)
    assert best_checkpoint(run.history.read_evaluations(), run.checkpoints.list_steps()) is None


def test_a_last_picture_that_cannot_be_kept_is_no_failure(recorded: Recorded) -> None:
    run, _, reports = recorded(five_steps)
    for _ in range(3):
        next(reports)
    (run.path / "samples" / "step-00000000.png").unlink()
    (run.path / "samples").rmdir()
    reports.close()
    assert (run.read_status().state, run.read_status().step, run.read_status().message) == (
        "stopped",
        2,
        "",
    )
    assert run.checkpoints.list_steps() == [0, 2]
    assert not run.lock.is_held()


def test_a_disk_that_refuses_history_still_gets_a_last_checkpoint(recorded: Recorded) -> None:
    run, _, reports = recorded(five_steps)
    next(reports)
    next(reports)
    (run.path / "history.jsonl").unlink()
    (run.path / "history.jsonl").mkdir()
    with pytest.raises(RunError, match=r"cannot write to .*: Is a directory"):
        list(reports)
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("failed", [0, 2])
    assert "cannot write to" in run.read_status().message


def test_checkpoints_are_saved_by_the_clock_and_at_milestones(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("dcgan.recording.recorder.time.monotonic", lambda: now)

    def epochs(gan: FakeGAN) -> Generator[AnyReport]:
        for epoch in range(1, 5):
            for _ in range(PER_EPOCH):
                yield step_report(gan)
            pixels = np.zeros((6, 28, 28, 1), np.uint8)
            yield EpochReport(gan.step, epoch, gan.seconds, 0.5, 0.5, pixels)

    run, gan, reports = recorded(epochs)
    saved = []
    for _ in reports:
        saved += [step for step in run.checkpoints.list_steps() if step not in saved]
        if gan.step == 29:
            now = 30.0  # checkpoint_seconds
    assert saved == [0, 13, 26, 30, 52]


# Real networks


@pytest.fixture
def each_epoch_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Report the ends of epochs that take a moment, too."""
    monkeypatch.setattr("dcgan.training.loop._EPOCH_SECONDS", 0.0)


def finish(run: Run, gan: DCGAN, dataset: ImageDataset) -> list[AnyReport]:
    return list(record(run, gan, dataset))


@pytest.mark.usefixtures("each_epoch_is_reported")
def test_a_resumed_run_ends_as_the_uninterrupted_one(
    config: TrainingConfig, tmp_path: Path
) -> None:
    whole, whole_gan, dataset = start_run(config, path=tmp_path / "whole")
    finish(whole, whole_gan, dataset)
    expected = whole.checkpoints.load()
    assert whole_gan.step == 2 * PER_EPOCH

    run, gan, dataset = start_run(config, path=tmp_path / "parts")
    reports = record(run, gan, dataset)
    while gan.step < 5:
        next(reports)
    reports.close()
    stopped_at = gan.step
    assert 5 <= stopped_at < 2 * PER_EPOCH
    # A death after the checkpoint leaves more history than the checkpoint knows.
    run.write(StepReport(99, 9, 99.0, 1, 9, 9, 1, 1, 0.5, 0.5, 1, 1, 1000.0))
    run.write(SampleReport(99, 9, 99.0, np.zeros((6, 28, 28, 1), np.uint8)))

    again, gan, dataset = continue_run(open_run(run.path))
    assert again.path == run.path
    assert gan.step == stopped_at
    finish(again, gan, dataset)
    state = again.checkpoints.load()
    assert state.keys() == expected.keys()
    for name in state.keys() - {"seconds"}:
        np.testing.assert_allclose(state[name], expected[name], rtol=1e-4, atol=1e-6, err_msg=name)
    steps = [report.step for report in again.history.read_steps()]
    assert steps == sorted(set(steps))
    assert steps[-1] == 2 * PER_EPOCH
    assert 99 not in again.samples.list_steps()
    np.testing.assert_array_equal(again.samples.read(0), whole.samples.read(0))

    # What was planned is done; more has to be asked for.
    with pytest.raises(ConfigError, match=r"has finished what was planned \(step "):
        continue_run(open_run(run.path))
    assert not run.lock.is_held()
    with pytest.raises(ConfigError, match="epochs: got 100002; expected"):
        continue_run(open_run(run.path), epochs=100_000)
    assert not run.lock.is_held()
    assert open_run(run.path).config.epochs == 2

    more, gan, dataset = continue_run(open_run(run.path), epochs=1)
    finish(more, gan, dataset)
    assert (gan.step, more.read_status().epoch, more.config.epochs) == (3 * PER_EPOCH, 3, 3)

    # From an earlier checkpoint it is a branch, and the run itself stays.
    branch, gan, dataset = continue_run(
        open_run(run.path), epochs=1, step=PER_EPOCH, root=tmp_path / "shelf"
    )
    assert branch.path.parent == tmp_path / "shelf"
    assert (branch.parent, gan.step, branch.config.epochs) == ("parts", PER_EPOCH, 2)
    branch.lock.release()
    assert open_run(run.path).checkpoints.list_steps()[-1] == 3 * PER_EPOCH


def test_a_resume_that_a_damaged_checkpoint_sets_back_is_in_history(
    config: TrainingConfig, tmp_path: Path
) -> None:
    run, gan, dataset = start_run(config.replace(epochs=1), path=tmp_path / "run")
    finish(run, gan, dataset)
    newest = run.path / "checkpoints" / f"step-{PER_EPOCH:08}.npz"
    newest.write_bytes(newest.read_bytes()[:-40])
    before = run.checkpoints.list_steps()[-2]
    again, gan, _ = continue_run(open_run(run.path), epochs=1)
    assert gan.step == before
    assert [event.text for event in again.history.read_events()] == [
        f"Back to step {before}: the checkpoint of step {PER_EPOCH} was damaged."
    ]
    again.lock.release()


def test_an_epochs_means_are_of_all_its_steps_also_after_a_resume(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.training.loop.MAX_CHUNK_STEPS", 4)
    run, gan, dataset = start_run(config.replace(epochs=1), path=tmp_path / "run")
    reports = record(run, gan, dataset)
    while gan.step < PER_EPOCH - 6:
        next(reports)
    reports.close()
    assert gan.step < PER_EPOCH
    again, gan, dataset = continue_run(open_run(run.path))
    (epoch,) = [report for report in finish(again, gan, dataset) if type(report) is EpochReport]
    steps = again.history.read_steps()
    assert sum(report.num_steps for report in steps) == PER_EPOCH
    mean = sum(report.num_steps * report.generator_loss for report in steps) / PER_EPOCH
    assert epoch.generator_loss == pytest.approx(mean, rel=1e-5)


@pytest.mark.usefixtures("each_epoch_is_reported")
def test_a_stop_between_an_epochs_last_step_and_its_report_loses_no_report(
    config: TrainingConfig, tmp_path: Path
) -> None:
    run, gan, dataset = start_run(config, path=tmp_path / "run")
    reports = record(run, gan, dataset)
    while gan.step < PER_EPOCH:
        assert not isinstance(next(reports), EpochReport)
    reports.close()
    again, gan, dataset = continue_run(open_run(run.path))
    first = next(record(again, gan, dataset))
    assert isinstance(first, EpochReport)
    assert (first.step, first.epoch) == (PER_EPOCH, 1)
    assert again.history.read_open_epoch() == []
    again.lock.release()


@pytest.mark.usefixtures("each_epoch_is_reported")
def test_a_stop_between_an_epochs_report_and_its_evaluation_loses_no_evaluation(
    config: TrainingConfig, tmp_path: Path
) -> None:
    run, gan, dataset = start_run(config.replace(evaluate_every=1), path=tmp_path / "run")
    reports = record(run, gan, dataset)
    while not isinstance(next(reports), EpochReport):
        pass
    reports.close()
    assert (gan.step, run.history.read_evaluations()) == (PER_EPOCH, [])
    again, gan, dataset = continue_run(open_run(run.path))
    kinds = [type(report) for report in finish(again, gan, dataset)]
    assert kinds[:2] == [SampleReport, EvaluationReport]
    assert again.history.read_evaluations()[0].step == PER_EPOCH


def test_a_branch_takes_other_settings_and_says_so(config: TrainingConfig, tmp_path: Path) -> None:
    run, gan, dataset = start_run(config, path=tmp_path / "first")
    finish(run, gan, dataset)
    changes: dict[str, object] = {"label_smoothing": 0.0, "beta_1": 0.0}
    branch, gan, dataset = continue_run(
        open_run(run.path), epochs=1, changes=changes, root=tmp_path / "shelf"
    )
    finish(branch, gan, dataset)
    assert (branch.parent, branch.config.label_smoothing, branch.config.beta_1) == ("first", 0, 0)
    assert (gan.step, gan.generator_optimizer.beta_1) == (3 * PER_EPOCH, 0.0)
    assert [event.text for event in open_run(branch.path).history.read_events()] == [
        "Branch of first at step 26: beta_1 0.5 → 0, Label smoothing 0.1 → 0."
    ]
    assert open_run(run.path).config == config  # The run itself stays as it was.
    assert open_run(run.path).history.read_events() == []

    with pytest.raises(ConfigError, match="batch_size: a run keeps it; what may change in a branc"):
        continue_run(open_run(run.path), epochs=1, changes={"batch_size": 32})
    assert not run.lock.is_held()


def test_learning_rates_changed_on_the_way_hold_after_a_resume(
    config: TrainingConfig, tmp_path: Path
) -> None:
    run, gan, dataset = start_run(config, path=tmp_path / "run")
    reports = record(run, gan, dataset)
    next(reports)
    change_settings(run, gan, {"generator_learning_rate": 3e-4})
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(3e-4)
    next(reports)
    reports.close()
    again, gan, _ = continue_run(open_run(run.path))
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(3e-4)
    assert [event.event for event in again.history.read_events()] == ["changed"]
    again.lock.release()


def test_epochs_more_are_whole_ones_and_count_from_the_end_of_a_started_one(
    tiny_config: TrainingConfig,
) -> None:
    def planned(step: int, **more: float) -> tuple[int | None, float | None]:
        epochs, seconds = more.get("epochs"), more.get("seconds")
        config = start._extend(
            tiny_config, 200, step, 60.0, None if epochs is None else int(epochs), seconds
        )
        return config.epochs, config.max_seconds

    assert planned(PER_EPOCH, epochs=3) == (4, None)
    assert planned(PER_EPOCH + 1, epochs=3) == (5, None)
    assert planned(0, epochs=3) == (3, None)
    assert planned(5, seconds=10) == (None, 70.0)
    assert planned(5, epochs=1, seconds=10) == (2, 70.0)
    assert planned(5) == (2, None)


def test_what_does_not_fit_is_refused_before_anything_is_made(
    config: TrainingConfig, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigError, match="batch_size: got 201; the data set has 200 images"):
        start_run(config.replace(batch_size=201), path=tmp_path / "run")
    with pytest.raises(DatasetError, match="there is no such file"):
        start_run(config.replace(dataset="nowhere"), path=tmp_path / "run")
    with pytest.raises(RunError, match="not empty"):
        start_run(config, path=tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def save_and_release(run: Run, gan: DCGAN) -> Run:
    run.save_checkpoint(gan.get_state())
    run.write_status("stopped", step=gan.step)
    run.lock.release()
    return open_run(run.path)


def test_a_checkpoint_of_other_networks_is_refused_and_nothing_is_changed(
    config: TrainingConfig, tmp_path: Path
) -> None:
    run, gan, _ = start_run(config, path=tmp_path / "run")
    state = gan.get_state()
    save_and_release(run, gan)
    name = next(name for name in state if name.startswith("ema_generator/"))
    for changed in (
        {key: value for key, value in state.items() if key != name},
        state | {name: np.zeros((3, 3), np.float32)},
        state | {"more": np.zeros(3)},
    ):
        run.save_checkpoint(changed)
        before = (run.path / "config.json").read_bytes()
        with pytest.raises(RunError, match=r"checkpoint of step 0 does not fit config.json: .*\."):
            continue_run(open_run(run.path), epochs=1)
        assert (run.path / "config.json").read_bytes() == before
        assert not run.lock.is_held()


def test_own_pictures_are_found_from_any_folder_and_must_be_the_same(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run, gan, _ = start_run(config.replace(dataset="spots.npz"), path=Path("run"))
    run = save_and_release(run, gan)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert run.config.dataset == str(tmp_path / "spots.npz")
    with pytest.raises(RunError, match="run has no checkpoint of step 7; it has 0"):
        continue_run(run, step=7)
    others = np.random.default_rng(7).integers(0, 256, (100, 28, 28), np.uint8)
    np.savez(tmp_path / "spots.npz", images=others)
    with pytest.raises(
        DataUnavailableError, match=r"trained on other pictures than .*spots.npz holds"
    ):
        continue_run(run)
    (tmp_path / "spots.npz").unlink()
    with pytest.raises(DataUnavailableError, match="there is no such file"):
        continue_run(run)
    assert not run.lock.is_held()


def test_a_run_without_checkpoints_cannot_go_on(config: TrainingConfig, tmp_path: Path) -> None:
    run, _, _ = start_run(config, path=tmp_path / "run")
    with pytest.raises(RunError, match="is being written"):
        continue_run(open_run(run.path))
    run.lock.release()
    for step in (None, 5):
        with pytest.raises(RunError, match="run has no checkpoint yet"):
            continue_run(open_run(run.path), step=step)
    assert not run.lock.is_held()


def test_the_shipped_run_goes_on_as_a_branch(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, gan, _ = start_run(config, path=tmp_path / "shipped")
    shipped = save_and_release(run, gan)
    monkeypatch.setattr(run_folder, "SHIPPED", shipped.path)
    before = {path: path.stat().st_mtime_ns for path in shipped.path.rglob("*")}
    branch, _, _ = continue_run(shipped, seconds=5, root=tmp_path / "shelf")
    assert branch.path.parent == tmp_path / "shelf"
    assert (branch.parent, branch.config.max_seconds, branch.config.epochs) == ("shipped", 5, None)
    assert branch.lock.is_held()
    branch.lock.release()
    assert {path: path.stat().st_mtime_ns for path in shipped.path.rglob("*")} == before


def test_one_call_does_the_whole_job(
    config: TrainingConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = config.model_dump(include={"dataset", "polarity", "batch_size", "latent_dim"})
    gan, run = train_dcgan_mnist(
        run_dir=tmp_path / "run",
        generator_filters=(8, 4),
        discriminator_filters="4, 8",
        epochs=1,
        **settings,
    )
    assert (gan.step, run.read_status().state) == (PER_EPOCH, "finished")
    assert run.checkpoints.list_steps()[-1] == PER_EPOCH
    output = capsys.readouterr()
    assert output.out == ""
    assert "epoch 1 of 1, 0 s left" in output.err
    with pytest.raises(ConfigError, match="epoch: there is no such setting"):
        train_dcgan_mnist(epoch=1)
