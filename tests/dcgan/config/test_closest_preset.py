"""Settings in words, by the preset from which they differ least."""

from __future__ import annotations

import pytest

from dcgan.config.closest_preset import describe_difference, find_closest_preset
from dcgan.config.training_config import TrainingConfig


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "Default settings"),
        ({"beta_1": 0.5, "lookahead": 0}, "Differs from the default: momentum 0.5, no lookahead"),
        ({"generator_filters": (8, 4)}, "Differs from the default: generator channels 8-4"),
        ({"augment": "off", "r1_penalty": 0.0}, "Differs from the default: no R1 penalty"),
        ({"only_classes": (1,)}, "Differs from the default: only class 1"),
        ({"only_classes": (3, 8)}, "Differs from the default: only classes 3-8"),
        (
            TrainingConfig.preset("classic", dropout=0.4).model_dump(),
            "Differs from the classic preset: dropout 0.4",
        ),
    ],
)
def test_settings_are_described_by_what_differs(changes: dict[str, object], text: str) -> None:
    assert describe_difference(TrainingConfig.create(**changes)) == text


def test_one_more_difference_comes_first() -> None:
    config = TrainingConfig.create(dropout=0.3)
    assert describe_difference(TrainingConfig(), "without classes") == (
        "Differs from the default: without classes"
    )
    assert describe_difference(config, "without classes") == (
        "Differs from the default: without classes, dropout 0.3"
    )


def test_the_closest_preset_has_the_fewest_changes() -> None:
    assert find_closest_preset(TrainingConfig()) == ("fast", [])
    assert find_closest_preset(TrainingConfig.preset("classic", seed=3)) == ("classic", ["seed"])
