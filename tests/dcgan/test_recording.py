"""Training that is written down: nothing is lost on any way out, and a resume is exact."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import NoReturn, cast

import numpy as np
import pytest
import tensorflow as tf

from dcgan import recording, runs
from dcgan.config import TrainingConfig
from dcgan.datasets import ImageDataset
from dcgan.errors import ConfigError, DatasetError, DivergenceError, RunError
from dcgan.gan import DCGAN
from dcgan.recording import continue_run, record, start_run, train_dcgan_mnist
from dcgan.reports import AnyReport, EpochReport, SampleReport, StepReport
from dcgan.runs import Run, open_run

PER_EPOCH = 13  # 200 pictures in batches of 16, the last one filled up.


@pytest.fixture(autouse=True)
def apart_from_the_real_shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)  # These files need not outlive a power cut.
    monkeypatch.setattr(runs, "SHIPPED", tmp_path / "elsewhere" / "pretrained")


@pytest.fixture
def config(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> TrainingConfig:
    """Return the tiny settings with the tiny pictures as a file, as a person would give them."""
    np.savez(tmp_path / "spots.npz", images=tiny_dataset.pixels)
    return tiny_config.replace(dataset=str(tmp_path / "spots.npz"), polarity="as_is")


# Fake networks and training, for what goes wrong around them


class FakeGAN:
    """Counts steps and has one weight."""

    def __init__(self) -> None:
        self.step, self.seconds, self.weight = 0, 0.0, 1.0

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


@pytest.fixture
def recorded(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Script], tuple[Run, FakeGAN, Generator[AnyReport]]]:
    """Record a training that follows a script."""

    def start(script: Script) -> tuple[Run, FakeGAN, Generator[AnyReport]]:
        def follow(
            gan: FakeGAN, dataset: ImageDataset, config: TrainingConfig
        ) -> Generator[AnyReport]:
            return script(gan)

        monkeypatch.setattr(recording, "train", follow)
        run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "run")
        gan = FakeGAN()
        return run, gan, record(run, cast("DCGAN", gan), tiny_dataset)

    return start


Recorded = Callable[[Script], tuple[Run, FakeGAN, Generator[AnyReport]]]


def five_steps(gan: FakeGAN) -> Generator[AnyReport]:
    yield sample_report(gan)
    for _ in range(5):
        yield step_report(gan)


def test_a_training_that_ends_is_finished_and_saved(recorded: Recorded) -> None:
    run, _, reports = recorded(five_steps)
    assert len(list(reports)) == 6
    assert run.checkpoints() == [0, 5]
    assert [report.step for report in run.history()] == [1, 2, 3, 4, 5]
    status = run.status
    assert (status.state, status.step, status.seconds, status.message) == ("finished", 5, 2.5, "")
    assert not run.is_held()


def test_a_report_is_on_disk_before_it_is_passed_on(recorded: Recorded) -> None:
    run, _, reports = recorded(five_steps)
    assert run.checkpoints() == []
    next(reports)
    assert run.checkpoints() == [0]
    assert run.sample_steps() == [0]
    assert run.status.state == "running"
    next(reports)
    assert len(run.history()) == 1
    reports.close()


def test_closing_saves_and_lets_go(recorded: Recorded) -> None:
    run, _, reports = recorded(five_steps)
    for _ in range(4):
        next(reports)
    reports.close()
    assert (run.status.state, run.status.step) == ("stopped", 3)
    assert run.checkpoints() == [0, 3]
    assert run.sample_steps() == [0, 3]  # The digits that it was stopped at are kept.
    assert not run.is_held()


def test_an_interrupted_notebook_is_stopped_and_saved(recorded: Recorded) -> None:
    def interrupted(gan: FakeGAN) -> Generator[AnyReport]:
        yield step_report(gan)
        raise KeyboardInterrupt

    run, _, reports = recorded(interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(reports)
    assert (run.status.state, run.status.step, run.checkpoints()) == ("stopped", 1, [0, 1])
    assert not run.is_held()


def test_diverged_weights_are_never_saved(recorded: Recorded) -> None:
    def diverge(gan: FakeGAN) -> Generator[AnyReport]:
        yield step_report(gan)
        gan.step += 1
        raise DivergenceError("training diverged by step 2.")

    run, _, reports = recorded(diverge)
    with pytest.raises(DivergenceError, match="diverged by step 2"):
        list(reports)
    assert (run.status.state, run.status.message) == ("failed", "training diverged by step 2.")
    assert run.checkpoints() == [0]
    assert not run.is_held()


@pytest.mark.parametrize("is_closed", [True, False])
def test_weights_that_diverged_with_the_last_update_are_not_saved_either(
    recorded: Recorded, is_closed: bool
) -> None:
    def diverge(gan: FakeGAN) -> Generator[AnyReport]:
        report = step_report(gan)
        gan.weight = float("nan")
        yield report

    run, _, reports = recorded(diverge)
    next(reports)
    with pytest.raises(DivergenceError, match=r"a weight is no longer a number\. Start a new run"):
        reports.close() if is_closed else next(reports)
    assert run.status.state == "failed"
    assert "a weight is no longer a number" in run.status.message
    assert run.checkpoints() == [0]
    assert not run.is_held()


def test_an_unknown_error_passes_on_and_keeps_what_was_learned(recorded: Recorded) -> None:
    def fail(gan: FakeGAN) -> Generator[AnyReport]:
        yield step_report(gan)
        raise ZeroDivisionError("a bug")

    run, _, reports = recorded(fail)
    with pytest.raises(ZeroDivisionError):
        list(reports)
    assert (run.status.state, run.checkpoints()) == ("failed", [0, 1])
    assert "an error that is not known; the last checkpoint is good" in run.status.message
    assert not run.is_held()


def test_too_little_memory_is_a_sentence_that_names_the_setting(recorded: Recorded) -> None:
    def fail(gan: FakeGAN) -> Generator[AnyReport]:
        yield step_report(gan)
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    run, _, reports = recorded(fail)
    with pytest.raises(ConfigError, match="batch_size: got 16; a step of these networks does not"):
        list(reports)
    assert (run.status.state, run.checkpoints()) == ("failed", [0, 1])
    assert "does not fit into memory" in run.status.message


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
    assert not run.is_held()
    assert run.status.state == "interrupted"  # Nothing else could be written.
    assert run.checkpoints() == [0]
    assert [path.name for path in run.path.rglob("*.tmp")] == []


def test_a_last_picture_that_cannot_be_kept_is_no_failure(recorded: Recorded) -> None:
    run, _, reports = recorded(five_steps)
    for _ in range(3):
        next(reports)
    (run.path / "samples" / "step-00000000.png").unlink()
    (run.path / "samples").rmdir()
    reports.close()
    assert (run.status.state, run.status.step, run.status.message) == ("stopped", 2, "")
    assert run.checkpoints() == [0, 2]
    assert not run.is_held()


def test_a_disk_that_refuses_history_still_gets_a_last_checkpoint(recorded: Recorded) -> None:
    run, _, reports = recorded(five_steps)
    next(reports)
    next(reports)
    (run.path / "history.jsonl").unlink()
    (run.path / "history.jsonl").mkdir()
    with pytest.raises(RunError, match=r"cannot write to .*: Is a directory"):
        list(reports)
    assert (run.status.state, run.checkpoints()) == ("failed", [0, 2])
    assert "cannot write to" in run.status.message


def test_checkpoints_are_saved_by_the_clock_and_at_milestones(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("dcgan.recording.time.monotonic", lambda: now)

    def epochs(gan: FakeGAN) -> Generator[AnyReport]:
        for epoch in range(1, 5):
            for _ in range(PER_EPOCH):
                yield step_report(gan)
            pixels = np.zeros((6, 28, 28, 1), np.uint8)
            yield EpochReport(gan.step, epoch, gan.seconds, 0.5, 0.5, pixels)

    run, gan, reports = recorded(epochs)
    saved = []
    for _ in reports:
        saved += [step for step in run.checkpoints() if step not in saved]
        if gan.step == 29:
            now = 30.0  # checkpoint_seconds
    assert saved == [0, 13, 26, 30, 52]


# Real networks


def finish(run: Run, gan: DCGAN, dataset: ImageDataset) -> list[AnyReport]:
    return list(record(run, gan, dataset))


def test_a_resumed_run_ends_as_the_uninterrupted_one(
    config: TrainingConfig, tmp_path: Path
) -> None:
    whole, whole_gan, dataset = start_run(config, path=tmp_path / "whole")
    finish(whole, whole_gan, dataset)
    expected = whole.load_checkpoint()
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
    state = again.load_checkpoint()
    assert state.keys() == expected.keys()
    for name in state.keys() - {"seconds"}:
        np.testing.assert_allclose(state[name], expected[name], rtol=1e-4, atol=1e-6, err_msg=name)
    steps = [report.step for report in again.history()]
    assert steps == sorted(set(steps))
    assert steps[-1] == 2 * PER_EPOCH
    assert 99 not in again.sample_steps()
    np.testing.assert_array_equal(again.sample_pixels(0), whole.sample_pixels(0))

    # What was planned is done; more has to be asked for.
    with pytest.raises(ConfigError, match=r"has finished what was planned \(2 epochs"):
        continue_run(open_run(run.path))
    assert not run.is_held()
    with pytest.raises(ConfigError, match="epochs: got 100002; expected"):
        continue_run(open_run(run.path), epochs=100_000)
    assert not run.is_held()
    assert open_run(run.path).config.epochs == 2

    more, gan, dataset = continue_run(open_run(run.path), epochs=1)
    finish(more, gan, dataset)
    assert (gan.step, more.status.epoch, more.config.epochs) == (3 * PER_EPOCH, 3, 3)

    # From an earlier checkpoint it is a branch, and the run itself stays.
    branch, gan, dataset = continue_run(
        open_run(run.path), epochs=1, step=PER_EPOCH, root=tmp_path / "shelf"
    )
    assert branch.path.parent == tmp_path / "shelf"
    assert (branch.parent, gan.step, branch.config.epochs) == ("parts", PER_EPOCH, 2)
    branch.release()
    assert open_run(run.path).checkpoints()[-1] == 3 * PER_EPOCH


def test_epochs_more_are_whole_ones_and_count_from_the_end_of_a_started_one(
    tiny_config: TrainingConfig,
) -> None:
    def planned(step: int, **more: float) -> tuple[int | None, float | None]:
        epochs, seconds = more.get("epochs"), more.get("seconds")
        config = recording._extended(
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
    run.set_status("stopped", step=gan.step)
    run.release()
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
        assert not run.is_held()


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
    np.savez(tmp_path / "spots.npz", images=np.zeros((100, 28, 28), np.uint8))
    with pytest.raises(RunError, match=r"trained on other pictures than .*spots.npz holds now"):
        continue_run(run)
    (tmp_path / "spots.npz").unlink()
    with pytest.raises(DatasetError, match="there is no such file"):
        continue_run(run)
    assert not run.is_held()


def test_a_run_without_checkpoints_cannot_go_on(config: TrainingConfig, tmp_path: Path) -> None:
    run, _, _ = start_run(config, path=tmp_path / "run")
    with pytest.raises(RunError, match="is being written"):
        continue_run(open_run(run.path))
    run.release()
    for step in (None, 5):
        with pytest.raises(RunError, match="run has no checkpoint yet"):
            continue_run(open_run(run.path), step=step)
    assert not run.is_held()


def test_the_shipped_run_goes_on_as_a_branch(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, gan, _ = start_run(config, path=tmp_path / "shipped")
    shipped = save_and_release(run, gan)
    monkeypatch.setattr(runs, "SHIPPED", shipped.path)
    before = {path: path.stat().st_mtime_ns for path in shipped.path.rglob("*")}
    branch, _, _ = continue_run(shipped, seconds=5, root=tmp_path / "shelf")
    assert branch.path.parent == tmp_path / "shelf"
    assert (branch.parent, branch.config.max_seconds, branch.config.epochs) == ("shipped", 5, None)
    assert branch.is_held()
    branch.release()
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
    assert (gan.step, run.status.state, run.checkpoints()) == (PER_EPOCH, "finished", [0, 13])
    output = capsys.readouterr()
    assert output.out == ""
    assert "epoch 1 of 1, 0 s left" in output.err
    with pytest.raises(ConfigError, match="epoch: there is no such setting"):
        train_dcgan_mnist(epoch=1)
