"""The actions that verdicts suggest."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcgan.diagnosis.actions import Action
from tests.healthy_run import (
    CONFIG,
    HEALTHY,
    evaluation,
    event,
    shares_of,
    steps,
    verdict_on,
)


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        ({}, ["lower_discriminator_rate", "raise_r1_penalty"]),
        ({"generator_learning_rate": 0.001}, ["raise_generator_rate", "raise_r1_penalty"]),
        ({"r1_penalty": 0.0}, ["lower_discriminator_rate", "raise_r1_penalty"]),
        ({"label_smoothing": 0.0}, ["lower_discriminator_rate", "raise_label_smoothing"]),
    ],
)
def test_a_winning_discriminator_is_slowed_or_regularized(
    settings: dict[str, float], kinds: list[str]
) -> None:
    config = CONFIG.replace(**settings)
    winning = steps(real_accuracy=1.0, fake_accuracy=1.0)
    first, second = verdict_on(winning, config=config).actions
    assert [first.kind, second.kind] == kinds
    assert (first.is_live, second.is_live) == (True, False)
    for action in (first, second):
        for name, value in action.changes.items():
            assert (value < getattr(config, name)) == action.kind.startswith("lower")


def test_a_setting_is_not_raised_above_its_maximum() -> None:
    config = CONFIG.replace(r1_penalty=500.0)
    winning = steps(real_accuracy=1.0, fake_accuracy=1.0)
    assert verdict_on(winning, config=config).actions[1].changes == {"r1_penalty": 1000.0}


def test_a_rollback_is_suggested_if_the_best_checkpoint_is_clearly_better() -> None:
    alike = steps(2000, fake_spread=0.0)
    better, worse = evaluation(938, 3.0), evaluation(1876, 90.0, precision=0.0)
    for measured in ([better], [better, evaluation(1876, 3.3)]):
        kinds = [action.kind for action in verdict_on(alike, measured).actions]
        assert kinds == ["new_run", "stop"]
    assert verdict_on(alike, [better, worse]).actions[0] == Action("roll_back", step=938)


def test_no_rollback_is_suggested_by_quick_distances_that_chance_explains() -> None:
    # Real digits have 0.80 with 1,000 digits.
    alike = steps(2000, fake_spread=0.0)
    near = [evaluation(938, 0.79), evaluation(1876, 1.02)]
    far = [evaluation(938, 0.79), evaluation(1876, 1.5)]
    for measured, kind in ((near, "new_run"), (far, "roll_back")):
        assert verdict_on(alike, measured, num_images=60_000).actions[0].kind == kind


def test_a_rollback_to_bad_pictures_is_not_suggested() -> None:
    alike, worse = steps(2000, fake_spread=0.0), evaluation(1876, 90.0, precision=0.0)
    for best in (
        evaluation(938, 3.0, precision=0.04),
        evaluation(938, 3.0, coverage=0.2),
        evaluation(938, 3.0, shares=shares_of(1, 7)),
    ):
        assert "roll_back" not in [
            action.kind for action in verdict_on(alike, [best, worse]).actions
        ]
    some_missing = evaluation(938, 3.0, shares=shares_of(0, 1, 2, 3, 4, 5))
    assert verdict_on(alike, [some_missing, worse]).actions[0].kind == "roll_back"


@pytest.mark.parametrize(
    ("rate", "lowered"), [(0.04, 0.002), (0.0021, 0.000525), (0.001, 0.0005), (0.0005, None)]
)
def test_a_rate_is_not_lowered_below_its_limit(rate: float, lowered: float | None) -> None:
    config = CONFIG.replace(generator_learning_rate=rate)
    for changes, kind in (
        ({"fake_accuracy": 0.1}, "lower_generator_rate"),
        ({"fake_spread": 0.0}, "new_run"),
    ):
        actions = verdict_on(steps(**changes), config=config).actions
        found = [(action.kind, action.changes.get("generator_learning_rate")) for action in actions]
        assert found == ([] if lowered is None else [(kind, lowered)]) + [("stop", None)]


def test_a_generator_too_slow_to_begin_gets_the_default_rate() -> None:
    config = CONFIG.replace(generator_learning_rate=1e-6)
    first, *_ = verdict_on(steps(fake_spread=0.0), config=config).actions
    default = CONFIG.generator_learning_rate
    assert first == Action("new_run", {"generator_learning_rate": default})


def test_a_slow_discriminator_gets_the_default_rate() -> None:
    config = CONFIG.replace(discriminator_learning_rate=1e-5)
    first, *_ = verdict_on(steps(fake_accuracy=0.1), config=config).actions
    default = CONFIG.discriminator_learning_rate
    assert first == Action("raise_discriminator_rate", {"discriminator_learning_rate": default})
    # After a collapse a new run gets that rate.
    first, *_ = verdict_on(steps(fake_spread=0.0), config=config).actions
    assert first == Action("new_run", {"discriminator_learning_rate": default})


numbers = st.floats(0, 1e6)


shares = st.floats(0, 1)


@given(
    st.lists(
        st.fixed_dictionaries(
            dict.fromkeys(("generator_gradient_norm", "discriminator_gradient_norm"), numbers)
            | dict.fromkeys(("real_accuracy", "fake_accuracy"), shares)
            | dict.fromkeys(("real_spread", "fake_spread"), st.none() | shares)
        ),
        max_size=20,
    ),
    st.lists(st.tuples(numbers, shares, shares), max_size=16),
    st.lists(st.integers(0, 2000), max_size=2),
    st.tuples(*[st.floats(1e-6, 1.0)] * 2, st.sampled_from((0.0, 0.2, 1000.0))),
)
def test_any_reports_get_a_complete_verdict_with_allowed_actions(
    rows: list[dict[str, float | None]],
    measured: list[tuple[float, float, float]],
    changed: list[int],
    settings: tuple[float, float, float],
) -> None:
    names = ("generator_learning_rate", "discriminator_learning_rate", "r1_penalty")
    config = CONFIG.replace(**dict(zip(names, settings, strict=True)))
    reports = [
        dataclasses.replace(HEALTHY, step=100 * (index + 1), **row)  # type: ignore[arg-type]
        for index, row in enumerate(rows)
    ]
    evaluations = [
        evaluation(120 * (index + 1), distance, precision=precision, coverage=coverage)
        for index, (distance, precision, coverage) in enumerate(measured)
    ]
    events = [event(step) for step in sorted(changed)]
    verdict = verdict_on(reports, evaluations, events, config)
    assert verdict.headline.endswith(".")
    assert verdict.cause.endswith(".")
    assert verdict.evidence
    assert verdict.actions
    assert verdict.is_alarm == (
        verdict.actions[-1].kind != "continue" or "rolled back" in verdict.headline
    )
    for action in verdict.actions:
        config.replace(**action.changes)
        assert (action.step is not None) == (action.kind == "roll_back")
