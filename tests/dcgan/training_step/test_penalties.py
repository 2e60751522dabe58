"""The penalties against answers computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from dcgan.training_step.penalties import middle_penalty, wgan_gp_penalty, zero_centered_penalty


def test_r1_is_half_the_weight_times_the_mean_squared_slope() -> None:
    images = tf.random.stateless_normal((5, 4, 4, 1), seed=(1, 2))
    # The slope of a linear function is its weights, of a sum of squares twice the image.
    weights = tf.range(16, dtype=tf.float32)
    linear = zero_centered_penalty(
        lambda x: tf.reshape(x, (-1, 16)) @ weights[:, None], images, 0.5
    )
    assert float(linear) == pytest.approx(0.5 / 2 * sum(n**2 for n in range(16)))
    quadratic = zero_centered_penalty(lambda x: tf.reduce_sum(x**2, axis=(1, 2, 3)), images, 3.0)
    assert float(quadratic) == pytest.approx(3 / 2 * 4 * np.sum(images.numpy() ** 2) / 5)
    flat = zero_centered_penalty(lambda x: tf.reduce_sum(0 * x, axis=(1, 2, 3)), images, 1.0)
    assert float(flat) == 0.0


def test_the_middle_penalty_pulls_the_mean_of_all_logits_to_0() -> None:
    shift = tf.Variable(4.0)
    with tf.GradientTape() as tape:
        penalty = middle_penalty(tf.ones((2, 1)) + shift, -tf.ones((2, 1)) + shift)
    assert float(penalty) == pytest.approx(0.1 * 16)
    assert float(tape.gradient(penalty, shift)) == pytest.approx(0.1 * 2 * 4)


def test_wgan_gp_s_penalty_is_0_at_a_slope_of_1_and_10_at_a_slope_of_0() -> None:
    real, fake = tf.ones((3, 2, 2, 1)), tf.zeros((3, 2, 2, 1))
    mix_weights = tf.constant([0.0, 0.5, 1.0])
    of_sum = wgan_gp_penalty(lambda x: tf.reduce_sum(x, (1, 2, 3)) / 2, real, fake, mix_weights)
    assert float(of_sum) == pytest.approx(0, abs=1e-6)
    flat = wgan_gp_penalty(lambda x: tf.reduce_sum(0 * x, (1, 2, 3)), real, fake, mix_weights)
    assert float(flat) == pytest.approx(10, rel=1e-4)
    # The slope of half the squares is the length of the image: 0, 1 and 2 with these weights.
    squares = wgan_gp_penalty(lambda x: tf.reduce_sum(x**2, (1, 2, 3)) / 2, real, fake, mix_weights)
    assert float(squares) == pytest.approx(10 * (1 + 0 + 1) / 3, rel=1e-4)
