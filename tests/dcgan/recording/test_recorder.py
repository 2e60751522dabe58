"""record: the files that it writes during training and at each kind of end."""

from __future__ import annotations

from collections.abc import Generator
from typing import cast

import numpy as np
import pytest

from dcgan.errors import DiskWriteError
from dcgan.model.gan import DCGAN
from dcgan.recording import recorder
from dcgan.recording.saving import save_checkpoint
from dcgan.reports import (
    AnyReport,
    EpochReport,
    EvaluationReport,
)
from dcgan.runs.retention import find_best_checkpoint
from dcgan.runs.run_folder import open_run
from tests.clock import Clock
from tests.disk_errors import raise_disk_error, raise_disk_full
from tests.fake_training import (
    FakeGAN,
    Recorded,
    train_five_steps,
    train_step,
)
from tests.tiny_sizes import STEPS_PER_EPOCH

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_a_training_that_ends_is_finished_and_saved(recorded: Recorded) -> None:
    run, _, reports = recorded(train_five_steps)
    assert len(list(reports)) == 6
    assert run.checkpoints.list_steps() == [0, 5]
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 4, 5]
    status = run.read_status()
    assert (status.state, status.step, status.seconds, status.message) == ("finished", 5, 2.5, "")
    assert not run.lock.is_held()


def test_a_report_is_on_disk_before_it_is_yielded(recorded: Recorded) -> None:
    run, _, reports = recorded(train_five_steps)
    assert run.checkpoints.list_steps() == []
    next(reports)
    assert run.checkpoints.list_steps() == [0]
    assert run.samples.list_steps() == [0]
    assert run.read_status().state == "running"
    next(reports)
    assert len(run.history.read_steps()) == 1
    reports.close()


def test_closing_saves_and_releases_the_lock(recorded: Recorded) -> None:
    run, _, reports = recorded(train_five_steps)
    for _ in range(4):
        next(reports)
    reports.close()
    assert (run.read_status().state, run.read_status().step) == ("stopped", 3)
    assert run.checkpoints.list_steps() == [0, 3]
    assert run.samples.list_steps() == [0, 3]  # The samples of the last step are saved.
    assert not run.lock.is_held()


def test_an_interrupted_notebook_is_stopped_and_saved(recorded: Recorded) -> None:
    def interrupted(gan: FakeGAN) -> Generator[AnyReport]:
        yield train_step(gan)
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


def test_an_unknown_error_is_raised_and_the_weights_are_saved(recorded: Recorded) -> None:
    def fail(gan: FakeGAN) -> Generator[AnyReport]:
        yield train_step(gan)
        raise ZeroDivisionError("a bug")

    run, _, reports = recorded(fail)
    with pytest.raises(ZeroDivisionError):
        list(reports)
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("failed", [0, 1])
    assert "an unexpected error; the last checkpoint can be resumed" in run.read_status().message
    assert not run.lock.is_held()


def evaluation(gan: FakeGAN, distance: float) -> EvaluationReport:
    """Report an evaluation of the current step."""
    metrics = {"frechet_distance": distance, "precision": 0.5, "recall": 0.5}
    return EvaluationReport(gan.step, 1, gan.seconds, 100, metrics, metrics)


def test_the_checkpoint_of_the_best_evaluation_is_never_deleted(recorded: Recorded) -> None:
    def worsen(gan: FakeGAN) -> Generator[AnyReport]:
        for distance in (9.0, 2.0, 5.0, 4.0, 3.0, 8.0):
            gan.step += 1
            yield evaluation(gan, distance)
            yield train_step(gan)

    run, gan, reports = recorded(worsen)
    for _ in reports:
        if gan.step == 4:
            # Steps 1 and 3 were the best when they came, so they have checkpoints.
            assert run.checkpoints.list_steps() == [0, 1, 3]
        if gan.step > 6:
            save_checkpoint(run, cast("DCGAN", gan))
    assert run.checkpoints.list_steps() == [3, 10, 11, 12]
    assert (
        find_best_checkpoint(
            open_run(run.path).history.read_evaluations(), run.checkpoints.list_steps(), 0
        )
        == 3
    )
    run.rewind(2)
    assert (
        find_best_checkpoint(run.history.read_evaluations(), run.checkpoints.list_steps(), 0)
        is None
    )


def test_an_evaluation_is_saved_while_the_checkpoints_cannot_be_listed(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate_once(gan: FakeGAN) -> Generator[AnyReport]:
        yield train_step(gan)
        yield evaluation(gan, 9.0)

    errors = []

    def repair_disk(error: DiskWriteError) -> bool:
        errors.append(str(error))
        monkeypatch.undo()
        return True

    run, _, reports = recorded(evaluate_once, repair_disk)
    next(reports)
    monkeypatch.setattr(run.checkpoints, "list_steps", raise_disk_error)
    list(reports)
    assert len(errors) == 1
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("finished", [0, 1])


def test_last_samples_that_cannot_be_saved_are_not_a_failure(recorded: Recorded) -> None:
    run, _, reports = recorded(train_five_steps)
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


def test_a_folder_of_samples_that_cannot_be_listed_at_a_stop_is_not_a_failure(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _, reports = recorded(train_five_steps)
    for _ in range(3):
        next(reports)
    monkeypatch.setattr(run.samples, "list_steps", raise_disk_full)
    reports.close()
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("stopped", [0, 2])


def test_checkpoints_are_saved_by_the_clock_and_at_milestones(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(recorder, "time", clock)

    def epochs(gan: FakeGAN) -> Generator[AnyReport]:
        for epoch in range(1, 5):
            for _ in range(STEPS_PER_EPOCH):
                yield train_step(gan)
            pixels = np.zeros((6, 28, 28, 1), np.uint8)
            yield EpochReport(gan.step, epoch, gan.seconds, 0.5, 0.5, pixels)

    run, gan, reports = recorded(epochs)
    saved = []
    for _ in reports:
        saved += [step for step in run.checkpoints.list_steps() if step not in saved]
        if gan.step == 29:
            clock.now += 30.0  # The default of `checkpoint_seconds`.
    assert saved == [0, 13, 26, 30, 52]
