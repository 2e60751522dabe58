"""The moment of a run that the sample grid shows, and the losses beside its film."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest

from dashboard.train import sample_panel
from dashboard.train.sample_panel import (
    MAX_LOSS_POINTS,
    Moment,
    describe_grid,
    find_moment,
    has_expired,
    read_losses,
)
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.runs.run_folder import Run
from tests.clock import Clock
from tests.reports import step_report


@pytest.mark.parametrize(("chosen", "step"), [(None, 30), (20, 20), (0, 0), (25, 20), (40, 30)])
def test_the_chosen_moment_is_shown_or_the_last_one_before_it(
    chosen: int | None, step: int
) -> None:
    assert find_moment([0, 20, 30], chosen) == step


def test_a_moment_before_all_saved_ones_shows_the_first() -> None:
    assert find_moment([20, 30], 10) == 20


@pytest.mark.parametrize(
    ("was_active", "is_active", "seconds", "is_left"),
    [
        (True, False, 61, True),
        (True, False, 59, False),  # The person may still look at it.
        (True, True, 61, False),
        (False, False, 61, False),  # Chosen after the end.
    ],
)
def test_a_replay_left_at_a_past_step_returns_to_the_newest_when_the_run_ends(
    monkeypatch: pytest.MonkeyPatch,
    was_active: bool,
    is_active: bool,
    seconds: int,
    is_left: bool,
) -> None:
    clock = Clock()
    monkeypatch.setattr(sample_panel, "time", clock)
    moment = Moment("first 0", was_active, 20, chosen_at=clock.now)
    clock.now += seconds
    assert has_expired(moment, is_active=is_active) is is_left


@pytest.fixture
def empty_run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a run without reports."""
    return Run.create(tiny_config, tiny_dataset, path=tmp_path / "empty")


@pytest.mark.parametrize(
    ("num_steps", "num_points"),
    [(0, 0), (1, 1), (150, 150), (399, MAX_LOSS_POINTS), (1001, MAX_LOSS_POINTS)],
)
def test_the_losses_beside_the_film_are_evenly_spaced_and_include_the_newest(
    empty_run: Run, num_steps: int, num_points: int
) -> None:
    for step in range(1, num_steps + 1):
        empty_run.write(step_report(step))
    steps = read_losses(empty_run).steps
    assert len(steps) == num_points
    if num_points:
        assert (steps[0], steps[-1]) == (1, num_steps)
        gaps = [later - earlier for earlier, later in itertools.pairwise(steps)]
        assert max(gaps, default=1) - min(gaps, default=1) <= 1


def test_losses_that_are_not_finite_are_left_out_of_the_film(empty_run: Run) -> None:
    empty_run.write(step_report(10))
    empty_run.write(step_report(20, generator_loss=math.nan))
    empty_run.write(step_report(30, discriminator_loss=math.inf))
    assert read_losses(empty_run).steps == [10]


def test_pictures_that_are_no_digits_are_not_called_digits(run: Run) -> None:
    of_digits = describe_grid(run, 10, 5, 5)
    run.config = run.config.replace(dataset="fashion_mnist")
    of_pictures = describe_grid(run, 10, 5, 5)
    assert of_digits.endswith("see how each digit changes.")
    assert of_pictures.endswith("see how each picture changes.")
