"""Sampling of latent vectors and their fingerprints."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.latent.sampling import fingerprint, sample_latent
from tests.dcgan.latent.examples import make_float32


def test_a_seed_gives_the_same_numbers_in_every_version() -> None:
    # If this fails, NumPy draws differently, and the seeds of old pictures give other digits.
    expected = [
        [1.5219693, -1.1441058, 1.1501616],
        [-1.7846532, -0.77149874, 1.0191615],
    ]
    np.testing.assert_array_equal(sample_latent(7, 2, 3), make_float32(expected))


def test_a_smaller_batch_is_the_beginning_of_a_larger_one() -> None:
    large = sample_latent(3, 50, 7)
    for num in (1, 2, 49):
        np.testing.assert_array_equal(sample_latent(3, num, 7), large[:num])


def test_z_is_float32_and_standard_normal() -> None:
    z = sample_latent(0, 2000, 50)
    assert z.shape == (2000, 50)
    assert z.dtype == np.float32
    # 100,000 numbers: five standard errors of the mean and of the standard deviation.
    assert abs(z.mean()) < 5 / np.sqrt(z.size)
    assert abs(z.std() - 1) < 5 / np.sqrt(2 * z.size)


def test_neighbouring_seeds_give_independent_batches() -> None:
    first, second = sample_latent(1, 1, 4000)[0], sample_latent(2, 1, 4000)[0]
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(4000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 1, 1), "seed must be at least 0, got -1"),
        ((0, 0, 1), "num must be at least 1, got 0"),
        ((0, 1, 0), "latent_dim must be at least 1, got 0"),
        ((0, 1.5, 1), "num must be a whole number, got 1.5"),
    ],
)
def test_a_bad_number_is_named(arguments: tuple[int, int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sample_latent(*arguments)


# Fingerprints


def test_a_fingerprint_is_eight_hex_digits_that_never_change() -> None:
    assert fingerprint(make_float32([[1, 2], [3, 4]])) == "bf9ac043"


def test_a_fingerprint_takes_minus_zero_for_zero_and_any_float_for_float32() -> None:
    assert fingerprint(make_float32([0.0])) == fingerprint(make_float32([-0.0]))
    assert fingerprint(np.array([0.1])) == fingerprint(make_float32([0.1]))
    z = sample_latent(0, 4, 6)
    assert fingerprint(z.T) == fingerprint(z.T.copy())


def test_a_fingerprint_depends_on_numbers_shape_and_order() -> None:
    z = sample_latent(0, 4, 6)
    moved = z.copy()
    moved[3, 5] = np.nextafter(moved[3, 5], np.float32(9))
    others = [z, moved, z[::-1], z.reshape(6, 4), z[:3], z.reshape(-1)]
    assert len({fingerprint(other) for other in others}) == len(others)
