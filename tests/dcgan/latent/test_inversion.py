"""Inversion finds a z that reproduces an image, and a drawing is brought to MNIST's form."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dcgan.data.datasets import load_mnist_test
from dcgan.latent.inversion import Inversion, Inverter, normalize_drawing
from dcgan.latent.sampling import MAX_ENTRY, sample_latent
from dcgan.latent.survey import Survey, take_survey
from dcgan.model.sampler import Sampler

NUM_KNOWN = 5  # `tests/benchmarks/latent_studio.py` does 100, and real digits.


@pytest.fixture(scope="module")
def survey(included_sampler: Sampler) -> Survey:
    return take_survey(included_sampler.generate, included_sampler.config.latent_dim, digits=())


@pytest.fixture(scope="module")
def inverter(included_sampler: Sampler) -> Inverter:
    return Inverter(included_sampler.config)


def invert(
    inverter: Inverter, sampler: Sampler, pixels: np.ndarray, survey: Survey
) -> list[Inversion]:
    return list(inverter.invert(sampler.get_weights(), pixels, survey))


def test_a_generated_image_is_reproduced(
    inverter: Inverter, included_sampler: Sampler, survey: Survey
) -> None:
    z = sample_latent(2_718, NUM_KNOWN, included_sampler.config.latent_dim)
    z = z.clip(-MAX_ENTRY, MAX_ENTRY)
    errors = []
    for pixels in included_sampler.generate(z):
        found = invert(inverter, included_sampler, pixels, survey)[-1]
        apart = (found.pixels.astype(float) - pixels) / 255
        assert found.error == pytest.approx(np.sqrt((apart**2).mean()), abs=0.01)
        errors.append(found.error)
    assert max(errors) < 0.05
    assert np.median(errors) < 0.02


def test_the_error_for_real_digits_is_small_and_never_rises(
    inverter: Inverter, included_sampler: Sampler, survey: Survey
) -> None:
    errors = []
    for pixels in load_mnist_test().pixels[:3]:
        steps = invert(inverter, included_sampler, pixels, survey)
        assert [step.error for step in steps] == sorted(
            (step.error for step in steps), reverse=True
        )
        shares = [step.share_done for step in steps]
        assert shares == sorted(shares)
        assert shares[-1] == 1
        assert abs(steps[-1].z).max() <= MAX_ENTRY
        drawn = included_sampler.generate(steps[-1].z[np.newaxis])[0]
        np.testing.assert_allclose(steps[-1].pixels.astype(int), drawn, atol=1)
        errors.append(steps[-1].error)
    assert np.median(errors) < 0.12


def test_a_slow_search_ends_in_time(included_sampler: Sampler, survey: Survey) -> None:
    # Each look at the clock is two seconds after the last one.
    inverter = Inverter(included_sampler.config, itertools.count(0.0, 2.0).__next__)
    steps = invert(inverter, included_sampler, survey.pixels[0], survey)
    assert [step.share_done for step in steps] == [pytest.approx(1 / 12), 1.0]


def test_the_search_for_a_black_picture_comes_close(
    inverter: Inverter, included_sampler: Sampler, survey: Survey
) -> None:
    black = np.zeros((28, 28, 1), np.uint8)
    errors = np.sqrt(((survey.pixels / 255) ** 2).mean(axis=(1, 2, 3)))
    error = invert(inverter, included_sampler, black, survey)[-1].error
    assert 0 < error < 0.8 * errors.min()  # Clearly nearer than the thinnest digit of the start.


# A drawing


def test_a_drawing_is_scaled_to_twenty_pixels_and_centred_by_its_mass() -> None:
    drawing = np.zeros((28, 28), np.uint8)
    drawing[2:12, 20:24] = 255
    placed = normalize_drawing(drawing)[..., 0].astype(float)
    rows, columns = np.flatnonzero(placed.any(axis=1)), np.flatnonzero(placed.any(axis=0))
    assert (len(rows), len(columns)) == (20, 8)
    mass = placed.sum()
    assert placed.sum(axis=1) @ np.arange(28) / mass == pytest.approx(14, abs=0.5)
    assert placed.sum(axis=0) @ np.arange(28) / mass == pytest.approx(14, abs=0.5)


def test_an_mnist_digit_stays_where_it_is() -> None:
    digits = load_mnist_test().pixels[:100].astype(float)
    again = np.stack([normalize_drawing(digit[..., 0]) for digit in digits.astype(np.uint8)])
    apart = np.sqrt(((again - digits) ** 2).mean(axis=(1, 2, 3))) / 255
    assert np.quantile(apart, 0.9) < 0.01


def test_a_drawing_without_ink_is_black_and_one_dot_is_a_square() -> None:
    assert not normalize_drawing(np.zeros((28, 28), np.uint8)).any()
    dot = np.zeros((28, 28), np.uint8)
    dot[0, 27] = 255
    assert np.count_nonzero(normalize_drawing(dot) == 255) == 20 * 20
