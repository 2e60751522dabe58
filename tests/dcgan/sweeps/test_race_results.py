"""The results of a race, by variant."""

from __future__ import annotations

from dcgan.sweeps.race_results import find_uneven_speeds, list_variant_results
from tests.races import make_race, with_measurements


def test_only_seeds_with_which_all_variants_were_measured_count() -> None:
    assert list_variant_results(with_measurements(make_race(), 0.3, None, 0.4)) == []
    results = list_variant_results(with_measurements(make_race(), 0.3, 0.2, 0.4, None))
    assert [variant.distances for variant in results] == [(0.3,), (0.2,)]
    results = list_variant_results(with_measurements(make_race(), 0.3, 0.2, 0.4, 0.1))
    assert [variant.distances for variant in results] == [(0.3, 0.4), (0.2, 0.1)]


def test_equal_networks_that_were_not_equally_fast_are_reported() -> None:
    race = make_race()
    assert find_uneven_speeds(race) is None
    assert find_uneven_speeds(with_measurements(race, 1, 1, speeds=(3000.0, 3500.0))) is None
    assert find_uneven_speeds(with_measurements(race, 1, 1, speeds=(2000.0, 3500.0))) == (
        2000.0, 3500.0,
    )  # fmt: skip
    # A wider network is slower by itself.
    wide = race.runs[1].config.replace(generator_units=512)
    runs = (race.runs[0], race.runs[1].model_copy(update={"config": wide}))
    other = with_measurements(race.model_copy(update={"runs": runs}), 1, 1, speeds=(3400.0, 1000.0))
    assert find_uneven_speeds(other) is None
