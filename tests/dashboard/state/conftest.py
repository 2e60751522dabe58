"""Fixtures for tests of the trainer, which follows a script."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.process import tf_runtime
from dcgan.config.training_config import TrainingConfig
from dcgan.data import held_out
from dcgan.data.datasets import ImageDataset
from dcgan.model import sampler as sampler_module
from dcgan.recording import recorder, start
from dcgan.runs.run_folder import Run
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    FakeSampler,
    Script,
    WatchedTrainer,
)
from tests.fake_training import FakeGAN


@pytest.fixture
def trainer(tmp_path: Path) -> Iterator[WatchedTrainer]:
    """Return a trainer of an empty folder; its thread must end after the test."""
    trainer = WatchedTrainer(tmp_path / "library")
    yield trainer
    trainer.stop()
    assert trainer.join(TIMEOUT)


@pytest.fixture
def script(
    monkeypatch: pytest.MonkeyPatch, tiny_dataset: ImageDataset, trainer: WatchedTrainer
) -> Iterator[Script]:
    """Make training follow a script, on the tiny pictures and without networks."""
    script = Script()
    monkeypatch.setattr(tf_runtime, "prepare", lambda: None)
    for module in (start, held_out):  # A new run's data, and a continued one's.
        monkeypatch.setattr(module, "load_configured_dataset", lambda *_: tiny_dataset)
    monkeypatch.setattr(start, "DCGAN", FakeGAN)
    monkeypatch.setattr(recorder, "train", script.train)
    monkeypatch.setattr(sampler_module, "Sampler", FakeSampler)
    FakeSampler.may_draw.set()
    FakeSampler.is_drawing.clear()
    yield script
    script.finish()


@pytest.fixture
def running(trainer: WatchedTrainer, script: Script, tiny_config: TrainingConfig) -> Run:
    """Start a run and return it at step 10."""
    assert trainer.start(tiny_config)
    script.advance()
    run = trainer.wait_for("running").run
    assert run is not None
    script.wait_until_idle()  # A command that is sent earlier may be carried out at step 10.
    return run


@pytest.fixture
def thread_errors(monkeypatch: pytest.MonkeyPatch) -> list[type[BaseException]]:
    """Collect the exceptions that end a thread, instead of logging them."""
    kinds: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda error: kinds.append(error.exc_type))
    return kinds
