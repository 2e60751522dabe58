"""Adam's momenta in a GAN's state, from which tests read the gradients of a step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tests.states import State


def assert_momenta(
    state: State, network: str, gradients: Sequence[tf.Tensor | None], factor: float
) -> None:
    """Compare Adam's first moments of a network with gradients, times a factor.

    After the first step, a moment is (1 - beta_1) times the gradient.
    """
    momenta = [
        array
        for name, array in state.items()
        if name.startswith(f"{network}_optimizer/") and name.endswith("_momentum")
    ]
    for momentum, gradient in zip(momenta, gradients, strict=True):
        expected = np.zeros(momentum.shape) if gradient is None else factor * gradient.numpy()
        np.testing.assert_allclose(momentum, expected, rtol=2e-3, atol=2e-6)
    assert max(np.abs(momentum).max() for momentum in momenta) > 1e-4
