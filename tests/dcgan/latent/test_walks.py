"""Walks through latent space keep their stops, lengths and speed."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dcgan.latent.sampling import sample_latent
from dcgan.latent.walks import PathKind, lerp, slerp, space_evenly, walk
from tests.dcgan.latent.examples import make_float32

E1, E2 = np.eye(2, dtype=np.float32)
ROOT_HALF = np.sqrt(0.5)


vectors = hnp.arrays(
    np.float32,
    8,
    elements=st.floats(-4, 4, width=32).filter(lambda entry: entry == 0 or abs(entry) > 1e-3),
)


# Walks between two vectors


def test_slerp_goes_through_the_middle_of_a_right_angle() -> None:
    path = slerp(E1, E2, 3)
    np.testing.assert_allclose(path, make_float32([E1, [ROOT_HALF, ROOT_HALF], E2]), atol=1e-7)
    assert path.dtype == np.float32


def test_slerp_goes_in_equal_angles() -> None:
    path = slerp(E1, E2, 4)
    angles = np.deg2rad([0, 30, 60, 90])
    np.testing.assert_allclose(path, np.stack([np.cos(angles), np.sin(angles)], 1), atol=1e-7)


def test_lerp_goes_through_the_middle_of_the_line() -> None:
    path = lerp(E1, E2, 3)
    np.testing.assert_array_equal(path, make_float32([E1, [0.5, 0.5], E2]))
    assert path.dtype == np.float32


@given(vectors.filter(np.any), vectors.filter(np.any), st.integers(2, 9))
def test_slerp_keeps_its_ends_and_changes_length_linearly(
    start: np.ndarray, end: np.ndarray, num_frames: int
) -> None:
    path = slerp(start, end, num_frames)
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
        there, back = slerp(start, end, 7), slerp(end, start, 7)
        np.testing.assert_allclose(there, back[::-1], atol=1e-4)


def test_slerp_between_parallel_vectors_is_a_straight_line() -> None:
    np.testing.assert_allclose(slerp(E1, 3 * E1, 3), [E1, 2 * E1, 3 * E1])
    np.testing.assert_array_equal(slerp(E1, E1, 2), [E1, E1])


def test_slerp_between_almost_parallel_vectors_stays_between_them() -> None:
    for offset in (1e-3, 1e-5, 1e-6, 1e-7):
        end = make_float32([1, offset])
        np.testing.assert_allclose(slerp(E1, end, 3)[1], make_float32([1, offset / 2]), atol=1e-7)


def test_slerp_between_opposite_vectors_takes_one_perpendicular_way() -> None:
    start = make_float32([0.6, 0.1, 0.8])
    path = slerp(start, -start, 5)
    assert path[2] @ start == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), np.linalg.norm(start), rtol=1e-6)
    np.testing.assert_array_equal(path, slerp(start, -start, 5))
    # Along the axis on which the start has its smallest entry.
    assert np.argmax(np.abs(path[2])) == 1


def test_slerp_between_opposite_numbers_is_straight_as_one_dimension_has_no_detour() -> None:
    np.testing.assert_array_equal(slerp(np.ones(1), -np.ones(1), 3), [[1], [0], [-1]])


@pytest.mark.parametrize(
    ("start", "end", "num_frames", "message"),
    [
        (np.zeros(2), E1, 3, "start is the zero vector"),
        (E1, np.zeros(2), 3, "end is the zero vector"),
        (E1, np.ones(3), 3, r"same shape, got \(2,\) and \(3,\)"),
        (np.ones((1, 2)), E1, 3, r"start must have the shape \(latent_dim,\)"),
        (E1, make_float32([np.nan, 1]), 3, "end must have finite entries"),
        (E1, E2, 1, "num_frames must be at least 2, got 1"),
    ],
)
def test_slerp_refuses_vectors_that_it_cannot_join(
    start: np.ndarray, end: np.ndarray, num_frames: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        slerp(start, end, num_frames)


# Walks through several stops


@pytest.mark.parametrize("kind", ["slerp", "lerp"])
def test_an_open_walk_gives_each_stop_once(kind: Literal["slerp", "lerp"]) -> None:
    stops = sample_latent(0, 4, 6)
    path = walk(stops, 5, kind=kind)
    assert path.shape == (16, 6)
    assert path.dtype == np.float32
    np.testing.assert_array_equal(path[::5], stops)
    assert len(np.unique(path, axis=0)) == 16


def test_a_closed_walk_comes_back_without_giving_the_first_stop_again() -> None:
    stops = sample_latent(0, 3, 6)
    path = walk(stops, 4, closed=True)
    assert path.shape == (12, 6)
    np.testing.assert_array_equal(path[::4], stops)
    np.testing.assert_array_equal(path[8:], slerp(stops[2], stops[0], 5)[:-1])


def test_one_frame_a_leg_gives_the_stops_themselves() -> None:
    stops = sample_latent(0, 3, 6)
    np.testing.assert_array_equal(walk(stops, 1), stops)
    np.testing.assert_array_equal(walk(stops, 1, closed=True), stops)


def test_an_impossible_walk_is_refused_with_the_reason() -> None:
    stops = sample_latent(0, 3, 6)
    with pytest.raises(ValueError, match=r"stops must have .* got the shape \(1, 6\)"):
        walk(stops[:1], 4)
    with pytest.raises(ValueError, match="frames_per_leg must be at least 1, got 0"):
        walk(stops, 0)
    with pytest.raises(ValueError, match="kind must be"):
        walk(stops, 4, kind="zigzag")  # type: ignore[arg-type]


# Splines and constant speed


def test_a_spline_gives_each_stop_and_keeps_the_length_in_between() -> None:
    stops = make_float32([[1, 0], [0, 1], [-2, 0], [0, -2]])
    path = walk(stops, 8, kind="spline", closed=True)
    assert path.shape == (32, 2)
    np.testing.assert_array_equal(path[::8], stops)
    # Halfway, the spline weighs the four nearest stops by -1/16, 9/16, 9/16 and -1/16.
    lengths = np.linalg.norm(path, axis=1)
    np.testing.assert_allclose(lengths[4::8], [7 / 8, 1.5, 17 / 8, 1.5], rtol=1e-6)
    # By symmetry the middle of this leg lies on the diagonal.
    open_path = walk(make_float32([[0, -1], [1, 0], [0, 1], [-1, 0]]), 8, kind="spline")
    np.testing.assert_allclose(open_path[12], [ROOT_HALF, ROOT_HALF], atol=1e-6)
    np.testing.assert_array_equal(open_path[-1], [-1, 0])


def test_a_spline_has_no_corners_where_straight_lines_have() -> None:
    stops = sample_latent(5, 6, 16)

    def sharpest_turn(kind: PathKind) -> float:
        legs = np.diff(walk(stops, 40, kind=kind, closed=True), axis=0)
        legs /= np.linalg.norm(legs, axis=1, keepdims=True)
        return float((legs[1:] * legs[:-1]).sum(axis=1).min())

    assert sharpest_turn("spline") > 0.97  # The cosine of a step and the next.
    assert sharpest_turn("lerp") < 0.5
    assert sharpest_turn("slerp") < 0.5


def test_equal_steps_are_equal_in_the_given_measure() -> None:
    path = make_float32([[0], [1], [2], [3]])
    # The first step is as long as the other two together.
    even = space_evenly(path, np.array([2.0, 1.0, 1.0]), 5)
    np.testing.assert_allclose(even[:, 0], [0, 0.5, 1, 2, 3])
    still = space_evenly(path, np.zeros(3), 4)
    np.testing.assert_allclose(still, path)
    # A step of length 0 gets no frames.
    skipping = space_evenly(path, np.array([1.0, 0.0, 1.0]), 3)
    assert skipping[[0, 2], 0].tolist() == [0, 3]
    for steps in ([1.0], [1.0, -1.0, 1.0], [1.0, np.nan, 1.0]):
        with pytest.raises(ValueError, match="steps"):
            space_evenly(path, np.array(steps), 3)
