"""The moment of a run that the sample grid shows."""

from __future__ import annotations

import pytest

from dashboard.train.sample_panel import find_moment


@pytest.mark.parametrize(("chosen", "step"), [(None, 30), (20, 20), (0, 0), (25, 20), (40, 30)])
def test_the_chosen_moment_is_shown_or_the_last_one_before_it(
    chosen: int | None, step: int
) -> None:
    assert find_moment([0, 20, 30], chosen) == step


def test_a_moment_before_all_saved_ones_shows_the_first() -> None:
    assert find_moment([20, 30], 10) == 20
