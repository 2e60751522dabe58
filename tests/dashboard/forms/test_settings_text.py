"""Short descriptions of settings by the closest preset."""

from __future__ import annotations

from dashboard.forms.settings_text import describe_plan, describe_start
from dcgan.config.training_config import TrainingConfig


def test_a_plan_names_what_differs_from_the_closest_preset() -> None:
    assert describe_plan(TrainingConfig()) == "Default settings, 10 epochs"
    assert describe_plan(TrainingConfig(seed=7)) == "Default settings, seed 7, 10 epochs"
    changed = TrainingConfig.create(beta_1=0.5, lookahead=0, epochs=3)
    assert (
        describe_plan(changed) == "Differs from the default: momentum 0.5, no lookahead; 3 epochs"
    )


def test_before_a_start_changed_settings_are_named_with_the_values_of_the_preset() -> None:
    assert describe_start(TrainingConfig()) == ("Default settings, 10 epochs", "")
    two = TrainingConfig.create(generator_learning_rate=0.04, discriminator_learning_rate=0.04)
    (alone, _) = describe_start(two, names_change=True)
    assert alone == "Default settings with 2 changes, 10 epochs"
    changed = TrainingConfig.create(generator_learning_rate=0.04, beta_1=0.25, epochs=3)
    assert describe_start(changed) == (
        "Default settings with 2 changes, 3 epochs",
        "generator learning rate 0.04 (instead of 0.002), momentum 0.25 (instead of 0)",
    )


def test_a_run_until_it_stops_improving_is_described_with_its_limits() -> None:
    config = TrainingConfig(until_converged=True)
    assert (
        describe_start(config)[0] == "Default settings, until it stops improving, 10 epochs at most"
    )
    hour = config.replace(epochs=None, max_seconds=3600.0)
    assert describe_start(hour)[0].replace("\xa0", " ") == (
        "Default settings, until it stops improving, 1 h at most"
    )
