"""Arithmetic with latent vectors: truncation, sums, directions, planes."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.latent.arithmetic import (
    combine,
    make_axis_direction,
    make_plane_grid,
    sample_direction,
    truncate,
)
from dcgan.latent.sampling import sample_latent
from tests.dcgan.latent.examples import make_float32

E1, E2 = np.eye(2, dtype=np.float32)
ROOT_HALF = np.sqrt(0.5)


# Truncation


def test_truncation_scales_towards_the_mean() -> None:
    z = sample_latent(0, 4, 5)
    np.testing.assert_array_equal(truncate(z, 0.5), z * np.float32(0.5))
    np.testing.assert_array_equal(truncate(z, 1), z)
    np.testing.assert_array_equal(truncate(z, 0), np.zeros_like(z))
    assert truncate(z, 1.5).dtype == np.float32


@pytest.mark.parametrize("psi", [-0.1, 1.6, float("nan")])
def test_psi_out_of_bounds_is_refused(psi: float) -> None:
    with pytest.raises(ValueError, match=r"psi must be in \[0, 1.5\], got"):
        truncate(np.ones(3, np.float32), psi)


# Sums


def test_vectors_add_up_and_keep_their_typical_length() -> None:
    plus, minus = make_float32([[3, 0], [0, 3]]), make_float32([[0, 3]])
    np.testing.assert_allclose(combine(plus, minus), [3, 0])
    np.testing.assert_allclose(combine(plus), [3 * ROOT_HALF, 3 * ROOT_HALF], rtol=1e-6)
    mean = combine(plus, minus, is_mean=True)  # (1.5, 1.5) - (0, 3)
    np.testing.assert_allclose(mean, [3 * ROOT_HALF, -3 * ROOT_HALF], rtol=1e-6)
    np.testing.assert_array_equal(combine(minus, minus), [0, 0])
    with pytest.raises(ValueError, match="latent batches of one latent_dim"):
        combine(plus, np.zeros((1, 3)))


# Directions and the plane


def test_an_axis_direction_moves_one_entry() -> None:
    np.testing.assert_array_equal(make_axis_direction(1, 3), make_float32([0, 1, 0]))
    assert make_axis_direction(0, 1).dtype == np.float32
    with pytest.raises(ValueError, match=r"index must be in \[0, 2\], got 3"):
        make_axis_direction(3, 3)
    with pytest.raises(ValueError, match="index must be at least 0, got -1"):
        make_axis_direction(-1, 3)


def test_random_directions_are_different_unit_vectors() -> None:
    directions = np.stack([sample_direction(seed, 64) for seed in range(50)])
    assert directions.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1, rtol=1e-6)
    # The cosine of independent directions has the standard deviation 1/√64.
    assert np.abs(directions @ directions.T - np.eye(50)).max() < 5.5 / 8
    np.testing.assert_array_equal(directions[7], sample_direction(7, 64))


def test_the_direction_of_a_seed_is_independent_of_its_z() -> None:
    for seed in range(20):
        z = sample_latent(seed, 1, 64)[0]
        cosine = sample_direction(seed, 64) @ z / np.linalg.norm(z)
        assert abs(cosine) < 5.5 / 8


def test_the_plane_steps_by_rows_and_columns_around_its_center() -> None:
    center = make_float32([10, 20, 30])
    row, column = make_axis_direction(0, 3), make_axis_direction(1, 3)
    grid = make_plane_grid(center, row, column, 3, 5, 0.5)
    assert grid.shape == (15, 3)
    assert grid.dtype == np.float32
    np.testing.assert_array_equal(grid[7], center)
    np.testing.assert_array_equal(grid[0], make_float32([9.5, 19, 30]))
    np.testing.assert_array_equal(grid[4], make_float32([9.5, 21, 30]))
    np.testing.assert_array_equal(grid[14], make_float32([10.5, 21, 30]))


def test_the_middle_of_the_plane_is_z_to_the_last_bit() -> None:
    z = sample_latent(5, 1, 64)[0]
    rows, columns = sample_direction(0, 64), sample_direction(1, 64)
    grid = make_plane_grid(z, rows, columns, 7, 9, 0.37)
    np.testing.assert_array_equal(grid[3 * 9 + 4], z)


def test_a_plane_without_a_middle_is_refused() -> None:
    with pytest.raises(ValueError, match=r"rows must be odd, .* got 4"):
        make_plane_grid(E1, E1, E2, 4, 3, 1)
    with pytest.raises(ValueError, match=r"columns must be odd, .* got 2"):
        make_plane_grid(E1, E1, E2, 3, 2, 1)
    with pytest.raises(ValueError, match=r"column_direction must have center's shape \(2,\)"):
        make_plane_grid(E1, E1, np.ones(3), 3, 3, 1)
    with pytest.raises(ValueError, match="step must be a finite number, got nan"):
        make_plane_grid(E1, E1, E2, 3, 3, float("nan"))
