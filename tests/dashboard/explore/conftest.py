"""The run that the tests of Explore share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from dcgan.runs import run_folder
from dcgan.runs.run_folder import Run
from tests.dashboard.explore.examples import CREATED, DIGITS


@pytest.fixture
def run(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return a run with checkpoints of steps 0 and 10."""
    monkeypatch.setattr(run_folder, "get_current_time", lambda: CREATED)
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "library" / "first")
    state = DCGAN(tiny_config).get_state()
    for step in (0, 10):
        run.save_checkpoint(state | {"step": np.array(step)})
    run.lock.release()
    return run


@pytest.fixture
def class_run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a run that has learned the ten digits."""
    config = tiny_config.replace(class_conditional=True, class_names=DIGITS)
    run = Run.create(config, tiny_dataset, path=tmp_path / "library" / "classes")
    run.save_checkpoint(DCGAN(config).get_state())
    run.lock.release()
    return run
