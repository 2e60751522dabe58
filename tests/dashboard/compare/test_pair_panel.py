"""Two sample grids side by side: whether they have a difference, and how large it is."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.compare.pair_panel import (
    choose_fair_steps,
    describe_difference,
    explain_unrelated,
)
from dashboard.compare.records import ComparedRun
from dcgan.runs.run_folder import Run

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_a_difference_of_pictures_needs_the_same_settings_or_a_branch(
    compared: list[ComparedRun],
) -> None:
    one, two = (each.run for each in compared)

    def has_difference(left: Run, right: Run) -> bool:
        return not explain_unrelated(left, right, (30, 30))

    assert has_difference(one, one)
    assert not has_difference(one, two)  # Other batch size and learning rate.
    assert "Choose the same run on both sides" in explain_unrelated(one, two, (30, 30))
    two.parent = one.name
    assert has_difference(one, two)
    assert has_difference(two, one)
    one.parent = two.parent = "parent"  # Two branches of one run.
    assert has_difference(one, two)
    one.parent, two.parent = None, "branch"  # A branch of a branch.
    assert not has_difference(one, two)
    two.parent, two.config = None, one.config.replace(epochs=7)
    assert has_difference(one, two)
    two.config = one.config.replace(seed=5)
    assert not has_difference(one, two)


def test_a_difference_of_two_runs_needs_steps_near_each_other(
    compared: list[ComparedRun],
) -> None:
    one, branch = (each.run for each in compared)
    branch.parent = one.name
    assert not explain_unrelated(one, branch, (1000, 900))
    assert explain_unrelated(one, branch, (1000, 890)).endswith("Choose steps near each other.")
    assert not explain_unrelated(one, one, (1000, 10))  # What training changed.
    assert not explain_unrelated(one, branch, (0, 0))


def test_the_difference_of_two_pictures_is_that_of_their_pixels_on_average() -> None:
    assert describe_difference(np.array([0, -51, 102, 51])) == (
        "On average the pixels differ by 20.0%; black and white differ by 100%."
    )


@pytest.mark.parametrize(
    ("left", "right", "fair"),
    [
        ((0, 450, 938, 1400, 1876), (0, 300, 938, 1000), (938, 938)),
        ((0, 938, 1876), (0, 938, 1876, 2814), (1876, 1876)),
        ((0, 454, 938, 1619, 2439, 54638), (0, 938, 1876, 2010), (1619, 1876)),
        ((0, 938, 4000), (0, 938, 3900), (4000, 3900)),  # Step 938 is long past.
        ((0,), (0, 938), (0, 0)),
    ],
)
def test_two_runs_are_compared_first_at_about_the_step_that_the_shorter_one_reached(
    left: tuple[int, ...], right: tuple[int, ...], fair: tuple[int, int]
) -> None:
    assert choose_fair_steps(left, right) == fair
    assert choose_fair_steps(right, left) == fair[::-1]
