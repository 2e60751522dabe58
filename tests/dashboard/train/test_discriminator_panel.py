"""The explanation of the discriminator's answers."""

from __future__ import annotations

from dashboard.generators.discriminator_answers import CLASS_NOTE
from dashboard.train import discriminator_panel
from dcgan.config.training_config import TrainingConfig


def test_the_answers_are_explained_as_those_of_the_class_that_fits_best() -> None:
    config = TrainingConfig()
    assert CLASS_NOTE not in discriminator_panel._explain(config)
    assert "give real images high numbers" in discriminator_panel._explain(config)
    config = config.replace(class_conditional=True, class_names=("a", "b"))
    assert discriminator_panel._explain(config).endswith(CLASS_NOTE)
