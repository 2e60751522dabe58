"""Latent vectors: the same seed gives the same z, and walks go where they say."""

import subprocess
import sys
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dcgan.latent import latent

E1, E2 = np.eye(2, dtype=np.float32)
ROOT_HALF = np.sqrt(0.5)


def floats(numbers: object) -> np.ndarray:
    return np.array(numbers, np.float32)


vectors = hnp.arrays(
    np.float32,
    8,
    elements=st.floats(-4, 4, width=32).filter(lambda entry: entry == 0 or abs(entry) > 1e-3),
)


# Sampling


def test_a_seed_gives_the_numbers_that_it_always_gave() -> None:
    # Fails if a NumPy version draws differently: then old seeds mean other digits.
    expected = [
        [1.5219693, -1.1441058, 1.1501616],
        [-1.7846532, -0.77149874, 1.0191615],
    ]
    np.testing.assert_array_equal(latent.sample_latent(7, 2, 3), floats(expected))


def test_a_smaller_batch_is_the_beginning_of_a_larger_one() -> None:
    large = latent.sample_latent(3, 50, 7)
    for num in (1, 2, 49):
        np.testing.assert_array_equal(latent.sample_latent(3, num, 7), large[:num])


def test_z_is_float32_and_standard_normal() -> None:
    z = latent.sample_latent(0, 2000, 50)
    assert z.shape == (2000, 50)
    assert z.dtype == np.float32
    # 100,000 numbers: five standard errors of the mean and of the standard deviation.
    assert abs(z.mean()) < 5 / np.sqrt(z.size)
    assert abs(z.std() - 1) < 5 / np.sqrt(2 * z.size)


def test_neighbouring_seeds_give_independent_batches() -> None:
    first, second = latent.sample_latent(1, 1, 4000)[0], latent.sample_latent(2, 1, 4000)[0]
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
        latent.sample_latent(*arguments)


# Truncation


def test_truncation_scales_towards_the_mean() -> None:
    z = latent.sample_latent(0, 4, 5)
    np.testing.assert_array_equal(latent.truncate(z, 0.5), z * np.float32(0.5))
    np.testing.assert_array_equal(latent.truncate(z, 1), z)
    np.testing.assert_array_equal(latent.truncate(z, 0), np.zeros_like(z))
    assert latent.truncate(z, 1.5).dtype == np.float32


@pytest.mark.parametrize("psi", [-0.1, 1.6, float("nan")])
def test_psi_out_of_bounds_is_refused(psi: float) -> None:
    with pytest.raises(ValueError, match=r"psi must be in \[0, 1.5\], got"):
        latent.truncate(np.ones(3, np.float32), psi)


# Walks between two vectors


def test_slerp_goes_through_the_middle_of_a_right_angle() -> None:
    path = latent.slerp(E1, E2, 3)
    np.testing.assert_allclose(path, floats([E1, [ROOT_HALF, ROOT_HALF], E2]), atol=1e-7)
    assert path.dtype == np.float32


def test_slerp_goes_in_equal_angles() -> None:
    path = latent.slerp(E1, E2, 4)
    angles = np.deg2rad([0, 30, 60, 90])
    np.testing.assert_allclose(path, np.stack([np.cos(angles), np.sin(angles)], 1), atol=1e-7)


def test_lerp_goes_through_the_middle_of_the_line() -> None:
    path = latent.lerp(E1, E2, 3)
    np.testing.assert_array_equal(path, floats([E1, [0.5, 0.5], E2]))
    assert path.dtype == np.float32


@given(vectors.filter(np.any), vectors.filter(np.any), st.integers(2, 9))
def test_slerp_keeps_its_ends_and_changes_length_linearly(
    start: np.ndarray, end: np.ndarray, num_frames: int
) -> None:
    path = latent.slerp(start, end, num_frames)
    assert path.shape == (num_frames, 8)
    np.testing.assert_array_equal(path[0], start)
    np.testing.assert_array_equal(path[-1], end)
    lengths = np.linspace(np.linalg.norm(start), np.linalg.norm(end), num_frames)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), lengths, rtol=1e-5)


