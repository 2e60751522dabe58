"""The progress and the results of a race."""

from __future__ import annotations

from dashboard.race.progress import find_progress, find_uneven_speeds, list_racers
from dashboard.snapshots.snapshot import Snapshot
from dcgan.sweeps.race import Race
from tests.dashboard.conftest import NewRun
from tests.dashboard.race.examples import make_race, measure
from tests.reports import step_report


def with_measurements(race: Race, *distances: float | None, speeds: tuple[float, ...] = ()) -> Race:
    """Return a race whose first runs have these distances and speeds."""
    runs = list(race.runs)
    for number, distance in enumerate(distances):
        speed = speeds[number] if speeds else 3400.0
        measured = None if distance is None else measure(distance, images_per_second=speed)
        runs[number] = runs[number].model_copy(update={"measurement": measured})
    return race.model_copy(update={"runs": tuple(runs)})


def test_each_run_has_a_state_and_the_time_left_counts_all_of_them(new_run: NewRun) -> None:
    race = with_measurements(make_race(), 0.3)
    run = new_run("second")
    history = tuple(step_report(step, seconds=5.0 + step) for step in (0, 20))
    snapshot = Snapshot(phase="running", run=run, history=history)
    progress = find_progress(race, {1: run}, [2], snapshot)
    assert progress.states == ("measured", "training", "waiting", "missing")
    assert progress.current == 1
    # 80 s for each run: the second has trained for 20 of its 60, the third waits.
    assert progress.seconds_left == 60 + 80
    over = Snapshot(phase="running", run=run, history=(*history, step_report(60, seconds=65.0)))
    assert find_progress(race, {1: run}, [2], over).states[1] == "measuring"


def test_a_run_that_is_being_prepared_is_known_by_its_settings() -> None:
    race = make_race()
    snapshot = Snapshot(phase="preparing", config=race.runs[1].config)
    progress = find_progress(race, {}, [2, 3], snapshot)
    assert progress.states == ("missing", "training", "waiting", "waiting")


def test_only_seeds_with_which_all_variants_were_measured_count() -> None:
    assert list_racers(with_measurements(make_race(), 0.3, None, 0.4)) == []
    racers = list_racers(with_measurements(make_race(), 0.3, 0.2, 0.4, None))
    assert [racer.distances for racer in racers] == [(0.3,), (0.2,)]
    racers = list_racers(with_measurements(make_race(), 0.3, 0.2, 0.4, 0.1))
    assert [racer.distances for racer in racers] == [(0.3, 0.4), (0.2, 0.1)]


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
