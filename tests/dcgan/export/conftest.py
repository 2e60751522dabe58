"""Runs to export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.export.archive import export_run
from dcgan.model.gan import DCGAN
from dcgan.runs.run_folder import Run
from tests.archives import make_run


@pytest.fixture(scope="session")
def run(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """Return a run with checkpoints of steps 0 and 1, whose weights differ."""
    return _make_run(tiny_config, tiny_dataset, tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="session")
def class_run(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """Return such a run that knows the classes 3, 8 and é."""
    names = ("3", "8", "é")
    config = tiny_config.replace(class_conditional=True, class_names=names)
    labels = np.arange(len(tiny_dataset), dtype=np.uint8) % len(names)
    dataset = replace(tiny_dataset, labels=labels, class_names=names)
    return _make_run(config, dataset, tmp_path_factory.mktemp("runs") / "classes")


def _make_run(config: TrainingConfig, dataset: ImageDataset, path: Path) -> Run:
    made = Run.create(config, dataset, path=path)
    state = DCGAN(config).get_state()
    made.save_checkpoint(state)
    draws = np.random.default_rng(0)
    for name, array in state.items():
        if name.startswith("ema_generator/") and array.ndim > 1:
            state[name] = draws.standard_normal(array.shape).astype(np.float32)
    made.save_checkpoint({**state, "step": np.array(1)})
    made.lock.release()
    return made


@pytest.fixture
def empty_run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a run without history."""
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "first")
    run.lock.release()
    return run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder of a library that imports runs."""
    return tmp_path / "runs"


@pytest.fixture
def packed(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> bytes:
    """Return the archive of a run."""
    return export_run(make_run(tiny_config, tiny_dataset, tmp_path / "first"))
