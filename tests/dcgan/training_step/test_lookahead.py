"""Lookahead: both networks regularly go back a part of the way that they came."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.model.gan import DCGAN
from dcgan.training_step.lookahead import compute_share_kept
from dcgan.training_step.training_images import TrainingImages

_EVERY = 3  # Steps from one return to the next.
_LATE = 3000  # A step after a return, when returns keep half of the way.


def list_weights(gan: DCGAN) -> list[np.ndarray]:
    networks = (gan.generator, gan.discriminator)
    return [weight.numpy() for network in networks for weight in network.trainable_variables]


@pytest.fixture
def config(tiny_config: TrainingConfig) -> TrainingConfig:
    return tiny_config.replace(lookahead=_EVERY)


@pytest.mark.parametrize(
    ("step", "expected"), [(0, 1.0), (500, 0.75), (1000, 0.5), (1001, 0.5), (1_000_000, 0.5)]
)
def test_a_return_keeps_less_and_less_until_it_keeps_half(step: int, expected: float) -> None:
    assert float(compute_share_kept(tf.constant(step))) == expected


def test_a_late_return_is_half_of_the_way_of_both_networks(
    config: TrainingConfig, images: TrainingImages, order: tf.Tensor
) -> None:
    gan, free = DCGAN(config), DCGAN(config.replace(lookahead=0))
    start = list_weights(gan)
    for each in (gan, free):
        each.step = _LATE
        each.train_steps(images, order, position=0, num_steps=_EVERY - 1)
    for found, expected in zip(list_weights(gan), list_weights(free), strict=True):
        np.testing.assert_array_equal(found, expected)
    for each in (gan, free):
        each.train_steps(images, order, position=_EVERY - 1, num_steps=1)
    moved = list_weights(free)
    for found, before, after in zip(list_weights(gan), start, moved, strict=True):
        np.testing.assert_allclose(found, before + 0.5 * (after - before), rtol=1e-5, atol=1e-7)
    assert any(not np.allclose(after, before) for after, before in zip(moved, start, strict=True))


def test_a_training_resumed_between_two_returns_goes_on_exactly(
    config: TrainingConfig, images: TrainingImages, order: tf.Tensor
) -> None:
    gan = DCGAN(config)
    gan.train_steps(images, order, position=0, num_steps=_EVERY + 1)
    resumed = DCGAN(config).set_state(gan.get_state())
    for each in (gan, resumed):
        each.train_steps(images, order, position=_EVERY + 1, num_steps=_EVERY)
    for found, expected in zip(list_weights(resumed), list_weights(gan), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_state_without_lookahead_lets_the_next_return_lead_to_its_own_weights(
    config: TrainingConfig, images: TrainingImages, order: tf.Tensor
) -> None:
    old = DCGAN(config.replace(lookahead=0))
    old.train_steps(images, order, position=0, num_steps=_EVERY)
    weights = list_weights(old)
    gan = DCGAN(config).set_state(old.get_state())
    state = gan.get_state()
    names = sorted(name for name in state if name.startswith("lookahead/"))
    for name, weight in zip(names, weights, strict=True):
        np.testing.assert_array_equal(state[name], weight)


def test_a_branch_without_lookahead_ignores_that_of_its_parent(
    config: TrainingConfig, images: TrainingImages, order: tf.Tensor
) -> None:
    gan = DCGAN(config)
    gan.train_steps(images, order, position=0, num_steps=1)
    branch = DCGAN(config.replace(lookahead=0)).set_state(gan.get_state())
    for found, expected in zip(list_weights(branch), list_weights(gan), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert not any(name.startswith("lookahead/") for name in branch.get_state())


def test_augmented_pictures_train_without_returns(
    config: TrainingConfig, images: TrainingImages, order: tf.Tensor
) -> None:
    gan = DCGAN(config.replace(augment=1.0))
    start = gan.get_state()
    gan.train_steps(images, order, position=0, num_steps=_EVERY)
    state = gan.get_state()
    names = [name for name in state if name.startswith("lookahead/")]
    assert names
    for name in names:
        np.testing.assert_array_equal(state[name], start[name])
