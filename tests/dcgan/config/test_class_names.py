"""The names of a run's classes, which may come from anybody's config.json."""

from __future__ import annotations

import pytest

from dcgan.config.setting_types import MAX_CLASSES
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError


@pytest.mark.parametrize(
    "names",
    [
        ("a", "a"),
        ("",),
        ("x" * 101,),
        tuple(map(str, range(MAX_CLASSES + 1))),
        "abc",
    ],
)
def test_names_that_nobody_could_ask_for_are_refused(names: object) -> None:
    with pytest.raises(ConfigError, match="class_names"):
        TrainingConfig.create(class_names=names)


def test_a_config_counts_its_classes_and_adds_them_to_the_generators_inputs() -> None:
    config = TrainingConfig.create(class_names=["Ä", "b c"], latent_dim=3)
    assert (config.num_classes, config.num_generator_inputs) == (2, 5)
    assert TrainingConfig().num_classes == 0
