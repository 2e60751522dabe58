"""The metrics of each class, with real digits in place of a generator."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.data.datasets import ImageDataset, load_dataset, load_mnist_test, select_classes
from dcgan.evaluation.class_metrics import measure_classes


@pytest.fixture(scope="module")
def pairs() -> ImageDataset:
    """Return the threes and the eights of MNIST."""
    return select_classes(load_dataset("mnist"), (3, 8))


def draw_real(label: int, num: int) -> np.ndarray:
    """Return real test digits of the class."""
    test = load_mnist_test()
    assert test.labels is not None
    return test.pixels[test.labels == (3, 8)[label]][:num]


def test_real_digits_show_their_class_and_are_as_near_as_other_real_ones(
    pairs: ImageDataset,
) -> None:
    found = measure_classes(draw_real, pairs)
    assert [measured.name for measured in found] == ["3", "8"]
    for measured in found:
        assert measured.as_asked is not None
        assert measured.as_asked > 0.98
        assert measured.frechet_distance is not None
        assert measured.real_distance is not None
        assert measured.frechet_distance < 6 * measured.real_distance


def test_a_generator_that_confuses_two_classes_gets_bad_metrics(pairs: ImageDataset) -> None:
    confused = measure_classes(lambda label, num: draw_real(1 - label, num), pairs)
    for measured in confused:
        assert measured.as_asked is not None
        assert measured.as_asked < 0.02
        assert measured.frechet_distance is not None
        assert measured.real_distance is not None
        assert measured.frechet_distance > 20 * measured.real_distance
