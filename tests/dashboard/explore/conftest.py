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
from tests.states import State


@pytest.fixture(scope="session")
def first_state(tiny_config: TrainingConfig) -> State:
    """Return the state of tiny networks before the first step."""
    return DCGAN(tiny_config).get_state()


@pytest.fixture(scope="session")
def class_config(tiny_config: TrainingConfig) -> TrainingConfig:
    """Return settings of tiny networks that learn the ten digits."""
    return tiny_config.replace(class_conditional=True, class_names=DIGITS)


@pytest.fixture(scope="session")
def first_class_state(class_config: TrainingConfig) -> State:
    """Return the state of these networks before the first step."""
    return DCGAN(class_config).get_state()


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


@pytest.fixture
def class_run(
    class_config: TrainingConfig,
    first_class_state: State,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
) -> Run:
    """Return a run of networks that learn the ten digits, with a checkpoint of step 0."""
    run = Run.create(class_config, tiny_dataset, path=tmp_path / "library" / "classes")
    run.save_checkpoint(first_class_state)
    run.lock.release()
    return run
