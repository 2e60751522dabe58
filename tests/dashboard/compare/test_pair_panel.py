"""Two sample grids side by side: whether they have a difference, and how large it is."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare.pair_panel import describe_difference
from dashboard.compare.pair_steps import (
    are_far_apart,
    are_related,
    find_last_common_step,
    find_nearest,
    list_common_steps,
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
    ("left", "right", "pairs"),
    [
        ((0, 1, 100, 500), (0, 1, 100, 400), [(0, 0), (1, 1), (100, 100)]),
        # Grids are saved by the clock: a tenth apart is about the same step.
        ((0, 1, 270, 820, 1609), (0, 1, 269, 783, 850), [(0, 0), (1, 1), (270, 269), (820, 850)]),
        ((0, 900), (0, 1000), [(0, 0), (900, 1000)]),
        ((0, 890), (0, 1000), []),  # Before training every picture is grey.
        ((0, 1, 890), (0, 1), []),
        ((0, 95, 100), (0, 100, 104), [(0, 0), (100, 100)]),  # No step is in two pairs.
    ],
)
def test_the_same_step_is_one_at_which_both_runs_have_a_picture(
    left: tuple[int, ...], right: tuple[int, ...], pairs: list[tuple[int, int]]
) -> None:
    assert list_common_steps(left, right) == pairs
    assert list_common_steps(right, left) == [pair[::-1] for pair in pairs]


@pytest.mark.parametrize(
    ("step", "nearest"), [(0, 0), (430, 300), (2000, 1000), (650, 300), (651, 1000)]
)
def test_a_run_shows_its_grid_nearest_to_the_step_of_both(step: int, nearest: int) -> None:
    assert find_nearest((0, 300, 1000), step) == nearest


@pytest.mark.parametrize(
    ("longer", "step"),
    [
        ((0, 300, 1000, 2000), 300),
        ((0, 938, 54638), 938),  # Noise beside trained digits would compare nothing.
        ((0, 1, 938, 54638), 938),  # So would the grey grid of the first step.
    ],
)
def test_without_the_same_step_two_runs_are_first_shown_at_the_end_of_the_shorter_one(
    longer: tuple[int, ...], step: int
) -> None:
    assert find_last_common_step(longer, (0, 200, 466)) == (step, 466)
    assert find_last_common_step((0, 200, 466), longer) == (466, step)


def prepare_runs(new_run: NewRun, trainer: Trainer, **steps: tuple[int, ...]) -> AppTest:
    """Prepare Compare with runs that have grids at these steps only."""
    pixels = np.full((4, 28, 28, 1), 200, np.uint8)
    for name, steps_of_run in steps.items():
        new_run(name)
        run = open_run(trainer.root / name)
        (run.path / "samples" / "step-00000026.png").unlink()
        with run.lock.held():
            for step in steps_of_run:
                run.write(SampleReport(step=step, epoch=1, seconds=9.0, pixels=pixels))
    page = prepare_page("compare")
    page.query_params["run"] = [*steps]
    return page


def test_the_same_step_shows_the_steps_of_both_runs(new_run: NewRun, trainer: Trainer) -> None:
    page = run_page(prepare_runs(new_run, trainer, one=(50, 100, 300), two=(50, 105)))
    slider = page.select_slider(key="pair_step_one two")
    assert (slider.options, slider.value) == (["50", "100"], 100)
    heads = [text.value for text in page.markdown if ":small[step" in text.value]
    assert [head.partition(":small")[2] for head in heads] == ["[step 100]", "[step 105]"]


def test_without_pictures_of_the_same_step_each_run_has_a_slider_and_the_page_says_why(
    new_run: NewRun, trainer: Trainer
) -> None:
    page = run_page(prepare_runs(new_run, trainer, one=(100, 300), two=(50, 200)))
    assert not page.toggle
    assert any("no pictures of about the same step" in text.value for text in page.caption)
    assert page.select_slider(key="pair_left_step_one two").value == 300
    assert page.select_slider(key="pair_right_step_one two").value == 200


def test_an_older_link_to_a_step_of_one_run_shows_it_beside_the_nearest_of_the_other(
    new_run: NewRun, trainer: Trainer
) -> None:
    page = prepare_runs(new_run, trainer, one=(100, 300), two=(50, 105))
    page.query_params["step"] = "300"
    run_page(page)
    assert page.select_slider(key="pair_left_step_one two").value == 300
    assert page.select_slider(key="pair_right_step_one two").value == 105


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
    save_grids(20)
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
