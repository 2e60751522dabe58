"""Tiny networks; some with two updates of the discriminator.

They have no gradient penalty, which doubles the time of tracing, so that they share the traced step
of other folders. Files that test it replace `tiny_config`.
"""

from __future__ import annotations

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.model.gan import DCGAN
from tests.states import State
from tests.step_fixtures import images, order, twin

__all__ = ["images", "order", "twin"]


@pytest.fixture(scope="module")
def shared_two_update_gan(tiny_config: TrainingConfig) -> DCGAN:
    """Return a DCGAN whose discriminator learns twice a step, traced once for all tests."""
    return DCGAN(tiny_config.replace(discriminator_steps=2))


@pytest.fixture
def two_update_gan(shared_two_update_gan: DCGAN, first_state: State) -> DCGAN:
    """Return a DCGAN whose discriminator learns twice a step, in its first state."""
    return shared_two_update_gan.set_state(first_state)
