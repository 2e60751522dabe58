"""Settings that have no effect on a run's pictures count as equal."""

from __future__ import annotations

import pytest

from dcgan.config.sections.few_pictures import AUGMENTED_BELOW
from dcgan.config.training_config import TrainingConfig


@pytest.mark.parametrize("setting", ["augment", "augmentations"])
def test_augmentation_and_its_kinds_have_no_effect_on_a_large_set(setting: str) -> None:
    config = TrainingConfig()
    assert config.get_effect(setting, AUGMENTED_BELOW) == "off"
    assert config.get_effect(setting, AUGMENTED_BELOW - 1) == getattr(config, setting)


def test_lookahead_has_no_effect_on_pictures_that_are_augmented() -> None:
    config = TrainingConfig(lookahead=7)
    assert config.get_effect("lookahead", AUGMENTED_BELOW) == 7
    assert config.get_effect("lookahead", AUGMENTED_BELOW - 1) == 0
    assert config.replace(augment="off").get_effect("lookahead", AUGMENTED_BELOW - 1) == 7
    assert config.replace(augment=0.5).get_effect("lookahead", AUGMENTED_BELOW) == 0
