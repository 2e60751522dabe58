"""Repeatable numbers, and the state that a run continues from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.model.gan import DCGAN
from dcgan.training_step.training_images import TrainingImages
from tests.states import State, assert_same_numbers


def test_the_same_seed_gives_the_same_numbers(
    gan: DCGAN, twin: DCGAN, first_state: State, images: TrainingImages, order: tf.Tensor
) -> None:
    assert_same_numbers(DCGAN(gan.config).get_state(), first_state)
    gan.train_steps(images, order, position=0, num_steps=6)
    twin.set_state(first_state).train_steps(images, order, position=0, num_steps=6)
    assert_same_numbers(twin.get_state(), gan.get_state())


def test_the_length_of_the_chunks_changes_nothing_and_nothing_is_traced_again(
    gan: DCGAN, first_state: State, images: TrainingImages, order: tf.Tensor
) -> None:
    late = {**first_state, "step": np.array(12)}  # The penalty of the 16th step is among the six.
    gan.set_state(late).train_steps(images, order, position=0, num_steps=6)
    in_one = gan.get_state()
    num_tracings = gan.training_step.graph.experimental_get_tracing_count()
    for chunks in ((1, 1, 1, 1, 1, 1), (2, 4), (5, 1)):
        gan.set_state(late)
        for num_steps in chunks:
            gan.train_steps(images, order, gan.step - 12, num_steps)
        assert_same_numbers(gan.get_state(), in_one)
    assert gan.training_step.graph.experimental_get_tracing_count() == num_tracings


def test_training_continues_exactly_from_a_state_in_the_middle(
    gan: DCGAN, twin: DCGAN, images: TrainingImages, order: tf.Tensor
) -> None:
    gan.train_steps(images, order, position=0, num_steps=4)
    gan.seconds = 1.5
    middle = gan.get_state()
    gan.train_steps(images, order, position=4, num_steps=4)

    twin.set_state(middle)
    assert (twin.step, twin.seconds) == (4, 1.5)
    twin.train_steps(images, order, position=4, num_steps=4)
    assert_same_numbers(twin.get_state(), gan.get_state())


def test_a_state_includes_dropouts_random_state(
    tiny_config: TrainingConfig, images: TrainingImages, order: tf.Tensor
) -> None:
    config = tiny_config.replace(dropout=0.3, r1_penalty=0.0)
    gan = DCGAN(config)
    gan.train_steps(images, order, position=0, num_steps=2)
    middle = gan.get_state()
    gan.train_steps(images, order, position=2, num_steps=2)
    uninterrupted = gan.get_state()
    gan.set_state(middle).train_steps(images, order, position=2, num_steps=2)
    assert_same_numbers(gan.get_state(), uninterrupted)


def test_a_state_is_a_copy_that_later_training_does_not_change(
    gan: DCGAN, first_state: State, images: TrainingImages, order: tf.Tensor
) -> None:
    state = gan.get_state()
    gan.train_steps(images, order, position=0, num_steps=1)
    for name, array in state.items():
        np.testing.assert_array_equal(array, first_state[name])


def drop_a_kernel(state: State) -> State:
    return {name: array for name, array in state.items() if name != "generator/00/kernel"}


def add_a_kernel(state: State) -> State:
    return {**state, "generator/99/kernel": np.zeros(3, np.float32)}


def reshape_a_kernel(state: State) -> State:
    return {**state, "generator/00/kernel": np.zeros((4, 7), np.float32)}


def drop_the_step(state: State) -> State:
    return {name: array for name, array in state.items() if name != "step"}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (drop_a_kernel, "the state lacks 'generator/00/kernel'."),
        (drop_the_step, "the state lacks 'step'."),
        (add_a_kernel, "the state holds 'generator/99/kernel', which these networks do not have."),
        (reshape_a_kernel, "'generator/00/kernel' has shape (4, 7); expected (4, 8)."),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(
    gan: DCGAN,
    first_state: State,
    images: tf.Tensor,
    order: tf.Tensor,
    damage: Callable[[State], State],
    message: str,
) -> None:
    gan.train_steps(images, order, position=0, num_steps=1)
    before = gan.get_state()
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        gan.set_state(damage(first_state))
    assert str(caught.value) == message
    for name, array in gan.get_state().items():
        np.testing.assert_array_equal(array, before[name])
