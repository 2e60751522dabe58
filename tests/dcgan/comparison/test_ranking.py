"""The ranking of distances to real images, from numbers with a known answer."""

from __future__ import annotations

import pytest

from dcgan.comparison.ranking import MeasuredDistances, rank_distances

LATE, EARLY = 5000, 1000


def test_runs_are_split_into_nearest_farther_and_uncertain() -> None:
    # Chance makes 1.2 times between two late runs, and 1.5 times if one of them is early.
    measured = [
        MeasuredDistances((1.4,), (EARLY,)),
        MeasuredDistances((1.3,), (LATE,)),
        MeasuredDistances((1.1,), (LATE,)),
        MeasuredDistances((1.0,), (LATE,)),
    ]
    ranking = rank_distances(measured, 0.8, "frechet_distance")
    assert ranking.order == (3, 2, 1, 0)
    assert (ranking.nearest, ranking.farther, ranking.uncertain) == ((3, 2), (1,), (0,))
    difference = ranking.differences[0]
    assert difference.ratios == (1.4,)
    assert difference.chance_ratio == 1.5
    assert difference.chance_reason == " (less after 1,500 steps)"


@pytest.mark.parametrize(
    ("distances", "nearest"),
    [
        ((0.3, 0.79), (0, 1)),  # Both below the distance of real images.
        ((0.3, 0.81), (0,)),
        ((1.0, 1.2), (0, 1)),
        ((1.0, 1.21), (0,)),
        ((0.0, 0.0), (0, 1)),
        ((0.0, 1.0), (0,)),
        ((1.0,), (0,)),
    ],
)
def test_a_run_is_farther_beyond_the_seed_ratio_and_the_distance_of_real_images(
    distances: tuple[float, ...], nearest: tuple[int, ...]
) -> None:
    measured = [MeasuredDistances((distance,), (LATE,)) for distance in distances]
    assert rank_distances(measured, 0.8, "frechet_distance").nearest == nearest


def test_a_lead_in_steps_is_divided_out_only_between_runs_of_equal_speed() -> None:
    for speed_settings, nearest in ((None, (0,)), (("wide",), (0, 1))):
        measured = [
            MeasuredDistances((2.0,), (3200,), speed_settings),
            MeasuredDistances((3.6,), (1600,), speed_settings),
        ]
        ranking = rank_distances(measured, 0.8, "frechet_distance")
        assert ranking.nearest == nearest
        assert ranking.differences[1].is_uneven == (speed_settings is not None)


def test_leads_in_steps_with_different_seeds_cancel_out() -> None:
    speed = ("wide",)
    measured = [
        MeasuredDistances((7.92, 20.1), (182, 134), speed),
        MeasuredDistances((30.8, 31.8), (147, 207), speed),
    ]
    ranking = rank_distances(measured, 0.07, "frechet_distance")
    assert ranking.nearest == (0,)  # It made fewer steps altogether.
    assert not ranking.differences[1].is_uneven


def test_own_pictures_are_ranked_from_an_earlier_step_than_digits() -> None:
    measured = [MeasuredDistances((29.2,), (1000,)), MeasuredDistances((38.5,), (1000,))]
    assert rank_distances(measured, 20.0, "sliced_wasserstein").farther == (1,)
    assert rank_distances(measured, 20.0, "frechet_distance").farther == ()
