"""Tiny networks whose step is traced once for a whole file.

Tracing the graph of a step takes two seconds, a step a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from dcgan.config.training_config import TrainingConfig
from tests.states import State

if TYPE_CHECKING:
    from dcgan.model.gan import DCGAN


@pytest.fixture(scope="module")
def traced_gan(tiny_config: TrainingConfig) -> DCGAN:
    """Return a DCGAN of the tiny settings that the tests of a file share."""
    from dcgan.model.gan import DCGAN  # Imports TensorFlow, which many tests here do not need.

    return DCGAN(tiny_config)


@pytest.fixture(scope="module")
def first_state(traced_gan: DCGAN) -> State:
    """Return the state of `traced_gan` before its first step."""
    return traced_gan.get_state()


@pytest.fixture
def gan(traced_gan: DCGAN, first_state: State) -> Iterator[DCGAN]:
    """Return `traced_gan` in its first state, and reset it after the test."""
    yield traced_gan.set_state(first_state)
    traced_gan.set_state(first_state)
