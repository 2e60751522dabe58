"""The EMA generator."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.training_step.training_images import TrainingImages
from tests.states import State


def test_the_ema_follows_the_ramp_for_weights_and_batch_norms_statistics(
    gan: DCGAN, images: TrainingImages, order: tf.Tensor
) -> None:
    names = [variable.name for variable in gan.generator.variables]
    assert "moving_variance" in names
    average = [np.array(weights, np.float64) for weights in gan.ema_generator.get_weights()]
    for step in range(1, 13):
        gan.train_steps(images, order, position=step - 1, num_steps=1)
        decay = 0.5 ** (1 / (0.05 * step))  # At step 12: 0.31, far below ema_decay.
        average = [
            decay * old + (1 - decay) * new
            for old, new in zip(average, gan.generator.get_weights(), strict=True)
        ]
    for name, found, expected, newest in zip(
        names, gan.ema_generator.get_weights(), average, gan.generator.get_weights(), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7, err_msg=name)
        assert not np.allclose(found, newest, rtol=1e-5, atol=1e-7), name


def test_late_in_training_the_ema_keeps_ema_decay_of_the_old(
    gan: DCGAN, first_state: State, images: TrainingImages, order: tf.Tensor
) -> None:
    zeros = {
        name: np.zeros_like(first_state[name])
        for name in first_state
        if name.startswith("ema_generator/")
    }
    # The ramp is 0.999999 there. The step is far above 2**24, above which float32 cannot represent
    # every integer.
    gan.set_state({**first_state, **zeros, "step": np.array(20_000_001)})
    gan.train_steps(images, order, position=0, num_steps=1)
    for average, newest in zip(
        gan.ema_generator.get_weights(), gan.generator.get_weights(), strict=True
    ):
        np.testing.assert_allclose(average, 0.001 * newest, rtol=1e-3)


def test_a_decay_of_0_makes_the_ema_generator_the_generator(
    tiny_config: TrainingConfig, images: TrainingImages, order: tf.Tensor
) -> None:
    gan = DCGAN(tiny_config.replace(ema_decay=0))
    gan.train_steps(images, order, position=0, num_steps=3)
    for average, newest in zip(
        gan.ema_generator.get_weights(), gan.generator.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(average, newest)


def test_images_come_from_the_ema_generator_as_pixels(gan: DCGAN, first_state: State) -> None:
    zeros = {
        name: np.zeros_like(first_state[name])
        for name in first_state
        if name.startswith("ema_generator/")
    }
    z = sample_latent(0, 5, gan.config.latent_dim)
    pixels = gan.set_state({**first_state, **zeros}).generate(z)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (5, 28, 28, 1)
    np.testing.assert_array_equal(pixels, 128)  # tanh(0), which is 127.5, rounded to even.
