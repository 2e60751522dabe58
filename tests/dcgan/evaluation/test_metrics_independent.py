"""Metrics compared with independent code: prdc, by its authors, and SciPy's matrix root."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

from dcgan.data.datasets import load_dataset
from dcgan.digit_classifier.classifier import load_digit_classifier
from dcgan.evaluation.metrics import frechet_distance, moments
from dcgan.evaluation.neighbors import RealNeighborhoods

NUM = 700

# Computed by prdc 0.2 (Naeem et al., 2020, arXiv:2002.09797) from the features below, with 3
# neighbours for precision and recall and 5 for density and coverage. It is not installed for the
# tests, as Keras imports its scikit-learn in every process.
PRDC = {
    "other digits": {
        "precision": 0.854286, "recall": 0.858571, "density": 0.831714, "coverage": 0.882857,
    },
    "smeared digits": {
        "precision": 0.344286, "recall": 0.117143, "density": 0.173429, "coverage": 0.121429,
    },
    "sevens": {
        "precision": 0.904286, "recall": 0.095714, "density": 0.963429, "coverage": 0.117143,
    },
}  # fmt: skip


@pytest.fixture(scope="module", params=PRDC)
def kind(request: pytest.FixtureRequest) -> str:
    """Return the kind of fakes: good, bad or one-sided."""
    return str(request.param)


@pytest.fixture(scope="module")
def features(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of real digits and of fakes."""
    mnist = load_dataset("mnist")
    assert mnist.labels is not None
    fakes = mnist.pixels[NUM : 2 * NUM]
    if kind == "smeared digits":
        fakes = (fakes // 2 + np.roll(fakes, 3, axis=2) // 2).astype(np.uint8)
    elif kind == "sevens":
        fakes = mnist.pixels[NUM:][mnist.labels[NUM:] == 7][:NUM]
    classifier = load_digit_classifier()
    return classifier.predict(mnist.pixels[:NUM]).features, classifier.predict(fakes).features


def test_precision_recall_density_and_coverage_equal_prdcs(
    kind: str, features: tuple[np.ndarray, np.ndarray]
) -> None:
    real, fake = (part.astype(np.float64) for part in features)
    ours = RealNeighborhoods(real).compare(fake)
    for name, expected in PRDC[kind].items():
        # A point on a border may be rounded to either side: at most one of 700.
        assert getattr(ours, name).value == pytest.approx(expected, abs=1 / NUM), name


def test_the_frechet_distance_equals_the_formula_with_scipys_matrix_root(
    features: tuple[np.ndarray, np.ndarray],
) -> None:
    a, b = map(moments, features)
    root = np.real(scipy.linalg.sqrtm(a.covariance @ b.covariance))
    expected = np.sum((a.mean - b.mean) ** 2) + np.trace(a.covariance + b.covariance - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(float(expected), rel=1e-3)
