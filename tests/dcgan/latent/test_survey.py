"""The survey: the clearest digits, the change of a generator, and the map of the samples."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.data.datasets import load_dataset
from dcgan.digit_classifier.classifier import Prediction
from dcgan.latent.digit_shapes import measure_shapes
from dcgan.latent.survey import Survey, compute_log_odds, take_survey
from dcgan.model.sampler import Sampler


def make_survey(logits: np.ndarray, features: np.ndarray | None = None) -> Survey:
    """Make a survey of images with a given prediction."""
    num = len(logits)
    pixels = np.zeros((num, 28, 28, 1), np.uint8)
    if features is None:
        features = np.zeros((num, 64), np.float32)
    prediction = Prediction(features, np.exp(logits), logits)
    return Survey(np.arange(num)[:, None].astype("f4"), pixels, measure_shapes(pixels), prediction)


@pytest.fixture(scope="module")
def included(included_sampler: Sampler) -> Survey:
    return take_survey(
        included_sampler.generate, included_sampler.config.latent_dim, digits=range(10), num=600
    )


def test_log_odds_match_the_probability_also_for_certain_predictions() -> None:
    logits = np.zeros((3, 10))
    logits[1:, 4] = 3.0, 300.0
    odds = compute_log_odds(logits)
    assert odds[0] == pytest.approx([np.log(1 / 9)] * 10)
    p = np.exp(3) / (np.exp(3) + 9)
    assert odds[1, 4] == pytest.approx(np.log(p / (1 - p)))
    # The probability rounds to 1 here; the logits do not.
    assert odds[2, 4] == pytest.approx(300 - np.log(9))


def test_the_most_certain_samples_of_a_digit_come_first() -> None:
    logits = np.zeros((5, 10))
    logits[[0, 1, 3], 7] = 2.0, 9.0, 5.0
    logits[[2, 4], 1] = 4.0
    survey = make_survey(logits)
    assert survey.find_clearest(7, 10).tolist() == [1, 3, 0]
    assert survey.find_clearest(7, 2).tolist() == [1, 3]
    assert survey.find_clearest(9, 2).tolist() == []
    with pytest.raises(ValueError, match=r"digit must be in \[0, 9\], got 10"):
        survey.find_clearest(10, 1)


def test_the_typical_sample_of_a_digit_is_clear_and_neither_the_thickest_nor_the_thinnest(
    included: Survey,
) -> None:
    assert included.prediction is not None
    for digit in range(10):
        typical = included.find_typical(digit)
        assert typical is not None
        assert typical in included.find_clearest(digit, 50)
        thickness = included.shapes.thickness
        low, high = np.percentile(thickness[included.digits == digit], (5, 95))
        assert low < thickness[typical] < high
    assert make_survey(np.eye(10)[[1, 1]]).find_typical(9) is None


def test_the_included_generator_has_certain_samples_of_each_digit(included: Survey) -> None:
    assert included.prediction is not None
    for digit in range(10):
        best = included.find_clearest(digit, 5)
        assert len(best) == 5
        assert (included.prediction.probabilities[best, digit] > 0.99).all()


def test_change_is_0_for_the_same_images_and_about_1_for_unrelated_ones(
    included: Survey, included_sampler: Sampler
) -> None:
    assert included.measure_change(included_sampler.generate) == 0
    another = included.measure_change(lambda z: included_sampler.generate(z[::-1]))
    assert another == pytest.approx(1, abs=0.2)
    slightly = included.measure_change(lambda z: included_sampler.generate(z * 1.02))
    assert 0 < slightly < 0.15


def test_the_change_of_a_constant_generator_is_0_or_1() -> None:
    def draw(z: np.ndarray) -> np.ndarray:
        return np.full((len(z), 28, 28, 1), 9, np.uint8)

    survey = take_survey(draw, 3, digits=(), num=100)
    assert survey.measure_change(draw) == 0
    assert survey.measure_change(lambda z: draw(z) + 1) == 1


def test_the_map_separates_the_digits(included: Survey) -> None:
    places = included.project()
    assert places.shape == (600, 2)
    means = np.stack([places[included.digits == digit].mean(axis=0) for digit in range(10)])
    within = np.sqrt(((places - means[included.digits]) ** 2).sum(axis=1).mean())
    between = np.sqrt(((means - means.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert between > 2 * within


def test_the_map_puts_known_groups_along_their_axis() -> None:
    draws = np.random.default_rng(0)
    features = draws.normal(size=(300, 64)).astype("f4")
    digits = np.arange(300) % 3
    features[:, 5] += 20 * (digits == 1)
    features[:, 6] += 10 * (digits == 2)
    places = make_survey(np.eye(10)[digits], features).project()
    middle = [places[digits == digit].mean(axis=0) for digit in range(3)]
    distances = [np.linalg.norm(middle[0] - middle[group]) for group in (1, 2)]
    assert distances == pytest.approx([20, 10], rel=0.1)


def test_pictures_other_than_digits_have_a_map() -> None:
    pixels = load_dataset("mnist").pixels[:200]
    survey = take_survey(lambda z: pixels[: len(z)], 3, digits=(), num=200)
    assert survey.prediction is None
    assert len(survey.digits) == 0
    assert survey.find_clearest(3, 5).tolist() == []
    assert survey.project().std(axis=0).min() > 0


def test_one_kind_of_digit_still_has_a_map() -> None:
    survey = make_survey(np.eye(10)[[3] * 50], np.random.default_rng(0).normal(size=(50, 64)))
    assert survey.project().shape == (50, 2)
    assert np.isfinite(survey.project()).all()


def test_digits_that_were_not_learned_are_not_found(included_sampler: Sampler) -> None:
    survey = take_survey(
        included_sampler.generate, included_sampler.config.latent_dim, digits=(3, 8), num=60
    )
    assert set(survey.digits) == {3, 8}
    assert survey.prediction is not None
    np.testing.assert_allclose(survey.prediction.probabilities[:, [3, 8]].sum(axis=1), 1, atol=1e-5)
    assert not len(survey.find_clearest(5, 1))


def test_samples_of_a_single_digit_differ_on_the_map_as_their_pixels_do() -> None:
    logits = np.zeros((5, 10))
    logits[:, 8] = 9.0
    survey = make_survey(logits)
    survey.pixels[:, 0, 0] = 51 * np.arange(5, dtype=np.uint8)[:, None]
    across, up = survey.project().T
    np.testing.assert_allclose(np.sort(across), [-0.4, -0.2, 0, 0.2, 0.4], atol=1e-4)
    np.testing.assert_allclose(up, 0, atol=1e-2)
