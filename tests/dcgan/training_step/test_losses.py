"""The losses at logits with known values, and against the formula for any logits."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from dcgan.config.setting_types import Loss
from dcgan.training_step.losses import discriminator_loss, generator_loss

LN_2 = math.log(2)

logit_batches = st.lists(st.floats(-60, 60, width=32), min_size=1, max_size=8)


def logits(*values: float) -> tf.Tensor:
    """Return a batch of logits, shape (num, 1), as the discriminator gives it."""
    return tf.constant(values, tf.float32, (len(values), 1))


def cross_entropy(values: list[float], target: float) -> float:
    """Return the mean cross-entropy of logits against a target, in float64."""
    batch = np.array(values, np.float64)
    # -t log s(l) - (1 - t) log(1 - s(l)), with log s(l) = -log(1 + exp(-l)).
    return float(np.mean(np.logaddexp(0, -batch) * target + np.logaddexp(0, batch) * (1 - target)))


def test_zero_logits_give_ln_2_to_the_generator_and_twice_that_to_the_discriminator() -> None:
    zeros = logits(0, 0, 0)
    assert float(generator_loss(zeros)) == pytest.approx(LN_2)
    assert float(discriminator_loss(zeros, zeros)) == pytest.approx(2 * LN_2)


def test_a_loss_is_a_mean_so_that_the_batch_size_does_not_scale_it() -> None:
    assert generator_loss(logits(0)).shape == ()
    assert float(generator_loss(logits(1, 1, 1, 1))) == float(generator_loss(logits(1)))
    # A real and a fake batch of different sizes weigh the same.
    assert float(discriminator_loss(logits(0), logits(0, 0, 0))) == pytest.approx(2 * LN_2)


def test_fakes_classified_as_real_give_a_small_generator_loss_and_a_large_discriminator_loss() -> (
    None
):
    assert float(generator_loss(logits(30))) == pytest.approx(0, abs=1e-9)
    assert float(discriminator_loss(logits(30), logits(30))) == pytest.approx(30)


def test_detected_fakes_give_a_large_generator_loss_and_a_small_discriminator_loss() -> None:
    assert float(generator_loss(logits(-30))) == pytest.approx(30)
    assert float(discriminator_loss(logits(30), logits(-30))) == pytest.approx(0, abs=1e-9)


def test_the_generators_gradient_does_not_vanish_when_the_discriminator_wins() -> None:
    fake_logits = tf.Variable(logits(-30))
    with tf.GradientTape() as tape:
        loss = generator_loss(fake_logits)
    # The saturating loss, log(1 - D(G(z))), would give -exp(-30) here.
    assert float(tape.gradient(loss, fake_logits)[0, 0]) == pytest.approx(-1)


def test_smoothing_lowers_the_real_targets_and_leaves_the_fake_ones_at_0() -> None:
    real_logits, fake_logits = logits(2, -0.5), logits(1, -3, 0.25)
    plain = float(discriminator_loss(real_logits, fake_logits))
    smoothed = float(discriminator_loss(real_logits, fake_logits, label_smoothing=0.1))
    # Cross-entropy is linear in the target with slope -logit: only the real logits' mean counts.
    assert smoothed - plain == pytest.approx(0.1 * (2 - 0.5) / 2, rel=1e-5)


def test_the_smoothed_loss_is_smallest_at_a_probability_of_0_9() -> None:
    real_logits = tf.Variable(logits(math.log(9)))  # sigmoid(ln 9) = 0.9
    with tf.GradientTape() as tape:
        loss = discriminator_loss(real_logits, logits(0), label_smoothing=0.1)
    assert float(tape.gradient(loss, real_logits)[0, 0]) == pytest.approx(0, abs=1e-7)


@given(logit_batches, logit_batches, st.floats(0, 0.5))
def test_both_losses_follow_the_formula_for_any_logits(
    real: list[float], fake: list[float], smoothing: float
) -> None:
    expected = cross_entropy(real, 1 - smoothing) + cross_entropy(fake, 0)
    loss = float(discriminator_loss(logits(*real), logits(*fake), smoothing))
    assert loss == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert float(generator_loss(logits(*fake))) == pytest.approx(
        cross_entropy(fake, 1), rel=1e-4, abs=1e-5
    )


def test_the_hinge_loss_counts_only_what_is_inside_the_margin() -> None:
    # 1 - 0.25 of the real images; 1 - 3 and 1 + 0.5 of the fakes.
    loss = discriminator_loss(logits(0.25, 2), logits(-3, 0.5), loss="hinge")
    assert float(loss) == pytest.approx(0.75 / 2 + 1.5 / 2)
    assert float(generator_loss(logits(-3, 0.5), loss="hinge")) == pytest.approx(1.25)


def test_the_wasserstein_loss_is_the_difference_of_the_means() -> None:
    loss = discriminator_loss(logits(1, 5), logits(-2, -4), loss="wgan_gp")
    assert float(loss) == pytest.approx(-6)
    assert float(generator_loss(logits(-2, -4), loss="wgan_gp")) == pytest.approx(3)


def test_the_relativistic_losses_are_the_cross_entropies_of_pairs() -> None:
    real, fake = [1.0, -0.5], [-1.5, 1.0]
    loss = discriminator_loss(logits(*real), logits(*fake), loss="relativistic")
    assert float(loss) == pytest.approx(cross_entropy([2.5, -1.5], 1))
    loss = generator_loss(logits(*fake), logits(*real), loss="relativistic")
    assert float(loss) == pytest.approx(cross_entropy([-2.5, 1.5], 1))


def test_an_unknown_loss_is_an_error_and_not_the_formula_of_another_one() -> None:
    unknown = cast("Loss", "least_squares")
    with pytest.raises(AssertionError, match="least_squares"):
        generator_loss(logits(0), loss=unknown)
    with pytest.raises(AssertionError, match="least_squares"):
        discriminator_loss(logits(0), logits(0), loss=unknown)
