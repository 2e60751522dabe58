"""A DCGAN of tiny networks, and a clock that only training moves."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from tests.clock import Clock, count_steps, time_training
from tests.states import State


@pytest.fixture(scope="module")
def shared_gan(tiny_config: TrainingConfig) -> DCGAN:
    """Return a DCGAN whose graph is traced once for all tests here."""
    return DCGAN(tiny_config)


@pytest.fixture(scope="module")
def start(shared_gan: DCGAN) -> State:
    """Return the state before the first step."""
    return shared_gan.get_state()


@pytest.fixture
def gan(shared_gan: DCGAN, start: State) -> Iterator[DCGAN]:
    """Return a DCGAN in its first state."""
    yield shared_gan.set_state(start)
    shared_gan.set_state(start)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, shared_gan: DCGAN) -> Clock:
    """Return a clock that only training moves."""
    return time_training(monkeypatch, shared_gan)


@pytest.fixture
def quick_steps(monkeypatch: pytest.MonkeyPatch, shared_gan: DCGAN, clock: Clock) -> Clock:
    """Return a clock on which steps take a millisecond; they learn nothing."""
    return count_steps(monkeypatch, shared_gan, clock)


@pytest.fixture
def few_pictures(tiny_dataset: ImageDataset) -> ImageDataset:
    """Return 16 images: an epoch is a step."""
    return dataclasses.replace(tiny_dataset, pixels=tiny_dataset.pixels[:16])
