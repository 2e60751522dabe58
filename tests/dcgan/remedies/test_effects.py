"""The comparison of remedies with the baselines."""

from __future__ import annotations

import pytest

from dcgan.remedies.effects import find_best_remedy, find_effects
from dcgan.remedies.study import Measurement, SeedRange, Study, Trial, TrialKind


def trial(kind: TrialKind, low: float, high: float) -> Trial:
    metrics = {"frechet_distance": SeedRange(mean=(low + high) / 2, low=low, high=high)}
    return Trial(kind=kind, result=Measurement(step=1, metrics=metrics, png=b""))


def study_of(*trials: Trial) -> Study:
    return Study(format=1, step=0, seconds=30.0, headline="Collapsed.", trials=trials)


@pytest.mark.parametrize(
    ("low", "high", "effect"),
    [
        (5.0, 8.3, "better"),
        (5.0, 8.4, "unclear"),
        (10.0, 12.0, "unclear"),
        (14.3, 20.0, "unclear"),
        (14.5, 20.0, "worse"),
    ],
)
def test_a_remedy_helps_if_it_is_better_by_more_than_chance(
    low: float, high: float, effect: str
) -> None:
    # The two baselines span 10 to 12, so a ratio of up to 1.2 may be chance.
    study = study_of(
        trial("baseline", 10.0, 10.5),
        trial("changed_settings", low, high),
        trial("baseline_other_noise", 11.0, 12.0),
    )
    assert find_effects(study) == {1: effect}
    assert find_best_remedy(study) == (1 if effect == "better" else None)


def test_a_remedy_of_a_collapse_is_found_also_if_doing_nothing_gives_very_different_distances() -> (
    None
):
    study = study_of(
        trial("baseline", 866.0, 868.0),
        trial("new_run", 3.2, 3.3),
        trial("baseline_other_noise", 144.0, 145.0),
    )
    assert find_best_remedy(study) == 1


def test_the_best_remedy_is_the_one_with_the_smallest_distance() -> None:
    study = study_of(
        trial("baseline", 10.0, 10.1),
        trial("changed_settings", 5.0, 5.1),
        trial("new_run", 4.0, 4.1),
        trial("rolled_back", 9.95, 10.0),
        trial("baseline_other_noise", 10.0, 10.1),
    )
    assert find_effects(study) == {1: "better", 2: "better", 3: "unclear"}
    assert find_best_remedy(study) == 2


@pytest.mark.parametrize(
    "baselines",
    [
        (Trial(kind="baseline"), Trial(kind="baseline_other_noise")),
        (trial("baseline", 10.0, 10.1), Trial(kind="baseline_other_noise")),
        (Trial(kind="baseline"), trial("baseline_other_noise", 10.0, 10.1)),
    ],
)
def test_effects_need_both_baselines(
    baselines: tuple[Trial, Trial],
) -> None:
    study = study_of(*baselines, trial("changed_settings", 5.0, 5.1))
    assert find_effects(study) == {}
    assert find_best_remedy(study) is None
