"""Tiny networks whose step is traced once for all tests of a process.

Tracing the graph of a step takes two seconds, a step a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from tests.states import State

if TYPE_CHECKING:
    from dcgan.model.gan import DCGAN
    from dcgan.recording.start import MakeGAN


@pytest.fixture(scope="module")
def traced_gan(make_gan: MakeGAN, tiny_config: TrainingConfig, tiny_dataset: ImageDataset) -> DCGAN:
    """Return a DCGAN of the tiny settings that tests share."""
    return make_gan(tiny_config, tiny_dataset)


@pytest.fixture(scope="module")
def first_state(traced_gan: DCGAN) -> State:
    """Return the state of `traced_gan` before its first step."""
    return traced_gan.get_state()


@pytest.fixture
def gan(traced_gan: DCGAN, first_state: State, tiny_config: TrainingConfig) -> Iterator[DCGAN]:
    """Return `traced_gan` in its first state, and reset it after the test."""
    traced_gan.change_config(tiny_config)
    yield traced_gan.set_state(first_state)
    traced_gan.set_state(first_state)
