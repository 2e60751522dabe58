"""The training of a queued run that belongs to a race. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.runners.training_types import TrainRun
from dcgan.recording.disk_retry import DiskRetryPolicy
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN


def choose_training(root: Path, queued: QueuedRun) -> TrainRun | None:
    """Return the function that trains and measures a run of a race; None for any other run."""

    def train(
        run: Run, gan: DCGAN, dataset: ImageDataset, retry: DiskRetryPolicy
    ) -> Generator[AnyReport]:
        from dcgan.sweeps.race_training import train_race_run

        return train_race_run(root, queued, run, gan, dataset, retry)

    return train if queued.race else None
