"""A copy of the discriminator computes the probabilities of the discriminator in training."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.model.discriminator_copy import DiscriminatorCopy
from dcgan.model.gan import DCGAN
from dcgan.model.state import select_discriminator_weights


# With Dropout, whose random state is a variable too.
@pytest.fixture(scope="module")
def gan(tiny_config: TrainingConfig) -> DCGAN:
    return DCGAN(tiny_config.replace(dropout=0.3))


@pytest.fixture(scope="module")
def copy(gan: DCGAN) -> DiscriminatorCopy:
    return DiscriminatorCopy(gan.config)


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 28, 28, 1)).astype(np.uint8)


def test_the_probabilities_are_the_ones_in_training_but_without_dropout(
    gan: DCGAN, copy: DiscriminatorCopy, pixels: np.ndarray
) -> None:
    gan = DCGAN(gan.config)
    gan.discriminator.layers[-1].bias.assign([0.3])
    weights = select_discriminator_weights(gan.get_state())
    probabilities = copy.compute_probabilities(weights, pixels)
    without_dropout = DCGAN(gan.config.replace(dropout=0.0)).discriminator
    without_dropout.set_weights(gan.discriminator.get_weights())
    images = pixels.astype(np.float32) / 127.5 - 1
    logits = np.asarray(without_dropout(images, training=True))[:, 0]
    np.testing.assert_allclose(probabilities, 1 / (1 + np.exp(-logits)), atol=1e-6)
    assert len(set(probabilities.tolist())) == 5
    # A second call gives the same numbers, so the first changed no weight.
    np.testing.assert_array_equal(copy.compute_probabilities(weights, pixels), probabilities)


def test_weights_of_zero_give_a_probability_of_one_half(
    gan: DCGAN, copy: DiscriminatorCopy, pixels: np.ndarray
) -> None:
    zeros = [np.zeros_like(array) for array in select_discriminator_weights(gan.get_state())]
    np.testing.assert_allclose(copy.compute_probabilities(zeros, pixels), 0.5)


def test_a_diverged_discriminator_gives_a_probability_of_zero(
    gan: DCGAN, copy: DiscriminatorCopy, pixels: np.ndarray
) -> None:
    weights = select_discriminator_weights(gan.get_state())
    broken = [
        np.full_like(array, np.nan) if array.dtype == np.float32 else array for array in weights
    ]
    np.testing.assert_array_equal(copy.compute_probabilities(broken, pixels), np.zeros(5))


@pytest.mark.parametrize(
    ("missing", "problem"), [("first", "shape"), ("last", "shorter than argument 1")]
)
def test_weights_without_one_array_are_refused(
    gan: DCGAN, copy: DiscriminatorCopy, pixels: np.ndarray, missing: str, problem: str
) -> None:
    weights = select_discriminator_weights(gan.get_state())
    with pytest.raises(ValueError, match=problem):
        copy.compute_probabilities(weights[1:] if missing == "first" else weights[:-1], pixels)