@given(vectors.filter(np.any), vectors.filter(np.any))
def test_slerp_back_is_the_same_way_unless_the_ends_are_opposite(
    start: np.ndarray, end: np.ndarray
) -> None:
    cosine = start @ end / np.linalg.norm(start) / np.linalg.norm(end)
    if cosine > -0.999:
        there, back = latent.slerp(start, end, 7), latent.slerp(end, start, 7)
        np.testing.assert_allclose(there, back[::-1], atol=1e-4)


def test_slerp_between_parallel_vectors_is_a_straight_line() -> None:
    np.testing.assert_allclose(latent.slerp(E1, 3 * E1, 3), [E1, 2 * E1, 3 * E1])
    np.testing.assert_array_equal(latent.slerp(E1, E1, 2), [E1, E1])


def test_slerp_between_almost_parallel_vectors_stays_between_them() -> None:
    for offset in (1e-3, 1e-5, 1e-6, 1e-7):
        end = floats([1, offset])
        np.testing.assert_allclose(latent.slerp(E1, end, 3)[1], floats([1, offset / 2]), atol=1e-7)


def test_slerp_between_opposite_vectors_takes_one_perpendicular_way() -> None:
    start = floats([0.6, 0.1, 0.8])
    path = latent.slerp(start, -start, 5)
    assert path[2] @ start == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), np.linalg.norm(start), rtol=1e-6)
    np.testing.assert_array_equal(path, latent.slerp(start, -start, 5))
    # Through the axis on which the start leans least.
    assert np.argmax(np.abs(path[2])) == 1


def test_slerp_between_opposite_numbers_is_straight_as_one_dimension_has_no_detour() -> None:
    np.testing.assert_array_equal(latent.slerp(np.ones(1), -np.ones(1), 3), [[1], [0], [-1]])


