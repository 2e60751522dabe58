"""Two sample grids side by side: whether they have a difference, and how large it is."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare.pair_panel import describe_difference
from dashboard.compare.pair_steps import (
    are_far_apart,
    are_related,
    describe_step,
    find_common_step,
    find_nearest,
)
from dashboard.state.trainer import Trainer
from dcgan.reports import SampleReport
from dcgan.runs.run_folder import open_run
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import prepare_page, run_page

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_a_difference_of_pictures_needs_the_same_settings_or_a_branch(
    compared: list[ComparedRun],
) -> None:
    one, two = (each.run for each in compared)
    assert are_related(one, one)
    assert not are_related(one, two)  # Other batch size and learning rate.
    two.parent = one.name
    assert are_related(one, two)
    assert are_related(two, one)
    one.parent = two.parent = "parent"  # Two branches of one run.
    assert are_related(one, two)
    one.parent, two.parent = None, "branch"  # A branch of a branch.
    assert not are_related(one, two)
    two.parent, two.config = None, one.config.replace(epochs=7)
    assert are_related(one, two)
    two.config = one.config.replace(seed=5)
    assert not are_related(one, two)


def test_a_difference_of_two_runs_needs_steps_near_each_other(
    compared: list[ComparedRun],
) -> None:
    one, branch = (each.run for each in compared)
    branch.parent = one.name
    assert not are_far_apart(one, branch, (1000, 900))
    assert are_far_apart(one, branch, (1000, 890))
    assert not are_far_apart(one, one, (1000, 10))  # What training changed.
    assert not are_far_apart(one, branch, (0, 0))


def test_the_difference_of_two_pictures_is_the_mean_difference_of_their_pixels() -> None:
    assert describe_difference(np.array([0, -51, 102, 51])) == (
        "On average the pixels differ by 20.0%; black and white differ by 100%."
    )


@pytest.mark.parametrize(
    ("step", "steps", "slider_step", "text"),
    [
        (94, (0, 94), 245, "step 94, where it ended"),
        # Also if the difference is small: the slider shows a step that the run never made.
        (3436, (0, 3436), 3584, "step 3,436, where it ended"),
        (94, (0, 94), 94, "step 94"),
        (94, (0, 94, 300), 245, "step 94"),  # Grids are rarely of the same step.
        (94, (0, 94), 0, "step 94"),  # It has a slider of its own.
    ],
)
def test_a_run_that_ended_before_the_step_of_the_slider_says_so(
    step: int, steps: tuple[int, ...], slider_step: int, text: str
) -> None:
    assert describe_step(step, steps, slider_step, has_ended=True) == text


def test_a_run_in_training_that_has_not_reached_the_step_of_the_slider_shows_its_newest_grid() -> (
    None
):
    assert describe_step(94, (0, 94), 245, has_ended=False) == "step 94, its newest"


@pytest.mark.parametrize(("step", "nearest"), [(0, 0), (430, 300), (2000, 1000), (650, 300)])
def test_a_run_shows_its_grid_nearest_to_the_step_of_both(step: int, nearest: int) -> None:
    assert find_nearest((0, 300, 1000), step) == nearest


@pytest.mark.parametrize(
    ("longer", "step"),
    [
        ((0, 300, 1000, 2000), 300),
        ((0, 938, 54638), 938),  # Noise beside trained digits would compare nothing.
        ((0, 1, 938, 54638), 938),  # So would the grey grid of the first step.
        ((0,), 0),
    ],
)
def test_two_runs_are_first_shown_at_the_end_of_the_shorter_one(
    longer: tuple[int, ...], step: int
) -> None:
    assert find_common_step(longer, (0, 200, 466)) == step


def test_the_slider_follows_new_grids_until_a_person_moves_it(
    new_run: NewRun, trainer: Trainer
) -> None:
    def save_grids(*steps: int) -> None:
        pixels = np.full((4, 28, 28, 1), 200, np.uint8)
        for name in ("one", "two"):
            run = open_run(trainer.root / name)
            with run.lock.held():
                for step in steps:
                    run.write(SampleReport(step=step, epoch=1, seconds=9.0, pixels=pixels))

    new_run("one")
    new_run("two")
    page = prepare_page("compare")
    page.query_params["run"] = ["one", "two"]
    run_page(page)
    assert page.select_slider(key="pair_step_one two").value == 26
    save_grids(13, 40)
    run_page(page)
    assert page.select_slider(key="pair_step_one two").value == 40
    page.select_slider(key="pair_step_one two").set_value(13)
    save_grids(60)
    run_page(page)
    assert page.select_slider(key="pair_step_one two").value == 13
