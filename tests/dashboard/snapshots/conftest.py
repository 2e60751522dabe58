"""Runs that another process trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.runs.run_folder import Run


@pytest.fixture
def begin_run(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> Iterator[Callable[..., Run]]:
    """Return a function that starts a run as another process does: locked, with a status."""
    runs: list[Run] = []

    def begin(name: str = "first") -> Run:
        runs.append(Run.create(tiny_config, tiny_dataset, path=tmp_path / name))
        return runs[-1]

    yield begin
    for run in runs:
        run.lock.release()
