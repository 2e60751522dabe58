"""The fused Adam makes the same updates as Keras's, with a state of the same form."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.backend import keras, tf
from dcgan.training_step.adam import FusedAdam

GRADIENTS = np.random.default_rng(0).normal(size=(5, 3, 2)).astype(np.float32)


def train(
    optimizer: keras.optimizers.Adam, gradients: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Apply gradients one after the other in a graph; return the variable and the state."""
    variable = keras.Variable(np.ones((3, 2)), dtype="float32", name="kernel")
    optimizer.build([variable])
    apply = tf.function(lambda gradient: optimizer.apply([gradient], [variable]), autograph=False)
    for gradient in gradients:
        apply(tf.constant(gradient))
    return np.asarray(variable), {each.name: np.asarray(each) for each in optimizer.variables}


@pytest.mark.parametrize("beta_1", [0.5, 0.0])
def test_the_updates_and_the_state_equal_those_of_kerass_adam(beta_1: float) -> None:
    expected, expected_state = train(keras.optimizers.Adam(0.01, beta_1, 0.99), GRADIENTS)
    found, state = train(FusedAdam(0.01, beta_1, 0.99), GRADIENTS)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert state.keys() == expected_state.keys()
    for name, values in expected_state.items():
        np.testing.assert_allclose(state[name], values, rtol=1e-5, err_msg=name)
    assert abs(found - 1).min() > 0.001


def test_the_first_update_is_as_long_as_the_learning_rate() -> None:
    gradient = np.array([[[2.0, -3.0], [0.0, 1e-3], [5.0, -1e-3]]], np.float32)
    found, _ = train(FusedAdam(0.25, 0.5, 0.999), gradient)
    np.testing.assert_allclose(found, 1 - 0.25 * np.sign(gradient[0]), atol=1e-3)
