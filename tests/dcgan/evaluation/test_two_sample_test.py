"""Trees that learn to tell generated pictures from real ones."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from dcgan.data.datasets import ImageDataset, load_dataset
from dcgan.errors import DatasetError, MissingPackageError
from dcgan.evaluation import two_sample_test
from dcgan.evaluation.two_sample_test import VIEWS, TwoSampleTest, choose_sizes, run_two_sample_test

NUM_REAL = 3_000
# MNIST's first and last digits are by other people, and can be told apart.
SHUFFLED = np.random.default_rng(1).permutation(60_000)
CHANCE = pytest.approx(0.5, abs=0.05)  # Three standard deviations of a thousand coins, rounded up.


@pytest.fixture(scope="module", autouse=True)
def _few_trees() -> Iterator[None]:
    """Learn in a tenth of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(two_sample_test, "_NUM_TREES", 10)
        yield


@pytest.fixture(scope="module")
def digits() -> ImageDataset:
    """Return 3,000 real digits: trees learn from 1,000 and are asked about 500."""
    mnist = load_dataset("mnist")
    assert mnist.labels is not None
    chosen = SHUFFLED[:NUM_REAL]
    return replace(mnist, pixels=mnist.pixels[chosen], labels=mnist.labels[chosen])


@pytest.fixture(scope="module")
def others() -> np.ndarray:
    """Return 1,500 other real digits, as a perfect generator would draw."""
    return load_dataset("mnist").pixels[SHUFFLED[NUM_REAL : NUM_REAL + 1_500]]


@pytest.fixture(scope="module")
def perfect(digits: ImageDataset, others: np.ndarray) -> TwoSampleTest:
    return run_two_sample_test(others, digits)


# The answers


def test_real_digits_cannot_be_told_from_real_ones(perfect: TwoSampleTest) -> None:
    assert (perfect.num_learned, perfect.num_asked) == (1_000, 500)
    for name in VIEWS:
        accuracy = perfect.accuracies[name]
        assert accuracy.value == CHANCE, name
        assert perfect.control_accuracies[name].value == CHANCE, name
        assert accuracy.low < accuracy.value < accuracy.high


def test_digits_on_a_grey_ground_are_told_by_their_greys_alone(
    digits: ImageDataset, others: np.ndarray, perfect: TwoSampleTest
) -> None:
    found = run_two_sample_test(np.maximum(others, 3), digits)
    assert found.accuracies["greys"].value == 1.0
    assert found.accuracies["five_greys"] == perfect.accuracies["five_greys"]
    assert found.accuracies["shapes"] == perfect.accuracies["shapes"]
    # The same pictures give the same answers.
    assert found.control_accuracies == perfect.control_accuracies


def test_a_dot_in_each_digit_is_told_by_its_shape(digits: ImageDataset, others: np.ndarray) -> None:
    dotted = others.copy()
    dotted[:, :5, :5] = 0
    dotted[:, 2, 2] = 255
    found = run_two_sample_test(dotted, digits)
    assert found.accuracies["shapes"].value > 0.95
    assert found.accuracies["five_greys"].value > 0.95


# The features


def test_greys_are_counted_in_twelve_groups() -> None:
    pictures = np.zeros((2, 2, 3, 1), np.uint8)
    pictures[1].flat = [255, 254, 253, 4, 1, 128]
    counts = VIEWS["greys"].compute_features(pictures)
    np.testing.assert_array_equal(counts[0], [6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(counts[1], [0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 2, 1])


def test_five_greys_are_equal_steps() -> None:
    pictures = np.array([0, 51, 52, 127, 128, 204, 205, 255], np.uint8).reshape(1, 2, 4, 1)
    assert VIEWS["five_greys"].compute_features(pictures).tolist() == [[0, 0, 1, 2, 2, 3, 4, 4]]


def test_of_a_large_picture_the_same_pixels_are_seen_each_time() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)
    features = VIEWS["five_greys"].compute_features(pictures)
    assert features.shape == (3, 784)
    np.testing.assert_array_equal(VIEWS["five_greys"].compute_features(pictures[1:]), features[1:])


def test_a_dot_makes_each_pattern_with_one_white_pixel_once() -> None:
    picture = np.zeros((1, 5, 6, 1), np.uint8)
    picture[0, 2, 3] = 255
    (row,) = VIEWS["shapes"].compute_features(picture)
    patterns, columns, rows = row[:512], row[512:518], row[518:]
    assert {place: int(count) for place, count in enumerate(patterns) if count} == {
        0: 5 * 6 - 9,
        **{2**bit: 1 for bit in range(9)},
    }
    assert columns.tolist() == [0, 0, 0, 1, 0, 0]
    assert rows.tolist() == [0, 0, 1, 0, 0]


# Refusals


@pytest.mark.parametrize(
    ("num_real", "sizes"), [(60_000, (10_000, 5_000)), (30_000, (10_000, 5_000)), (301, (100, 50))]
)
def test_four_groups_share_the_real_pictures(num_real: int, sizes: tuple[int, int]) -> None:
    assert choose_sizes(num_real) == sizes
    assert 2 * sum(sizes) <= num_real


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(DatasetError, match=r"at least 300 real pictures.*has 299"):
        choose_sizes(299)


def test_without_scikit_learn_the_command_to_install_it_is_named(
    monkeypatch: pytest.MonkeyPatch, digits: ImageDataset, others: np.ndarray
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r"scikit-learn.*requirements-tell\.txt"):
        two_sample_test.check_scikit_learn()
    with pytest.raises(MissingPackageError):
        run_two_sample_test(others, digits)
