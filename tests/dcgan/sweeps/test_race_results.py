"""The results of a race, by variant."""

from __future__ import annotations

from dcgan.sweeps.race_results import (
    VariantResults,
    find_unequal_steps,
    list_variant_results,
)
from tests.races import make_race, with_measurements


def test_only_seeds_with_which_all_variants_were_measured_count() -> None:
    assert list_variant_results(with_measurements(make_race(), 0.3, None, 0.4)) == []
    results = list_variant_results(with_measurements(make_race(), 0.3, 0.2, 0.4, None))
    assert [variant.distances for variant in results] == [(0.3,), (0.2,)]
    results = list_variant_results(with_measurements(make_race(), 0.3, 0.2, 0.4, 0.1))
    assert [variant.distances for variant in results] == [(0.3, 0.4), (0.2, 0.1)]


def test_only_runs_of_one_seed_whose_steps_take_equally_long_should_make_equally_many() -> None:
    def find(
        *steps: tuple[int, ...],
        settings: tuple[tuple[object, ...], ...] = ((), ()),
        winner: int | None = None,
    ) -> tuple[int, ...]:
        return find_unequal_steps(
            [
                VariantResults("A", (0.3,) * len(found), found, speed)
                for found, speed in zip(steps, settings, strict=True)
            ],
            winner,
        )

    assert find((245,), (94,)) == (245, 94)
    assert find((124,), (100,)) == ()
    assert find((125,), (100,)) == (125, 100)
    # A wider network is slower by itself, and with another seed both may have been slower.
    assert find((245,), (94,), settings=(("narrow",), ("wide",))) == ()
    assert find((245, 94), (240, 95)) == ()
    assert find((245, 94), (240, 240)) == (240, 94)
    # A variant that wins with fewer steps owes nothing to the computer.
    assert find((245,), (94,), winner=0) == (245, 94)
    assert find((245,), (94,), winner=1) == ()
