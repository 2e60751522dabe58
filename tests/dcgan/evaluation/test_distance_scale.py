"""Words for a distance to real digits."""

from __future__ import annotations

import pytest

from dcgan.evaluation.distance_scale import (
    describe_distance,
    explain_scale,
    grade_distance,
    rate_distance,
)


@pytest.mark.parametrize(
    ("distance", "real", "words"),
    [
        # Quick distances below 1.3 times 0.80 tell no finer word.
        (0.79, 0.80, "clear digits"),
        (1.03, 0.80, "clear digits"),
        (0.06, 0.07, "like real"),
        # About a minute of the default settings, with 1,000 and with 10,000 digits.
        (1.05, 0.80, "clear digits, few odd"),
        (0.25, 0.07, "clear digits, few odd"),
        # An included run, in the same way.
        (0.94, 0.80, "clear digits"),
        (0.18, 0.07, "nearly like real"),
        (2.42, 0.80, "clear digits, some odd"),
        (4.09, 0.80, "readable, many odd"),
        (10.58, 0.80, "nearly all look fake"),
        (154.0, 0.80, "far from real"),
        (float("inf"), 0.80, "far from real"),
    ],
)
def test_one_scale_has_words_for_quick_and_precise_distances(
    distance: float, real: float, words: str
) -> None:
    assert rate_distance(distance, real) == words


def test_a_limit_belongs_to_the_words_behind_it() -> None:
    assert rate_distance(0.15, 0.0) == "clear digits, few odd"
    assert rate_distance(20.0, 0.0) == "far from real"


def test_the_grades_follow_the_scale() -> None:
    distances = [(0.06, 0.07), (0.18, 0.07), (0.9, 0.8), (0.3, 0.07), (1.5, 0.07), (4, 0.07)]
    distances += [(10, 0.07), (100, 0.07)]
    assert [grade_distance(distance, real) for distance, real in distances] == [*range(8)]


def test_a_distance_stands_beside_words_and_the_distance_of_real_images() -> None:
    assert describe_distance(4.0, 0.8, has_digits=True) == (
        "4.00 (readable, many odd; real ones 0.80)"
    )
    above, below = (describe_distance(value, 24.0, has_digits=False) for value in (40.0, 20.0))
    assert above == "40.0 (lower is better; real ones 24.0)"
    assert below == "20.0 (like real; real ones 24.0)"


def test_the_scale_is_explained_with_its_limits() -> None:
    assert explain_scale() == (
        "The words come from the difference to the distance of real digits: “like real” "
        "below it, “nearly like real” up to 0.15, “clear digits, few odd” up to 0.6, “clear "
        "digits, some odd” up to 2, “readable, many odd” up to 6, “nearly all look fake” up to "
        "20, and above “far from real”. A quick distance that is too near to tell such small "
        "differences says “clear digits”."
    )
