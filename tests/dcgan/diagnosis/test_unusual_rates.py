"""Learning rates that are far from the closest preset's."""

from __future__ import annotations

import pytest

from dcgan.config.training_config import PRESETS, TrainingConfig
from dcgan.diagnosis.actions import Action
from dcgan.diagnosis.diagnose import diagnose
from dcgan.diagnosis.unusual_rates import describe_suspects, describe_unusual_rate
from tests.healthy_run import evaluation, steps, verdict_on


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_has_unusual_rates(preset: str) -> None:
    assert describe_suspects(TrainingConfig.preset(preset), []) == ""


@pytest.mark.parametrize(
    ("preset", "rate", "comparison"),
    [
        ("fast", 0.0199, ""),
        ("fast", 0.02, "Generator learning rate 0.02 is 10 times the default 0.002"),
        (
            "fast",
            0.000002,
            "Generator learning rate 0.000002 is 1,000 times lower than the default 0.002",
        ),
        (
            "fast",
            0.0002,
            "Generator learning rate 0.0002 is 10 times lower than the default 0.002",
        ),
        (
            "classic",
            0.00002,
            "Generator learning rate 0.00002 is 10 times lower than the Classic preset's 0.0002",
        ),
        ("classic", 0.000021, ""),
    ],
)
def test_a_rate_is_compared_with_the_closest_preset(
    preset: str, rate: float, comparison: str
) -> None:
    name = "generator_learning_rate"
    config = TrainingConfig.preset(preset, **{name: rate})
    assert describe_unusual_rate(name, rate, config) == comparison


def test_the_cause_of_an_alarm_begins_with_the_unusual_rate() -> None:
    config = TrainingConfig.create(generator_learning_rate=0.04)
    assert verdict_on(steps(fake_spread=0.0), config=config).cause.startswith(
        "Check this first: Generator learning rate 0.04 is 20 times the default 0.002. Usually "
        "the generator"
    )
    assert "Suspect" not in verdict_on(steps(), config=config).cause
    # Training images that are all alike are not the fault of a learning rate.
    assert "Suspect" not in verdict_on(steps(real_spread=0.0), config=config).cause


def test_a_rate_that_an_action_moves_further_from_the_preset_is_no_suspect() -> None:
    name = "generator_learning_rate"
    for rate, changed, is_suspect in ((0.04, 0.004, True), (0.00001, 0.000005, False)):
        config = TrainingConfig.create(generator_learning_rate=rate)
        actions = [Action("lower_generator_rate", changes={name: changed})]
        assert bool(describe_suspects(config, actions)) == is_suspect


@pytest.mark.parametrize(
    ("preset", "rates", "cause", "changes"),
    [
        (
            "fast",
            {"discriminator_learning_rate": 0.0001},
            "Check this first: Discriminator learning rate 0.0001 is 20 times lower than the "
            "default 0.002. Usually the discriminator learns too slowly",
            {"discriminator_learning_rate": 0.002},
        ),
        (
            "fast",
            {"discriminator_learning_rate": 0.0005},
            "Usually the discriminator learns too slowly",
            {"discriminator_learning_rate": 0.002},
        ),
        (
            "classic",
            {"discriminator_learning_rate": 0.00001},
            "Check this first: Discriminator learning rate 0.00001 is 20 times lower than the "
            "Classic preset's 0.0002. Usually the discriminator learns too slowly",
            {"discriminator_learning_rate": 0.0002},
        ),
        (
            "fast",
            {"discriminator_learning_rate": 0.04},
            "Check this first: Discriminator learning rate 0.04 is 20 times the default "
            "0.002. Usually the discriminator's learning rate is too high",
            {"discriminator_learning_rate": 0.002},
        ),
        (
            "fast",
            {"generator_learning_rate": 0.0001},
            "Check this first: Generator learning rate 0.0001 is 20 times lower than the "
            "default 0.002. Usually the discriminator's feedback is of no use",
            {"generator_learning_rate": 0.002},
        ),
        (
            "fast",
            {},
            "Usually the discriminator's feedback is of no use",
            {"discriminator_learning_rate": 0.0005},
        ),
    ],
)
@pytest.mark.parametrize("has_ended", [False, True])
def test_pictures_like_nothing_are_explained_by_the_changed_rate(
    preset: str,
    rates: dict[str, float],
    cause: str,
    changes: dict[str, float],
    has_ended: bool,
) -> None:
    config = TrainingConfig.preset(preset, **rates)
    noise = evaluation(precision=0.0)
    verdict = diagnose(steps(), [noise], [], config, has_ended=has_ended)
    assert verdict.headline == "Diverging: the pictures are like nothing in the data."
    assert verdict.cause.startswith(cause)
    first, *_ = verdict.actions
    assert first == Action("new_run", changes)
