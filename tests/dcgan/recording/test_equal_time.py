"""Equal training time for runs that are compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.recording.equal_time import count_from_first_step
from dcgan.runs.run_folder import Run
from tests.reports import step_report


@pytest.mark.parametrize("first_seconds", [1.5, 12.0])
def test_a_run_trains_for_its_time_after_the_first_step_which_builds_the_graph(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path, first_seconds: float
) -> None:
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "run")
    reports = [step_report(step, seconds=first_seconds + 2 * step) for step in (0, 1, 2)]
    counted = count_from_first_step(reports, run, 30.0)
    next(counted)
    # Before the report's reader asks for another: by the old limit the run might end there.
    assert run.config.max_seconds == first_seconds + 30.0
    assert list(counted) == reports[1:]
    assert run.config.max_seconds == first_seconds + 30.0
    run.lock.release()
