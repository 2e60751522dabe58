"""The features by which neighbours of pictures that are not digits are found."""

from __future__ import annotations

import numpy as np

from dcgan.evaluation.neighbors import RealNeighborhoods
from dcgan.evaluation.picture_features import PictureFeatures

NUM, SIZE = 60, 32


def draw_colors(seed: int, *, channel: int = 0) -> np.ndarray:
    """Draw pictures of one colour and of different brightness, uint8 (NUM, SIZE, SIZE, 3)."""
    pixels = np.zeros((NUM, SIZE, SIZE, 3), np.uint8)
    shades = np.random.default_rng(seed).integers(50, 250, NUM)
    pixels[..., channel] = shades[:, np.newaxis, np.newaxis]
    return pixels


def test_both_kinds_have_a_total_variance_of_one() -> None:
    pixels = draw_colors(0)
    seen = np.random.default_rng(1).normal(7, 40, (NUM, 5)).astype(np.float32)
    joined = PictureFeatures(pixels, seen).join(pixels, seen)
    assert joined.shape == (NUM, 5 + 16 * 16 * 3)
    np.testing.assert_allclose(joined[:, :5].var(axis=0).sum(), 1, rtol=1e-4)
    np.testing.assert_allclose(joined[:, 5:].var(axis=0).sum(), 1, rtol=1e-4)


def test_other_colours_do_not_look_real_though_the_classifier_sees_no_difference() -> None:
    real = draw_colors(0)
    seen = np.random.default_rng(1).normal(size=(NUM, 5)).astype(np.float32)
    features = PictureFeatures(real, seen)
    neighborhoods = RealNeighborhoods(features.join(real, seen))
    assert neighborhoods.compare(features.join(real, seen)).precision.value == 1
    swapped = features.join(draw_colors(0, channel=2), seen)
    assert neighborhoods.compare(swapped).precision.value == 0


def test_equal_pictures_have_features() -> None:
    pixels, seen = np.zeros((NUM, 28, 28, 1), np.uint8), np.zeros((NUM, 5), np.float32)
    joined = PictureFeatures(pixels, seen).join(pixels, seen)
    assert joined.shape == (NUM, 5 + 14 * 14)
    assert not joined.any()
