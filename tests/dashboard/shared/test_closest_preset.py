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
