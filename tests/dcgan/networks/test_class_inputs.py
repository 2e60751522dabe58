"""The inputs of a class-conditional generator: z, and a weight for each class."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.networks.class_inputs import ClassChoice, make_generator_inputs

PLAIN = TrainingConfig(latent_dim=2)
THREE = PLAIN.replace(class_names=("a", "b", "c"))
Z = np.array([[0.5, -1.0], [2.0, 3.0]], np.float32)


def test_after_z_comes_a_1_for_the_class_and_0_for_the_others() -> None:
    inputs = make_generator_inputs(Z, [2, 0], THREE)
    assert inputs.dtype == np.float32
    assert inputs.tolist() == [[0.5, -1.0, 0, 0, 1], [2.0, 3.0, 1, 0, 0]]


def test_weights_between_two_classes_are_passed_on_unchanged() -> None:
    inputs = make_generator_inputs(Z[:1], np.array([[0.25, 0.75, 0.0]]), THREE)
    assert inputs.tolist() == [[0.5, -1.0, 0.25, 0.75, 0]]


def test_without_a_choice_the_images_have_the_classes_in_turn() -> None:
    inputs = make_generator_inputs(np.zeros((4, 2), np.float32), None, THREE)
    assert inputs[:, 2:].argmax(axis=1).tolist() == [0, 1, 2, 0]


def test_a_generator_without_classes_takes_z_alone() -> None:
    assert make_generator_inputs(Z, None, PLAIN) is Z
    with pytest.raises(ValueError, match="knows none"):
        make_generator_inputs(Z, [0, 0], PLAIN)


@pytest.mark.parametrize(
    ("classes", "match"),
    [
        ([0, 3], "from 0 to 2"),
        ([0, -1], "from 0 to 2"),
        ([0], r"expected \(2,\)"),
        ([0.0, 1.0], r"expected \(2,\)"),
    ],
)
def test_classes_that_do_not_fit_are_refused(classes: ClassChoice, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        make_generator_inputs(Z, classes, THREE)
