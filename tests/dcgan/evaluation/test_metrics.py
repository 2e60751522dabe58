"""The metrics against known answers and against other ways to compute them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcgan.evaluation import metrics
from dcgan.evaluation.metric_info import Evaluation
from dcgan.evaluation.metrics import Estimate, Moments, frechet_distance, moments
from tests.dcgan.evaluation.examples import draw_normal


def test_the_interval_of_a_median_lies_between_two_of_the_values() -> None:
    found = metrics.estimate_median(np.arange(401.0))
    # The number of 401 values below the median has a standard deviation of 10.
    assert (found.low, found.value, found.high) == pytest.approx((180.4, 200, 219.6), abs=0.1)
    alone = metrics.estimate_median(np.array([3.0]))
    assert (alone.low, alone.value, alone.high) == (3, 3, 3)


# Fréchet distance


def test_equal_moments_have_distance_zero() -> None:
    a = moments(draw_normal(100))
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_the_distance_in_one_dimension_adds_the_squared_shifts_of_mean_and_deviation() -> None:
    a = Moments(np.array([1.0]), np.array([[4.0]]))
    b = Moments(np.array([4.0]), np.array([[9.0]]))
    assert frechet_distance(a, b) == pytest.approx((1 - 4) ** 2 + (2 - 3) ** 2)


def test_the_distance_of_diagonal_covariances_is_the_sum_over_dimensions() -> None:
    a = Moments(np.zeros(3), np.diag([1.0, 4.0, 0.0]))
    b = Moments(np.ones(3), np.diag([9.0, 4.0, 25.0]))
    assert frechet_distance(a, b) == pytest.approx(3 + (1 - 3) ** 2 + 0 + 5**2)


@given(st.integers(0, 10_000))
def test_the_distance_agrees_with_the_eigenvalues_of_the_product(seed: int) -> None:
    # tr (Ca Cb)^½ is the sum of the roots of the product's own eigenvalues, which are real.
    a, b = (moments(draw_normal(30, seed=seed + index) * (1 + index)) for index in range(2))
    roots = np.sqrt(np.linalg.eigvals(a.covariance @ b.covariance).astype(complex)).real
    expected = (
        ((a.mean - b.mean) ** 2).sum()
        + np.trace(a.covariance)
        + np.trace(b.covariance)
        - 2 * roots.sum()
    )
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6, abs=1e-8)
    assert frechet_distance(b, a) == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_rotating_both_sets_keeps_the_distance() -> None:
    turn, _ = np.linalg.qr(draw_normal(4))
    a, b = draw_normal(50, seed=1), draw_normal(60, seed=2, shift=1)
    straight = frechet_distance(moments(a), moments(b))
    assert frechet_distance(moments(a @ turn), moments(b @ turn)) == pytest.approx(straight)


def test_the_distance_exists_for_fewer_rows_than_features() -> None:
    assert math.isfinite(
        frechet_distance(moments(draw_normal(5, 20)), moments(draw_normal(6, 20, seed=1)))
    )


def test_moments_equal_numpys_mean_and_covariance() -> None:
    features = draw_normal(40).astype(np.float32)
    mean, covariance = moments(features)
    np.testing.assert_allclose(mean, features.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(covariance, np.cov(features, rowvar=False), atol=1e-6)
    assert mean.dtype == covariance.dtype == np.float64


def test_one_image_has_no_covariance() -> None:
    with pytest.raises(ValueError, match="two images at least, got 1"):
        moments(draw_normal(1))


def test_the_interval_of_the_distance_covers_the_mean_of_many_samples() -> None:
    real = moments(draw_normal(5000, seed=1))
    draws = [draw_normal(500, seed=seed, shift=0.5) for seed in range(2, 62)]
    average = np.mean([frechet_distance(real, moments(draw)) for draw in draws])
    estimates = [metrics.estimate_frechet(real, draw) for draw in draws]
    inside = np.mean([estimate.low < average < estimate.high for estimate in estimates])
    # An interval of 95 %; its width varies, as it comes from ten blocks.
    assert inside > 0.85


# Classifier score


def test_sure_and_even_predictions_score_the_number_of_digits() -> None:
    assert metrics.classifier_score(np.eye(10)) == pytest.approx(10)


@pytest.mark.parametrize("row", [np.eye(10)[3], np.full(10, 0.1)])
def test_a_single_digit_or_unsure_predictions_score_one(row: np.ndarray) -> None:
    assert metrics.classifier_score(np.tile(row, (50, 1))) == pytest.approx(1)


def test_the_score_of_two_digits_is_the_exponential_of_the_mutual_information() -> None:
    # Two equally frequent classes, predicted with 0.75: 1 - H(0.75) bits.
    rows = np.array([[0.75, 0.25], [0.25, 0.75]])
    bits = 1 + 0.75 * math.log2(0.75) + 0.25 * math.log2(0.25)
    assert metrics.classifier_score(rows) == pytest.approx(2**bits)


# Shares


def test_wilsons_interval_has_the_published_values() -> None:
    # Newcombe, 1998, table I: 81 of 263 has 0.2553 to 0.3662.
    estimate = metrics.estimate_share(np.arange(263) < 81)
    assert estimate.value == pytest.approx(81 / 263)
    assert (estimate.low, estimate.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@pytest.mark.parametrize("value", [False, True])
def test_the_interval_of_a_share_stays_within_zero_and_one(value: bool) -> None:
    estimate = metrics.estimate_share(np.full(20, value))
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    assert estimate.high > estimate.low


def test_digits_are_counted_and_missing_ones_named() -> None:
    probabilities = np.eye(10)[[0] * 120 + [3] * 80 + [9]]
    shares = metrics.digit_shares(probabilities)
    assert shares[[0, 3, 9]] == pytest.approx([120 / 201, 80 / 201, 1 / 201])
    assert metrics.find_missing_digits(shares.tolist()) == (1, 2, 4, 5, 6, 7, 8, 9)


def test_a_digit_that_the_training_images_do_not_hold_is_not_missing() -> None:
    only_ones_and_threes = (0.0, 0.5, 0.0, 0.5, *(0.0,) * 6)
    only_ones = (0.0, 1.0, *(0.0,) * 8)
    assert metrics.find_missing_digits(only_ones, only_ones) == ()
    assert metrics.find_missing_digits(only_ones, only_ones_and_threes) == (3,)


def test_a_share_is_clearly_above_from_two_standard_errors_on() -> None:
    # Of 1,000 images at 80% and 76%, the standard error of the difference is 1.85%.
    assert metrics.is_clearly_above(0.80, 0.76, 1000)
    assert not metrics.is_clearly_above(0.80, 0.765, 1000)
    assert metrics.is_clearly_above(0.80, 0.765, 10_000)
    assert not metrics.is_clearly_above(0.76, 0.80, 1000)
    assert not metrics.is_clearly_above(1.0, 1.0, 1000)  # Without any spread.
    assert not metrics.is_clearly_above(0.80, 0.76, 0)


def test_entropy_is_in_bits() -> None:
    assert metrics.entropy(np.full(10, 0.1)) == pytest.approx(math.log2(10))
    assert metrics.entropy(np.array([0.5, 0.5, 0])) == pytest.approx(1)
    assert metrics.entropy(np.array([1.0, 0])) == 0


def test_a_confident_prediction_has_a_probability_of_at_least_nine_tenths() -> None:
    rows = np.array([[0.9, 0.1], [0.89, 0.11], [0.0, 1.0]])
    assert metrics.is_confident(rows).tolist() == [True, False, True]


def test_diversity_is_the_mean_over_all_pairs_of_one_digit() -> None:
    features, digits = draw_normal(30), np.arange(30) % 3
    squares = [
        ((features[i] - features[j]) ** 2).sum()
        for i in range(30)
        for j in range(30)
        if digits[i] == digits[j]
    ]
    assert metrics.diversity(features, digits) == pytest.approx(math.sqrt(np.mean(squares)))
    assert metrics.diversity(np.ones((5, 2)), np.zeros(5, int)) == 0


def test_only_finite_metrics_are_selected_for_files_of_results() -> None:
    estimates = {"frechet_distance": Estimate(math.nan), "confident": Estimate(0.9)}
    assert Evaluation(9, estimates).select_finite_values() == {"confident": 0.9}
