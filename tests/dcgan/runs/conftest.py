"""Fixtures that the tests of runs share."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.runs import heartbeat, lock
from dcgan.runs.run_folder import Run
from tests.dcgan.runs.examples import state
from tests.dcgan.runs.machines import BEAT_SECONDS


@pytest.fixture
def new_run(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> Callable[..., Run]:
    """Make a run under tmp_path/library with some checkpoints, stopped and unlocked."""

    def make(name: str = "first", *steps: int, **changes: object) -> Run:
        config = tiny_config.replace(**changes)
        run = Run.create(config, tiny_dataset, path=tmp_path / "library" / name)
        for step in steps:
            run.save_checkpoint(state(step))
        run.write_status("stopped", step=max(steps, default=0), seconds=2.5)
        run.lock.release()
        return run

    return make


@pytest.fixture
def quick_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the heartbeat and the wait for a lock; forget the heartbeats of other tests."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", BEAT_SECONDS)
    monkeypatch.setattr(lock, "_RETRY_SECONDS", 0.2)
    monkeypatch.setattr(heartbeat, "_observed", {})


@pytest.fixture
def run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a stopped run whose lock is free."""
    made = Run.create(tiny_config, tiny_dataset, path=tmp_path / "library" / "first")
    made.write_status("stopped", step=4)
    made.lock.release()
    return made


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> threading.Event:
    """Return an event that each heartbeat of this process sets."""
    beaten, renew = threading.Event(), os.utime

    def utime(path: Path, *arguments: tuple[float, float]) -> None:
        renew(path, *arguments)
        if path.is_relative_to(tmp_path):
            beaten.set()

    monkeypatch.setattr(os, "utime", utime)
    return beaten
