"""Fixtures: a DCGAN of tiny networks, and a fake clock that advances only during training."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from tests.clock import Clock, count_steps, time_training
from tests.states import State


@pytest.fixture(scope="module")
def shared_gan(tiny_config: TrainingConfig) -> DCGAN:
    """Return a DCGAN shared by the tests of a module, because tracing its graph is slow."""
    return DCGAN(tiny_config)


@pytest.fixture(scope="module")
def start(shared_gan: DCGAN) -> State:
    """Return the state before the first step."""
    return shared_gan.get_state()


@pytest.fixture
def gan(shared_gan: DCGAN, start: State) -> Iterator[DCGAN]:
    """Return the shared DCGAN in the state before its first step; reset it after the test."""
    yield shared_gan.set_state(start)
    shared_gan.set_state(start)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, shared_gan: DCGAN) -> Clock:
    """Return a fake clock that advances only during training."""
    return time_training(monkeypatch, shared_gan)


@pytest.fixture
def quick_steps(monkeypatch: pytest.MonkeyPatch, shared_gan: DCGAN, clock: Clock) -> Clock:
    """Replace training steps by ones that learn nothing and take 1 ms; return their clock."""
    return count_steps(monkeypatch, shared_gan, clock)


@pytest.fixture
def few_pictures(tiny_dataset: ImageDataset) -> ImageDataset:
    """Return 16 images, so that an epoch has one step."""
    return dataclasses.replace(tiny_dataset, pixels=tiny_dataset.pixels[:16])
