"""Metrics compared with independent code: prdc, by the authors, and SciPy's matrix root."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

from dcgan.data.datasets import load_dataset
from dcgan.evaluation.digit_classifier import load_digit_classifier
from dcgan.evaluation.metrics import (
    DENSITY_NEIGHBORS,
    MANIFOLD_NEIGHBORS,
    RealManifold,
    frechet_distance,
    moments,
)
from tests.dcgan.evaluation.prdc_reference import compute_prdc

NUM = 700


@pytest.fixture(scope="module", params=["other digits", "smeared digits", "sevens"])
def features(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of real digits and of good, bad and one-sided fakes."""
    mnist = load_dataset("mnist")
    assert mnist.labels is not None
    fakes = mnist.pixels[NUM : 2 * NUM]
    if request.param == "smeared digits":
        fakes = (fakes // 2 + np.roll(fakes, 3, axis=2) // 2).astype(np.uint8)
    elif request.param == "sevens":
        fakes = mnist.pixels[NUM:][mnist.labels[NUM:] == 7][:NUM]
    classifier = load_digit_classifier()
    return classifier.predict(mnist.pixels[:NUM]).features, classifier.predict(fakes).features


def test_precision_recall_density_and_coverage_are_those_of_prdc(
    features: tuple[np.ndarray, np.ndarray],
) -> None:
    real, fake = (part.astype(np.float64) for part in features)
    ours = RealManifold(real).compare(fake)
    near = compute_prdc(real, fake, nearest_k=MANIFOLD_NEIGHBORS)
    wide = compute_prdc(real, fake, nearest_k=DENSITY_NEIGHBORS)
    # Rounding decides on which side of a border a point on it is: one of 700.
    for name, expected in (
        ("precision", near["precision"]),
        ("recall", near["recall"]),
        ("density", wide["density"]),
        ("coverage", wide["coverage"]),
    ):
        assert getattr(ours, name).value == pytest.approx(expected, abs=1 / NUM), name


def test_the_frechet_distance_is_that_of_scipys_matrix_root(
    features: tuple[np.ndarray, np.ndarray],
) -> None:
    a, b = map(moments, features)
    root = np.real(scipy.linalg.sqrtm(a.covariance @ b.covariance))
    expected = np.sum((a.mean - b.mean) ** 2) + np.trace(a.covariance + b.covariance - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(float(expected), rel=1e-3)
