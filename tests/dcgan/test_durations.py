"""Durations as text."""

from __future__ import annotations

import pytest

from dcgan.durations import describe_limit, describe_roughly, describe_seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (200, "3 min 20 s"),
        (599, "9 min 59 s"),
        (659, "10 min"),
        (3599.7, "1 h"),
        (7500, "2 h 5 min"),
        (360_000, "100 h"),
    ],
)
def test_durations_have_one_or_two_units(seconds: float, text: str) -> None:
    assert describe_seconds(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1500, "25 min"),
        (90, "1 min 30 s"),
        (605, "605 s"),
        (0.5, "0.5 s"),
        (2520.4, "42 min"),
        (7200, "2 h"),
    ],
)
def test_a_chosen_duration_is_not_rounded(seconds: float, text: str) -> None:
    assert describe_limit(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "about 5 s"),
        (41.0, "about 40 s"),
        (57.6, "about 1 min"),
        (134.2, "about 2 min"),
        (5399.0, "about 90 min"),
        (9000.1, "about 3 h"),
    ],
)
def test_an_estimate_has_one_unit_and_no_more_digits_than_are_known(
    seconds: float, text: str
) -> None:
    assert describe_roughly(seconds) == text
