"""The run that the tests of Explore, its tools and its recipes share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.runs import run_folder
from dcgan.runs.run_folder import Run
from tests.dashboard.explore.examples import CREATED
from tests.states import State


@pytest.fixture
def run(
    tiny_config: TrainingConfig,
    first_state: State,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return a run with checkpoints of steps 0 and 10."""
    monkeypatch.setattr(run_folder, "get_current_time", lambda: CREATED)
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "library" / "first")
    for step in (0, 10):
        run.save_checkpoint(first_state | {"step": np.array(step)})
    run.lock.release()
    return run
