"""A run and an idle trainer, which the tests of several rooms use."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.state import trainer as trainer_module
from dashboard.state.trainer import Trainer
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.runs.run_folder import Run


@pytest.fixture
def run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a run without reports, samples and checkpoints."""
    run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "library" / "first")
    run.lock.release()
    return run


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trainer:
    """Return an idle trainer of an empty folder, which pages use as the trainer of the process."""
    trainer = Trainer(tmp_path / "library")
    monkeypatch.setattr(trainer_module, "process_trainer", lambda: trainer)
    return trainer
