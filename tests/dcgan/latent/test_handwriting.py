"""Handwriting: the z of a text's characters, and walks from one text to another."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.latent.handwriting import make_handwriting_latents, morph_classes, walk_through_classes
from dcgan.latent.walks import walk

HANDWRITING = np.array([3.0, -1.0, 0.5])


def test_without_variation_all_characters_have_the_z_of_the_handwriting() -> None:
    z = make_handwriting_latents(HANDWRITING, 4)
    assert z.dtype == np.float32
    assert (z == HANDWRITING).all()


def test_a_varied_z_stays_near_the_handwriting_and_does_not_depend_on_the_texts_length() -> None:
    handwriting = np.random.default_rng(0).normal(size=200)
    z = make_handwriting_latents(handwriting, 6, 0.6)
    np.testing.assert_array_equal(make_handwriting_latents(handwriting, 3, 0.6), z[:3])
    similarity = [np.corrcoef(row, handwriting)[0, 1] for row in z]
    assert similarity == pytest.approx([0.8] * 6, abs=0.1)
    assert np.linalg.norm(z, axis=1) == pytest.approx(np.linalg.norm(handwriting), rel=0.15)
    random_z = make_handwriting_latents(handwriting, 2, 1.0)
    assert abs(np.corrcoef(random_z[0], handwriting)[0, 1]) < 0.2


@pytest.mark.parametrize("variation", [-0.1, 1.1, float("nan")])
def test_a_variation_out_of_bounds_is_refused(variation: float) -> None:
    with pytest.raises(ValueError, match="variation"):
        make_handwriting_latents(HANDWRITING, 1, variation)


def test_a_morph_leads_from_one_text_to_the_other() -> None:
    weights = morph_classes([0, 2], [0, 1], 3, 5)
    assert weights.shape == (5, 2, 3)
    assert weights[0].tolist() == [[1, 0, 0], [0, 0, 1]]
    assert weights[-1].argmax(axis=1).tolist() == [0, 1]
    assert weights[2, 1].tolist() == pytest.approx([0, 0.5, 0.5])
    np.testing.assert_allclose(weights.sum(axis=2), 1, rtol=1e-6)


def test_texts_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="1 and 2 characters"):
        morph_classes([0], [1, 2], 3, 5)


@pytest.mark.parametrize("closed", [False, True])
def test_a_walk_passes_each_class_at_its_stop(closed: bool) -> None:
    weights = walk_through_classes([2, 0, 1], 3, 4, closed=closed)
    assert weights.shape == (len(walk(np.eye(3), 4, closed=closed)), 3)
    assert weights[[0, 4, 8]].tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    assert weights[-1].max() < 1 or not closed
