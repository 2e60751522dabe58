"""The digit classifier: its accuracy, and the independence of its predictions."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.data.datasets import load_mnist_test
from dcgan.digit_classifier.classifier import (
    NUM_FEATURES,
    WEIGHTS_FILE,
    load_digit_classifier,
    read_test_accuracy,
)


def test_the_classifier_is_as_accurate_as_it_claims_and_small() -> None:
    test = load_mnist_test()
    prediction = load_digit_classifier().predict(test.pixels)
    accuracy = np.mean(prediction.probabilities.argmax(axis=1) == test.labels)
    assert accuracy == pytest.approx(read_test_accuracy(), abs=2e-4)
    assert accuracy >= 0.994
    assert WEIGHTS_FILE.stat().st_size <= 2e6
    assert prediction.features.shape == (10_000, NUM_FEATURES)
    assert prediction.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_a_prediction_does_not_depend_on_the_other_images() -> None:
    classifier, pixels = load_digit_classifier(), load_mnist_test().pixels
    alone, among = classifier.predict(pixels[:1]), classifier.predict(pixels[:300])
    np.testing.assert_allclose(alone.features, among.features[:1], rtol=1e-4, atol=1e-4)
    assert classifier.predict(pixels[:0]).features.shape == (0, NUM_FEATURES)
