"""The frames of a walk: their number, both ends, and a speed that is constant for the eye."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from dashboard.generators.generator_source import GeneratorSource
from dashboard.walks.chosen_walk import Walk
from dcgan.latent.walks import PathKind

# The corners of a rectangle of 3 by 1.
CORNERS = ((0, 0), (3, 0), (3, 1), (0, 1))


def generate(z: np.ndarray, classes: np.ndarray | None) -> tuple[np.ndarray, int]:
    """Return pictures of two pixels, which change as much as z does."""
    return np.rint(80 * z).astype(np.uint8).reshape(len(z), 1, 2, 1), 10


SOURCE = cast(
    GeneratorSource,
    SimpleNamespace(generate=generate, run=SimpleNamespace(config=SimpleNamespace(num_classes=3))),
)


def make_walk(
    *stops: tuple[int, int],
    num_frames: int,
    class_ids: list[int] | None = None,
    is_closed: bool = False,
    is_even: bool = False,
) -> Walk:
    names = [f"stop {number}" for number in range(len(stops))]
    z = np.array(stops, np.float32)
    return Walk(names, z, class_ids, "lerp", is_closed, num_frames, is_even)


def sample_z(walk: Walk) -> np.ndarray:
    z, weights = walk.sample(SOURCE)
    assert weights is None
    return z


@pytest.mark.parametrize("is_even", [False, True])
@pytest.mark.parametrize(
    ("num_stops", "num_frames", "is_closed", "expected"),
    [
        (2, 40, False, 40),
        (3, 40, False, 41),  # Two legs of 20 frames, and the last stop.
        (3, 40, True, 39),  # Three legs of 13 frames.
        (4, 3, False, 7),  # At least two frames for each leg.
    ],
)
def test_a_walk_has_about_the_chosen_number_of_frames(
    num_stops: int, num_frames: int, is_closed: bool, expected: int, is_even: bool
) -> None:
    stops = CORNERS[:num_stops]
    walk = make_walk(*stops, num_frames=num_frames, is_closed=is_closed, is_even=is_even)
    assert sample_z(walk).shape == (expected, 2)


def test_a_walk_takes_the_same_number_of_frames_for_each_leg() -> None:
    z = sample_z(make_walk(*CORNERS[:3], num_frames=41))
    np.testing.assert_allclose(z[[0, 10, 20, 30, 40]], [(0, 0), (1.5, 0), (3, 0), (3, 0.5), (3, 1)])


def test_at_constant_speed_a_longer_leg_takes_more_frames() -> None:
    z = sample_z(make_walk(*CORNERS[:3], num_frames=41, is_even=True))
    np.testing.assert_allclose(z[[0, 30, 40]], CORNERS[:3], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(np.diff(z, axis=0), axis=1), 0.1, atol=1e-5)


def test_a_loop_at_constant_speed_ends_one_step_before_its_start() -> None:
    z = sample_z(make_walk(*CORNERS, num_frames=40, is_closed=True, is_even=True))
    np.testing.assert_allclose(z[[0, 15, 20, 35]], CORNERS, atol=1e-5)
    steps = np.diff(z, axis=0, append=z[:1])
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), 0.2, atol=1e-5)


@pytest.mark.parametrize("is_even", [False, True])
def test_the_classes_change_with_the_stops(is_even: bool) -> None:
    walk = make_walk(*CORNERS[:2], num_frames=21, class_ids=[2, 0], is_even=is_even)
    z, weights = walk.sample(SOURCE)
    np.testing.assert_allclose(z[[0, -1]], CORNERS[:2], atol=1e-5)
    assert weights is not None
    np.testing.assert_allclose(
        weights[[0, 10, -1]], [(0, 0, 1), (0.5, 0, 0.5), (1, 0, 0)], atol=1e-5
    )


@pytest.mark.parametrize(
    ("names", "kind", "is_closed", "step", "stem"),
    [
        (["3", "8"], "slerp", False, 1200, "walk-3-to-8-step-1200"),
        (["The selected digit", "A clear 8"], "slerp", False, None, "walk-selected-digit-to-8"),
        (
            ["Random 1", "Pin: mine"],
            "lerp",
            True,
            5,
            "walk-random-1-to-pin-mine-straight-loop-step-5",
        ),
        (["3 as 4", "8"], "spline", False, 5, "walk-3-as-4-to-8-curve-step-5"),
    ],
)
def test_a_file_is_named_by_the_stops_in_words_that_a_student_knows(
    names: list[str], kind: PathKind, is_closed: bool, step: int | None, stem: str
) -> None:
    walk = Walk(names, np.zeros((2, 2)), None, kind, is_closed, num_frames=40, is_even=False)
    assert walk.make_file_stem(step) == stem
