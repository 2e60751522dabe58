"""The metrics of each class: the share drawn as requested, and the distance to real pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dcgan.config.named_datasets import has_digits
from dcgan.data.datasets import ImageDataset
from dcgan.digit_classifier.classifier import load_digit_classifier
from dcgan.evaluation.metric_info import NUM_CLASS_SAMPLES
from dcgan.evaluation.metrics import frechet_distance, moments

_MIN_REAL = 20  # The covariance of fewer pictures is too inaccurate.


@dataclass(frozen=True)
class ClassMetrics:
    """The metrics of one class.

    Attributes:
        name: Name of the class.
        as_asked: Share of the samples that the digit classifier reads as this class; None if the
            classes are not digits.
        frechet_distance: Fréchet distance between samples and real pictures of the class, in the
            classifier's features; None if there are too few real pictures.
        real_distance: Fréchet distance between two sets of real pictures of the class; None if
            there are too few.
    """

    name: str
    as_asked: float | None
    frechet_distance: float | None
    real_distance: float | None


def measure_classes(
    draw: Callable[[int, int], np.ndarray], dataset: ImageDataset
) -> list[ClassMetrics]:
    """Measure each class of a generator.

    Args:
        draw: Called with a class, as an index in the data's `class_names`, and a number of samples;
            returns pixels, uint8 [0, 255], shape (num, height, width, channels).
        dataset: Data with labels that the generator learned from.
    """
    assert dataset.labels is not None, "Only data with labels have classes."
    predict = load_digit_classifier().predict
    are_digits = has_digits(dataset.name)
    measured = []
    for label, name in enumerate(dataset.class_names):
        fake = predict(draw(label, NUM_CLASS_SAMPLES))
        indices = np.flatnonzero(dataset.labels == label)
        indices = np.random.default_rng(0).permutation(indices)[: 2 * NUM_CLASS_SAMPLES]
        distance = real_distance = None
        if len(indices) >= 2 * _MIN_REAL:
            features = predict(dataset.pixels[indices]).features
            half = len(indices) // 2
            real, other = moments(features[:half]), moments(features[half:])
            distance = frechet_distance(real, moments(fake.features[:half]))
            real_distance = frechet_distance(real, other)
        as_asked = None
        if are_digits:
            as_asked = float(np.mean(fake.probabilities.argmax(axis=1) == int(name)))
        measured.append(ClassMetrics(name, as_asked, distance, real_distance))
    return measured
