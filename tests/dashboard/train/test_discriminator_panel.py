"""The explanation of the discriminator's answers."""

from __future__ import annotations

from dashboard.train import discriminator_panel
from dcgan.config.training_config import TrainingConfig
from tests.healthy_run import steps


def test_with_classes_the_answers_are_explained_as_those_for_the_class_of_the_picture() -> None:
    config = TrainingConfig()
    assert "class" not in discriminator_panel.explain_answers(config)
    assert "give real pictures high numbers" in discriminator_panel.explain_answers(config)
    config = config.replace(class_conditional=True, class_names=("a", "b"))
    assert "It is told the class of each picture" in discriminator_panel.explain_answers(config)


def test_the_examples_are_beside_the_share_of_all_images_that_it_gets_right() -> None:
    reports = steps(2000, real_accuracy=0.9) + steps(
        4000, 2020, real_accuracy=0.26, fake_accuracy=0.9
    )
    assert discriminator_panel.describe_accuracy(reports) == (
        "5 examples of each. The discriminator judges 58% of the pictures correctly; a guess gets "
        "50%."
    )
