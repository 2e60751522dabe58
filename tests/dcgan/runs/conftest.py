"""Fixtures that the tests of runs share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.runs.run_folder import Run
from tests.dcgan.runs.examples import make_state


@pytest.fixture
def new_run(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> Callable[..., Run]:
    """Make a run under tmp_path/library with some checkpoints, stopped and unlocked."""

    def make(name: str = "first", *steps: int, **changes: object) -> Run:
        config = tiny_config.replace(**changes)
        run = Run.create(config, tiny_dataset, path=tmp_path / "library" / name)
        for step in steps:
            run.save_checkpoint(make_state(step))
        run.write_status("stopped", step=max(steps, default=0), seconds=2.5)
        run.lock.release()
        return run

    return make


@pytest.fixture
def run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a stopped run whose lock is free."""
    made = Run.create(tiny_config, tiny_dataset, path=tmp_path / "library" / "first")
    made.write_status("stopped", step=4)
    made.lock.release()
    return made
