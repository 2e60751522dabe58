"""The preset that a run's settings are closest to."""

from __future__ import annotations

from dashboard.shared.closest_preset import find_closest_preset
from dcgan.config import TrainingConfig


def test_the_closest_preset_has_the_fewest_changes() -> None:
    assert find_closest_preset(TrainingConfig()) == ("fast", {})
    assert find_closest_preset(TrainingConfig.preset("classic", seed=3)) == (
        "classic",
        {"seed": "3"},
    )
    changed = TrainingConfig.create(generator_filters=(8, 4), beta_1=0.25)
    assert find_closest_preset(changed) == (
        "fast",
        {"beta_1": "0.25", "generator channels": "8/4"},
    )


def test_labels_of_changed_settings_read_as_parts_of_a_sentence() -> None:
    ones = TrainingConfig.create(only_classes=(1,), evaluate_every=4)
    assert find_closest_preset(ones) == ("fast", {"only class": "1"})
    two = TrainingConfig.create(only_classes=(3, 8))
    assert find_closest_preset(two) == ("fast", {"only classes": "3/8"})
