"""The comparison of remedies with doing nothing."""

from __future__ import annotations

import pytest

from dcgan.trials.effects import find_best, find_effects
from dcgan.trials.records import Figure, Measurement, Trial, TrialKind, TrialRecord


def trial(kind: TrialKind, low: float, high: float) -> Trial:
    figures = {"frechet_distance": Figure(value=(low + high) / 2, low=low, high=high)}
    return Trial(kind=kind, result=Measurement(step=1, figures=figures, png=b""))


def record_of(*trials: Trial) -> TrialRecord:
    return TrialRecord(format=1, step=0, seconds=30.0, headline="Collapsed.", trials=trials)


@pytest.mark.parametrize(
    ("low", "high", "effect"),
    [
        (5.0, 7.9, "better"),
        (5.0, 8.1, "unclear"),
        (10.0, 12.0, "unclear"),
        (13.9, 20.0, "unclear"),
        (14.1, 20.0, "worse"),
    ],
)
def test_a_remedy_helps_if_it_is_better_by_more_than_chance(
    low: float, high: float, effect: str
) -> None:
    # Both times that nothing is done lie between 10 and 12, so chance is a difference of 2.
    record = record_of(
        trial("nothing", 10.0, 10.5), trial("changed", low, high), trial("repeated", 11.0, 12.0)
    )
    assert find_effects(record) == {1: effect}
    assert find_best(record) == (1 if effect == "better" else None)


def test_the_best_remedy_is_the_one_with_the_smallest_distance() -> None:
    record = record_of(
        trial("nothing", 10.0, 10.1),
        trial("changed", 5.0, 5.1),
        trial("new_run", 4.0, 4.1),
        trial("returned", 9.95, 10.0),
        trial("repeated", 10.0, 10.1),
    )
    assert find_effects(record) == {1: "better", 2: "better", 3: "unclear"}
    assert find_best(record) == 2


@pytest.mark.parametrize(
    "idle",
    [
        (Trial(kind="nothing"), Trial(kind="repeated")),
        (trial("nothing", 10.0, 10.1), Trial(kind="repeated")),
        (Trial(kind="nothing"), trial("repeated", 10.0, 10.1)),
    ],
)
def test_nothing_is_compared_before_doing_nothing_was_measured_twice(
    idle: tuple[Trial, Trial],
) -> None:
    record = record_of(*idle, trial("changed", 5.0, 5.1))
    assert find_effects(record) == {}
    assert find_best(record) is None
