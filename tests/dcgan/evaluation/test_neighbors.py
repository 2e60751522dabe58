"""Metrics of neighbours, counted by hand and pair by pair, and the nearest training image."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dcgan.evaluation import neighbors
from dcgan.evaluation.neighbors import RealNeighborhoods
from tests.dcgan.evaluation.examples import draw_normal


def test_points_on_a_line_give_shares_counted_by_hand() -> None:
    real = np.arange(10.0)[:, np.newaxis]
    # Third nearest neighbours reach 2 (3 at the two ends), fifth nearest 3 (4, 5 at the ends).
    fake = np.array([[0.0], [0.5], [1.0], [2.0], [3.0], [100.0]])
    found = RealNeighborhoods(real).compare(fake)
    assert found.precision.value == pytest.approx(5 / 6)  # All but the one at 100.
    # The fakes reach 2, 1.5, 1, 1.5, 2.5 and 98; the far one reaches from 2 on.
    assert found.recall.value == 1.0
    # To their fifth neighbours, the real points reach 5, 4, 3, 3, 3, 3, 3, 3, 4 and 5.
    # So 4, 4, 5, 6, 7 and 0 of them reach the fakes, from the first to the last.
    assert found.density.value == pytest.approx((4 + 4 + 5 + 6 + 7 + 0) / (5 * 6))
    # Those at 0 to 6 reach a fake; those at 7, 8 and 9 do not.
    assert found.coverage.value == pytest.approx(7 / 10)


def count_pair_by_pair(real: np.ndarray, fake: np.ndarray) -> tuple[float, float, float, float]:
    """Compute the four metrics pair by pair, as the papers define them."""

    def reach(points: np.ndarray, k: int) -> list[float]:
        return [sorted(math.dist(a, b) for b in points)[k] for a in points]

    real3, real5, fake3 = reach(real, 3), reach(real, 5), reach(fake, 3)
    precision = np.mean(
        [any(math.dist(f, r) <= d for r, d in zip(real, real3, strict=True)) for f in fake]
    )
    recall = np.mean(
        [any(math.dist(f, r) <= d for f, d in zip(fake, fake3, strict=True)) for r in real]
    )
    counts = [sum(math.dist(f, r) <= d for r, d in zip(real, real5, strict=True)) for f in fake]
    coverage = np.mean(
        [any(math.dist(f, r) <= d for f in fake) for r, d in zip(real, real5, strict=True)]
    )
    return float(precision), float(recall), float(np.mean(counts)) / 5, float(coverage)


@pytest.mark.parametrize("seed", range(4))
def test_neighbours_agree_with_a_count_pair_by_pair(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbors, "_BLOCK", 7)  # So that several blocks are put together.
    real, fake = draw_normal(40, 3, seed=seed), draw_normal(31, 3, seed=seed + 50, shift=0.8)
    found = RealNeighborhoods(real).compare(fake)
    values = [estimate.value for estimate in found]
    assert values == pytest.approx(count_pair_by_pair(real, fake))


def test_identical_sets_score_one_and_distant_sets_score_zero() -> None:
    real = draw_normal(60)
    same, far = RealNeighborhoods(real).compare(real), RealNeighborhoods(real).compare(real + 1000)
    assert (same.precision.value, same.recall.value, same.coverage.value) == (1, 1, 1)
    assert [estimate.value for estimate in far] == [0, 0, 0, 0]


def test_too_few_points_have_no_neighbours() -> None:
    with pytest.raises(ValueError, match="more than 5 images, got 5"):
        RealNeighborhoods(draw_normal(5))
    with pytest.raises(ValueError, match="more than 5 images, got 4"):
        RealNeighborhoods(draw_normal(60)).compare(draw_normal(4))


def test_a_copy_has_distance_zero_and_another_image_its_own_distance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbors, "_BLOCK", 8)
    training = np.random.default_rng(0).integers(0, 256, (50, 4, 4, 1), np.uint8)
    samples = training[[31, 7]].copy()
    samples[1] ^= 1  # Each pixel is one grey level off.
    found = neighbors.find_nearest(samples, training)
    assert found.indices.tolist() == [31, 7]
    assert found.distances.tolist() == pytest.approx([0, 1 / 255])


def test_left_out_images_and_nearer_ones_than_the_least_distance_do_not_count() -> None:
    levels = np.array([0, 10, 11, 100], np.uint8)
    training = np.broadcast_to(levels[:, np.newaxis], (4, 9))
    found = neighbors.find_nearest(training[1:2], training, left_out=np.array([[1]]))
    assert found.indices.tolist() == [2]
    found = neighbors.find_nearest(
        training[1:2], training, left_out=np.array([[1]]), min_distance=0.02
    )
    assert found.indices.tolist() == [0]
    found = neighbors.find_nearest(training[1:2], training, left_out=np.array([[0, 1, 2, 3]]))
    assert found.distances.tolist() == [np.inf]
