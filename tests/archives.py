"""Runs to export as ZIP archives, and imports that are refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.export.archive import import_run
from dcgan.reports import SampleReport
from dcgan.runs.run_folder import Run
from tests.reports import step_report


def make_state(step: int) -> dict[str, np.ndarray]:
    """Make the state of a network with one weight matrix, which differs from step to step."""
    weights = np.random.default_rng(step).standard_normal((6, 5)).astype(np.float32)
    return {"w": weights, "step": np.array(step), "seconds": np.array(step / 8)}


def make_run(config: TrainingConfig, dataset: ImageDataset, path: Path) -> Run:
    """Make a run with checkpoints of steps 13 and 14, and reports of steps 13 to 15."""
    run = Run.create(config, dataset, path=path)
    pixels = np.random.default_rng(0).integers(0, 256, (6, 28, 28, 1), dtype=np.uint8)
    for step in (13, 14, 15):
        run.write(step_report(step, epoch=2, seconds=step / 8, generator_loss=0.5))
        run.write(SampleReport(step, 2, step / 8, pixels))
    run.save_checkpoint(make_state(13))
    run.save_checkpoint(make_state(14))
    run.write_label("Größe 数字", "A note.")
    run.write_status("finished", step=14, seconds=1.75)
    run.lock.release()
    return run


def read_import_error(content: bytes, root: Path) -> str:
    """Return the error of an import that is refused, and check that it wrote nothing."""
    with pytest.raises(RunError) as caught:
        import_run(io.BytesIO(content), root)
    assert not root.exists() or list(root.iterdir()) == []
    return str(caught.value)
