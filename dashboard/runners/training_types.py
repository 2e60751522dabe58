"""Types of the functions that the training thread calls. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from dcgan.recording.disk_retry import DiskRetryPolicy
from dcgan.reports import AnyReport, EventReport
from dcgan.runs.run_folder import Run

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN

# Opens or makes a run. It loads data and builds networks, so the training thread calls it.
PrepareRun = Callable[[], "tuple[Run, DCGAN, ImageDataset]"]
# Trains a prepared run and yields its reports, as `recorder.record` does.
TrainRun = Callable[["Run", "DCGAN", "ImageDataset", DiskRetryPolicy], Generator[AnyReport]]
# A change to a run in training, carried out between two reports.
RunChange = Callable[["Run", "DCGAN"], EventReport | None]
