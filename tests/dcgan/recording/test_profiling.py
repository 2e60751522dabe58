"""A profile of a training run, in the folder that TensorBoard reads."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from dcgan.recording import profiling
from dcgan.recording.profiling import add_profile
from dcgan.training.loop import train


def test_some_chunks_are_profiled_and_all_reports_are_passed_on(
    tmp_path: Path,
    gan: DCGAN,
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(profiling, "_SECONDS", 0.0)
    config = tiny_config.replace(epochs=20)
    messages: list[str] = []
    reports = list(add_profile(train(gan, tiny_dataset, config), tmp_path, messages.append))
    assert messages == []
    assert reports[-1].step == gan.step == 20 * 13
    (profile,) = tmp_path.glob("tensorboard/plugins/profile/*/*.xplane.pb")
    assert b"FusedBatchNorm" in profile.read_bytes()


def test_a_profile_ends_when_the_training_is_closed(
    tmp_path: Path,
    gan: DCGAN,
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dcgan.training.loop._CHUNK_SECONDS", 0.0)  # Each step is reported.
    config = tiny_config.replace(epochs=100)
    with contextlib.closing(
        add_profile(train(gan, tiny_dataset, config), tmp_path, pytest.fail)
    ) as reports:
        while next(reports).step < 13 * 8:
            pass
    assert list(tmp_path.glob("tensorboard/plugins/profile/*/*.xplane.pb"))
    tf.profiler.experimental.start(str(tmp_path / "again"))  # Fails if the first one still runs.
    tf.profiler.experimental.stop(save=False)


def test_a_failed_profile_is_reported_and_training_continues(
    tmp_path: Path,
    gan: DCGAN,
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dcgan.training.loop._CHUNK_SECONDS", 0.0)  # Each step is reported.
    messages: list[str] = []
    tf.profiler.experimental.start(str(tmp_path / "other"))  # Another profile in this process.
    try:
        reports = list(
            add_profile(train(gan, tiny_dataset, tiny_config), tmp_path, messages.append)
        )
    finally:
        tf.profiler.experimental.stop(save=False)
    assert reports[-1].step == 26
    assert len(messages) == 1
    assert messages[0].startswith("There will be no profile: ")
