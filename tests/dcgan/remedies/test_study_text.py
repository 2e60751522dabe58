"""The text of a study: a line for each trial."""

from __future__ import annotations

from collections.abc import Mapping

from dcgan.remedies.study import Measurement, SeedRange, Study, Trial, TrialKind
from dcgan.remedies.study_text import describe_study


def trial(
    kind: TrialKind, metrics: Mapping[str, float | tuple[float, float]], folder: str = ""
) -> Trial:
    """Return a trial of 9 steps with the mean of each metric, or its lowest and highest value."""
    ranges = {}
    for name, value in metrics.items():
        low, high = value if isinstance(value, tuple) else (value, value)
        ranges[name] = SeedRange(mean=(low + high) / 2, low=low, high=high)
    result = Measurement(step=9, metrics=ranges, png=b"")
    changes = {"generator_learning_rate": 0.0005} if kind in ("changed_settings", "new_run") else {}
    return Trial(kind=kind, changes=changes, result=result, num_steps=9, folder=folder)


def describe(*trials: Trial, real_metrics: Mapping[str, float] | None = None) -> list[str]:
    return describe_study(
        Study(
            format=1,
            step=1500,
            seconds=30.0,
            headline="Collapsed.",
            real_metrics=real_metrics or {},
            trials=trials,
        )
    )


def test_each_remedy_says_whether_it_helps_and_which_can_be_adopted() -> None:
    assert describe(
        trial("baseline", {"frechet_distance": (10.0, 10.4)}),
        trial("changed_settings", {"frechet_distance": (4.0, 5.0)}, "first"),
        trial("new_run", {"frechet_distance": 100.0}, "second"),
        trial("baseline_other_noise", {"frechet_distance": 10.5}),
    ) == [
        "1. Do nothing: Distance 10.2 (10.0 to 10.4); 9 steps from step 1,500.",
        "2. Set Generator learning rate to 0.0005: Distance 4.50 (4.00 to 5.00); "
        "9 steps from step 1,500; helps.",
        "3. Start again with Generator learning rate 0.0005: Distance 100.0; "
        "9 steps from step 0; makes it worse.",
        "4. Do nothing again: Distance 10.5; 9 steps from step 1,500; measures chance.",
        "To turn a remedy into a run: --adopt 2 or 3.",
    ]


def test_a_trial_with_too_few_images_to_measure_has_its_steps_only() -> None:
    assert describe(trial("baseline", {})) == ["1. Do nothing: 9 steps from step 1,500."]


def test_a_difference_within_chance_is_not_clear() -> None:
    lines = describe(
        trial("baseline", {"frechet_distance": 10.0}),
        trial("changed_settings", {"frechet_distance": 9.0}),
        trial("baseline_other_noise", {"frechet_distance": 12.0}),
    )
    assert lines[1].endswith("; no clear difference.")


def test_a_trial_without_a_result_says_why() -> None:
    assert describe(
        Trial(kind="baseline"), Trial(kind="baseline_other_noise", problem="The disk is full.")
    ) == ["1. Do nothing: not tried.", "2. Do nothing again: The disk is full."]


def test_own_pictures_are_compared_by_metrics_that_name_no_digits() -> None:
    names = ("frechet_distance", "recall", "precision", "coverage")
    assert describe(trial("baseline", dict.fromkeys(names, (0.4, 0.6)))) == [
        "1. Do nothing: Distance 0.50 (0.40 to 0.60), Precision 50.0% (40.0% to 60.0%), "
        "Coverage 50.0% (40.0% to 60.0%); 9 steps from step 1,500."
    ]