@pytest.mark.parametrize(
    ("start", "end", "num_frames", "message"),
    [
        (np.zeros(2), E1, 3, "start is the zero vector"),
        (E1, np.zeros(2), 3, "end is the zero vector"),
        (E1, np.ones(3), 3, r"same shape, got \(2,\) and \(3,\)"),
        (np.ones((1, 2)), E1, 3, r"start must have the shape \(latent_dim,\)"),
        (E1, floats([np.nan, 1]), 3, "end must have finite entries"),
        (E1, E2, 1, "num_frames must be at least 2, got 1"),
    ],
)
def test_what_slerp_cannot_join_is_named(
    start: np.ndarray, end: np.ndarray, num_frames: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        latent.slerp(start, end, num_frames)


# Walks through several stops


@pytest.mark.parametrize("kind", ["slerp", "lerp"])
def test_an_open_walk_gives_each_stop_once(kind: Literal["slerp", "lerp"]) -> None:
    stops = latent.sample_latent(0, 4, 6)
    path = latent.walk(stops, 5, kind=kind)
    assert path.shape == (16, 6)
    assert path.dtype == np.float32
    np.testing.assert_array_equal(path[::5], stops)
    assert len(np.unique(path, axis=0)) == 16


def test_a_closed_walk_comes_back_without_giving_the_first_stop_again() -> None:
    stops = latent.sample_latent(0, 3, 6)
    path = latent.walk(stops, 4, closed=True)
    assert path.shape == (12, 6)
    np.testing.assert_array_equal(path[::4], stops)
    np.testing.assert_array_equal(path[8:], latent.slerp(stops[2], stops[0], 5)[:-1])


def test_one_frame_a_leg_gives_the_stops_themselves() -> None:
    stops = latent.sample_latent(0, 3, 6)
    np.testing.assert_array_equal(latent.walk(stops, 1), stops)
    np.testing.assert_array_equal(latent.walk(stops, 1, closed=True), stops)


def test_a_walk_that_cannot_be_made_says_why() -> None:
    stops = latent.sample_latent(0, 3, 6)
    with pytest.raises(ValueError, match=r"stops must have .* got the shape \(1, 6\)"):
        latent.walk(stops[:1], 4)
    with pytest.raises(ValueError, match="frames_per_leg must be at least 1, got 0"):
        latent.walk(stops, 0)
    with pytest.raises(ValueError, match="kind must be"):
        latent.walk(stops, 4, kind="zigzag")  # type: ignore[arg-type]


# Splines, constant speed and arithmetic


def test_a_spline_gives_each_stop_and_keeps_the_length_in_between() -> None:
    stops = floats([[1, 0], [0, 1], [-2, 0], [0, -2]])
    path = latent.walk(stops, 8, kind="spline", closed=True)
    assert path.shape == (32, 2)
    np.testing.assert_array_equal(path[::8], stops)
    # Halfway between neighbours of equal length: an eighth of what it differs by outside.
    lengths = np.linalg.norm(path, axis=1)
    np.testing.assert_allclose(lengths[4::8], [7 / 8, 1.5, 17 / 8, 1.5], rtol=1e-6)
    # By symmetry the middle of a leg between equals lies on the diagonal.
    open_path = latent.walk(floats([[0, -1], [1, 0], [0, 1], [-1, 0]]), 8, kind="spline")
    np.testing.assert_allclose(open_path[12], [ROOT_HALF, ROOT_HALF], atol=1e-6)
    np.testing.assert_array_equal(open_path[-1], [-1, 0])


def test_a_spline_has_no_corners_where_straight_lines_have() -> None:
    stops = latent.sample_latent(5, 6, 16)

    def sharpest_turn(kind: latent.PathKind) -> float:
        legs = np.diff(latent.walk(stops, 40, kind=kind, closed=True), axis=0)
        legs /= np.linalg.norm(legs, axis=1, keepdims=True)
        return float((legs[1:] * legs[:-1]).sum(axis=1).min())

    assert sharpest_turn("spline") > 0.97  # The cosine of a step and the next.
    assert sharpest_turn("lerp") < 0.5
    assert sharpest_turn("slerp") < 0.5


def test_equal_steps_are_equal_in_the_measure_that_was_given() -> None:
    path = floats([[0], [1], [2], [3]])
    # The first third is as far as the others together.
    even = latent.even_steps(path, np.array([2.0, 1.0, 1.0]), 5)
    np.testing.assert_allclose(even[:, 0], [0, 0.5, 1, 2, 3])
    still = latent.even_steps(path, np.zeros(3), 4)
    np.testing.assert_allclose(still, path)
    # Where nothing changes the eye, the walk does not linger.
    skipping = latent.even_steps(path, np.array([1.0, 0.0, 1.0]), 3)
    assert skipping[[0, 2], 0].tolist() == [0, 3]
    for steps in ([1.0], [1.0, -1.0, 1.0], [1.0, np.nan, 1.0]):
        with pytest.raises(ValueError, match="steps"):
            latent.even_steps(path, np.array(steps), 3)


def test_vectors_add_up_and_keep_their_typical_length() -> None:
    plus, minus = floats([[3, 0], [0, 3]]), floats([[0, 3]])
    np.testing.assert_allclose(latent.combine(plus, minus), [3, 0])
    np.testing.assert_allclose(latent.combine(plus), [3 * ROOT_HALF, 3 * ROOT_HALF], rtol=1e-6)
    mean = latent.combine(plus, minus, is_mean=True)  # (1.5, 1.5) - (0, 3)
    np.testing.assert_allclose(mean, [3 * ROOT_HALF, -3 * ROOT_HALF], rtol=1e-6)
    np.testing.assert_array_equal(latent.combine(minus, minus), [0, 0])
    with pytest.raises(ValueError, match="latent batches of one latent_dim"):
        latent.combine(plus, np.zeros((1, 3)))


# Directions and the plane


def test_an_axis_direction_moves_one_entry() -> None:
    np.testing.assert_array_equal(latent.axis_direction(1, 3), floats([0, 1, 0]))
    assert latent.axis_direction(0, 1).dtype == np.float32
    with pytest.raises(ValueError, match=r"index must be in \[0, 2\], got 3"):
        latent.axis_direction(3, 3)
    with pytest.raises(ValueError, match="index must be at least 0, got -1"):
        latent.axis_direction(-1, 3)


def test_random_directions_are_different_unit_vectors() -> None:
    directions = np.stack([latent.random_direction(seed, 64) for seed in range(50)])
    assert directions.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1, rtol=1e-6)
    # The cosine of independent directions has the standard deviation 1/√64.
    assert np.abs(directions @ directions.T - np.eye(50)).max() < 5.5 / 8
    np.testing.assert_array_equal(directions[7], latent.random_direction(7, 64))


