"""A fake clock that advances only during training, and a data set of one batch."""

from __future__ import annotations

import dataclasses

import pytest

from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from tests.clock import Clock, count_steps, time_training


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, traced_gan: DCGAN) -> Clock:
    """Return a fake clock that advances only during training."""
    return time_training(monkeypatch, traced_gan)


@pytest.fixture
def quick_steps(monkeypatch: pytest.MonkeyPatch, traced_gan: DCGAN, clock: Clock) -> Clock:
    """Replace training steps by steps that learn nothing and take 1 ms; return their clock."""
    return count_steps(monkeypatch, traced_gan, clock)


@pytest.fixture
def few_pictures(tiny_dataset: ImageDataset) -> ImageDataset:
    """Return 16 images, so that an epoch has one step."""
    return dataclasses.replace(tiny_dataset, pixels=tiny_dataset.pixels[:16])
