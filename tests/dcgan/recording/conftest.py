"""A run whose training follows a script, and tiny settings with own pictures."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import cast

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from dcgan.recording import recorder
from dcgan.recording.disk_retry import DiskRetryPolicy, give_up_at_once
from dcgan.recording.recorder import record
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run
from tests.fake_training import FakeGAN, Recorded, Script
from tests.picture_files import write_dataset


@pytest.fixture
def config(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> TrainingConfig:
    """Return the tiny settings with the tiny pictures as a file, as a person would give them."""
    return tiny_config.replace(dataset=write_dataset(tmp_path, tiny_dataset), polarity="as_is")


@pytest.fixture
def recorded(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Recorded:
    """Return a function that prepares a recording of a scripted training."""

    def start(
        script: Script, retry: DiskRetryPolicy = give_up_at_once
    ) -> tuple[Run, FakeGAN, Generator[AnyReport]]:
        def follow(
            gan: FakeGAN, dataset: ImageDataset, config: TrainingConfig, *earlier: object
        ) -> Generator[AnyReport]:
            return script(gan)

        monkeypatch.setattr(recorder, "train", follow)
        run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "run")
        gan = FakeGAN()
        return run, gan, record(run, cast("DCGAN", gan), tiny_dataset, retry)

    return start


@pytest.fixture
def each_epoch_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Report the ends of short epochs, too."""
    monkeypatch.setattr("dcgan.training.loop._EPOCH_SECONDS", 0.0)
