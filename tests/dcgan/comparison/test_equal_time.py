"""Equal training time for runs that are compared."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dcgan.comparison.equal_time import limit_time_from_first_step
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DiskWriteError
from dcgan.recording.disk_retry import give_up_at_once
from dcgan.runs.run_folder import Run
from tests.disk_errors import raise_disk_full
from tests.reports import step_report


@pytest.mark.parametrize("first_seconds", [1.5, 12.0])
def test_a_run_trains_for_its_time_after_the_first_step_which_builds_the_graph(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path, first_seconds: float
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "run")
    reports = [step_report(step, seconds=first_seconds + 2 * step) for step in (0, 1, 2)]
    counted = limit_time_from_first_step(reports, run, 30.0, give_up_at_once)
    next(counted)
    # Before the report's reader asks for another: by the old limit the run might end there.
    assert run.config.max_seconds == first_seconds + 30.0
    assert list(counted) == reports[1:]
    assert run.config.max_seconds == first_seconds + 30.0
    run.lock.release()


def test_a_full_disk_at_the_first_step_is_tried_again(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "run")
    errors: list[DiskWriteError] = []

    def free_space(error: DiskWriteError) -> bool:
        errors.append(error)
        monkeypatch.undo()
        return True

    monkeypatch.setattr(os, "fsync", raise_disk_full)
    reports = [step_report(0, seconds=1.5)]
    assert list(limit_time_from_first_step(reports, run, 30.0, free_space)) == reports
    assert len(errors) == 1
    assert run.config.max_seconds == 31.5
    run.lock.release()
