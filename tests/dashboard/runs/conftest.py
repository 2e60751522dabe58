"""A function that makes runs, and the list of pages that are switched to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from dashboard.state.trainer import Trainer
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.reports import SampleReport
from dcgan.runs.run_folder import Run
from tests.dashboard.runs.runs_page import NewRun
from tests.reports import step_report


@pytest.fixture
def new_run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, trainer: Trainer) -> NewRun:
    """Put a run of 26 steps, which are 2 epochs, in the library."""

    def make(name: str = "first", *, path: Path | None = None, **changes: object) -> Run:
        config = tiny_config.replace(**changes)
        run = Run.create(config, tiny_dataset, path=path or trainer.root / name)
        run.write(
            step_report(26, epoch=2, seconds=70.0, generator_loss=1.25, discriminator_loss=0.75)
        )
        pixels = np.full((config.num_samples, 28, 28, 1), 200, np.uint8)
        run.write(SampleReport(step=26, epoch=2, seconds=70.0, pixels=pixels))
        run.save_checkpoint({"step": np.array(26), "seconds": np.array(70.0)})
        run.write_status("finished", step=26, seconds=70.0)
        run.lock.release()
        return run

    return make


@pytest.fixture
def turned_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of pages that the page turned to; none is shown."""
    pages: list[str] = []

    def switch_page(page: str) -> None:
        pages.append(page)
        st.stop()

    monkeypatch.setattr(st, "switch_page", switch_page)
    return pages
