"""Short descriptions of settings by the closest preset."""

from __future__ import annotations

from dashboard.forms.settings_text import describe_start, list_changes
from dcgan.config.training_config import TrainingConfig


def test_the_closest_preset_has_the_fewest_changes() -> None:
    assert list_changes(TrainingConfig()) == ("fast", {})
    assert list_changes(TrainingConfig.preset("classic", seed=3)) == (
        "classic",
        {"seed": "3"},
    )
    changed = TrainingConfig.create(generator_filters=(8, 4), beta_1=0.25)
    assert list_changes(changed) == (
        "fast",
        {"momentum (beta_1)": "0.25", "generator channels": "8/4"},
    )


def test_labels_of_changed_settings_read_as_parts_of_a_sentence() -> None:
    ones = TrainingConfig.create(only_classes=(1,), evaluate_every=4)
    assert list_changes(ones) == ("fast", {"only class": "1"})
    two = TrainingConfig.create(only_classes=(3, 8))
    assert list_changes(two) == ("fast", {"only classes": "3/8"})


def test_before_a_start_changed_settings_are_named_with_the_values_of_the_preset() -> None:
    assert describe_start(TrainingConfig()) == ("Default settings, 10 epochs", "")
    two = TrainingConfig.create(generator_learning_rate=0.04, discriminator_learning_rate=0.04)
    (alone, _) = describe_start(two, names_change=True)
    assert alone == "Default settings with 2 changes, 10 epochs"
    changed = TrainingConfig.create(generator_learning_rate=0.04, beta_1=0.25, epochs=3)
    assert describe_start(changed) == (
        "Default settings, 3 epochs",
        "generator learning rate 0.04 (instead of 0.002), momentum (beta_1) 0.25 (instead of 0)",
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
