"""The moment of a run that the sample grid shows."""

from __future__ import annotations

import pytest

from dashboard.train import sample_panel
from dashboard.train.sample_panel import _describe, _has_expired, _Moment, find_moment
from dcgan.runs.run_folder import Run
from tests.clock import Clock


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
    moment = _Moment("first 0", was_active, 20, chosen_at=clock.now)
    clock.now += seconds
    assert _has_expired(moment, is_active=is_active) is is_left


def test_pictures_that_are_no_digits_are_not_called_digits(run: Run) -> None:
    of_digits = _describe(run, 10, 5, 5)
    run.config = run.config.replace(dataset="fashion_mnist")
    of_pictures = _describe(run, 10, 5, 5)
    assert of_digits.endswith("see how each digit changes.")
    assert of_pictures.endswith("see how each picture changes.")
