"""The words for the certainty of a difference."""

from __future__ import annotations

from dcgan.comparison.certainty import (
    describe_certainty,
    describe_chance,
    describe_seed_chance,
)
from dcgan.comparison.ranking import MeasuredDistances, rank_distances
from dcgan.evaluation.main_metric import MAIN_METRICS


def describe(distance: float) -> str:
    """Describe the certainty that a run of distance 1 is nearer than one of another distance."""
    measured = [MeasuredDistances((value,), (50_000,)) for value in (1.0, distance)]
    (difference,) = rank_distances(measured, 0.1, MAIN_METRICS[0]).differences.values()
    assert describe_chance(difference) in describe_seed_chance(difference)
    return describe_certainty(difference)


def test_a_larger_difference_is_more_certain() -> None:
    answers = [describe(distance) for distance in (1.0, 1.01, 50.0)]
    assert answers == ["Too close to call", "Too close to call", "Very likely"]
    assert "Likely" in {describe(1 + tenths / 10) for tenths in range(1, 50)}