def test_the_direction_of_a_seed_is_not_that_of_its_z() -> None:
    for seed in range(20):
        z = latent.sample_latent(seed, 1, 64)[0]
        cosine = latent.random_direction(seed, 64) @ z / np.linalg.norm(z)
        assert abs(cosine) < 5.5 / 8


def test_the_plane_steps_by_rows_and_columns_around_its_center() -> None:
    center = floats([10, 20, 30])
    row, column = latent.axis_direction(0, 3), latent.axis_direction(1, 3)
    grid = latent.plane_grid(center, row, column, 3, 5, 0.5)
    assert grid.shape == (15, 3)
    assert grid.dtype == np.float32
    np.testing.assert_array_equal(grid[7], center)
    np.testing.assert_array_equal(grid[0], floats([9.5, 19, 30]))
    np.testing.assert_array_equal(grid[4], floats([9.5, 21, 30]))
    np.testing.assert_array_equal(grid[14], floats([10.5, 21, 30]))


def test_the_middle_of_the_plane_is_z_to_the_last_bit() -> None:
    z = latent.sample_latent(5, 1, 64)[0]
    rows, columns = latent.random_direction(0, 64), latent.random_direction(1, 64)
    grid = latent.plane_grid(z, rows, columns, 7, 9, 0.37)
    np.testing.assert_array_equal(grid[3 * 9 + 4], z)


def test_a_plane_without_a_middle_is_refused() -> None:
    with pytest.raises(ValueError, match=r"rows must be odd, .* got 4"):
        latent.plane_grid(E1, E1, E2, 4, 3, 1)
    with pytest.raises(ValueError, match=r"columns must be odd, .* got 2"):
        latent.plane_grid(E1, E1, E2, 3, 2, 1)
    with pytest.raises(ValueError, match=r"column_direction must have center's shape \(2,\)"):
        latent.plane_grid(E1, E1, np.ones(3), 3, 3, 1)
    with pytest.raises(ValueError, match="step must be a finite number, got nan"):
        latent.plane_grid(E1, E1, E2, 3, 3, float("nan"))


# Fingerprints


def test_a_fingerprint_is_eight_hex_digits_that_never_change() -> None:
    assert latent.fingerprint(floats([[1, 2], [3, 4]])) == "bf9ac043"


def test_a_fingerprint_takes_minus_zero_for_zero_and_any_float_for_float32() -> None:
    assert latent.fingerprint(floats([0.0])) == latent.fingerprint(floats([-0.0]))
    assert latent.fingerprint(np.array([0.1])) == latent.fingerprint(floats([0.1]))
    z = latent.sample_latent(0, 4, 6)
    assert latent.fingerprint(z.T) == latent.fingerprint(z.T.copy())


def test_a_fingerprint_tells_apart_numbers_shapes_and_order() -> None:
    z = latent.sample_latent(0, 4, 6)
    moved = z.copy()
    moved[3, 5] = np.nextafter(moved[3, 5], np.float32(9))
    others = [z, moved, z[::-1], z.reshape(6, 4), z[:3], z.reshape(-1)]
    assert len({latent.fingerprint(other) for other in others}) == len(others)


def test_importing_it_brings_in_neither_tensorflow_nor_streamlit() -> None:
    code = (
        "import sys, dcgan.latent.latent; "
        "sys.exit(bool({'tensorflow', 'keras', 'streamlit', 'PIL'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
