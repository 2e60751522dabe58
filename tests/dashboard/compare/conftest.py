"""Two runs with their records."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.compare.records import ComparedRun, read_record
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.runs.run_folder import Run
from tests.reports import evaluation_report, step_report


@pytest.fixture
def compared(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
) -> list[ComparedRun]:
    """Return a run of three evaluations, and one of one with other settings."""
    found: list[ComparedRun] = []
    for name, changes, distances in (
        ("one", {}, (9.0, 4.0, 5.0)),
        ("two", {"batch_size": 32, "generator_learning_rate": 0.001}, (8.0,)),
    ):
        config = tiny_config.replace(**changes)
        run = Run.create(config, tiny_dataset, path=tmp_path / name)
        for number, distance in enumerate(distances, start=1):
            run.write(step_report(10 * number, seconds=2.0 * number))
            run.write(evaluation_report(10 * number, distance))
        run.lock.release()
        found.append(ComparedRun(run, name, read_record(run), len(found)))
    return found
