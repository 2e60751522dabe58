"""Runs of one race on the Compare page: one number and one certainty, those of the race."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.charts.curve_notes import explain_quick_points
from dashboard.compare_results.comparison_table import make_result_rows
from dashboard.compare_results.measurements import describe_other_measurements, use_measurements
from dashboard.compare_results.raced import choose_sides, compare_with_races
from dashboard.run_facts.raced_runs import (
    RacedRun,
    find_common_race,
    map_raced_runs,
)
from dcgan.comparison.kept_measurement import write_measurement
from dcgan.config.training_config import TrainingConfig
from dcgan.runs import run_folder
from dcgan.runs.measurement_file import MEASUREMENT_NAME
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import Race, change_race, create_race
from dcgan.sweeps.race_verdict import judge_race
from tests.comparisons import read_notes
from tests.races import NAME, TIME, make_race, measure
from tests.reports import evaluation_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def measure_race(compared: list[ComparedRun]) -> tuple[Race, dict[str, RacedRun]]:
    """Return a race of two variants and two seeds, of which the runs are the first two."""
    race = make_race()
    distances = (1.77, 0.37, 1.71, 0.35)
    runs = [
        run.model_copy(update={"measurement": measure(distance, step=30), "folder": f"run-{index}"})
        for index, (run, distance) in enumerate(zip(race.runs, distances, strict=True))
    ]
    for index, each in enumerate(compared):
        runs[index] = runs[index].model_copy(update={"folder": each.run.name})
        each.run.config = TrainingConfig(beta_1=(0.5, 0.0)[index], max_seconds=60.0)
    race = race.model_copy(update={"runs": tuple(runs)})
    return race, {run.folder: RacedRun(race, index) for index, run in enumerate(race.runs)}


@pytest.fixture
def raced_runs(compared: list[ComparedRun]) -> list[ComparedRun]:
    """Return two runs that ended at step 30, with quick measurements of other distances."""
    return [
        replace(
            each,
            record=replace(compared[0].record, evaluations=(evaluation_report(30, distance),)),
        )
        for each, distance in zip(compared, (2.37, 0.97), strict=True)
    ]


def test_runs_of_a_race_have_its_distances_and_its_verdict(raced_runs: list[ComparedRun]) -> None:
    race, raced = measure_race(raced_runs)
    verdict = judge_race(race)
    assert verdict is not None
    compared = use_measurements(raced_runs, raced)
    result = compare_with_races(compared, raced)
    assert result.headline == verdict.headline  # With the seeds that were not chosen.
    texts = {each.topic: each.text for each in result.explanations}
    assert texts["How sure"] == verdict.reason
    assert "Two sets of real digits are 0.07 apart" in texts["The number"]
    assert "has the mean of each setting's 2 runs." in texts["The number"]
    assert texts["What differs"] == "Momentum 0.5 instead of 0."
    assert result.best == {"two"}
    rows = {row.label: row.cells for row in make_result_rows(compared)}
    assert rows["Distance to real digits (two sets of real digits: 0.07)"] == ("1.77", "0.37")
    assert "Lowest distance so far" not in rows
    late = replace(compared[0], measurement=measure(1.77, step=35))
    steps = {row.label: row.cells for row in make_result_rows([late, compared[1]])}
    assert steps["Measured at step"] == ("35", "30")
    timed = make_result_rows([replace(each, race_seconds=30.0) for each in compared])
    assert [
        row.label
        for row in timed
        if "In a race, the time of the first step is left out" in row.hint
    ] == ["Time trained"]
    assert explain_quick_points(compared) == (
        "Lines are the quick distance, measured during training with 1,000 digits. With "
        "few digits, chance makes it larger. Diamonds are the distance with 10,000; compare these."
    )
    assert explain_quick_points(compared, "confident") == (
        "Lines were measured during training with 1,000 digits, diamonds with 10,000. With more "
        "digits the value may differ, so compare diamonds with diamonds."
    )
    assert explain_quick_points(compared, "recall") == ""  # The race did not measure it.


@pytest.mark.parametrize(
    ("distances", "heading"),
    [
        (
            (1.77, 0.37),
            "“Dropout 0.4, batch size 32, hinge” is nearer to real digits after 1 min.",
        ),
        ((0.37, 0.37), "After 1 min there is no clear difference."),
    ],
)
def test_the_heading_of_a_race_ends_at_no_comma_of_a_name(
    raced_runs: list[ComparedRun], distances: tuple[float, float], heading: str
) -> None:
    race, _ = measure_race(raced_runs)
    labels = "Dropout 0.3, batch size 128", "Dropout 0.4, batch size 32, hinge"
    runs = [
        run.model_copy(update={"measurement": measure(distances[run.variant_index], step=30)})
        for run in race.runs
    ]
    race = race.model_copy(update={"variant_labels": labels, "runs": tuple(runs)})
    raced = {each.run.name: RacedRun(race, index) for index, each in enumerate(raced_runs)}
    assert compare_with_races(use_measurements(raced_runs, raced), raced).answer == heading


def test_after_unequal_steps_in_a_race_the_computer_may_have_decided(
    raced_runs: list[ComparedRun],
) -> None:
    race, raced = measure_race(raced_runs)
    runs = [*race.runs[:3], race.runs[3].model_copy(update={"measurement": measure(0.35, step=60)})]
    race = race.model_copy(update={"runs": tuple(runs)})
    raced = {name: RacedRun(race, each.index) for name, each in raced.items()}
    result = compare_with_races(use_measurements(raced_runs, raced), raced)
    assert result.best == {"two"}
    assert result.is_doubted
    assert "busy" not in result.headline
    texts = {each.topic: each.text for each in result.explanations}
    assert texts["How sure"].startswith("The steps were unequal (30 and 60), so the busy computer")


def test_with_a_run_of_no_race_all_have_quick_measurements_and_the_race_is_named(
    raced_runs: list[ComparedRun],
) -> None:
    _, raced = measure_race(raced_runs)
    del raced["one"]
    compared = use_measurements(raced_runs, raced)
    assert [each.distance for each in compared] == [2.37, 0.97]
    assert explain_quick_points(compared) == ""
    result = compare_with_races(compared, raced)
    assert (
        result.headline == "“two” (quick distance 0.97) is nearer to real digits than “one” (2.37)."
    )
    assert describe_other_measurements(compared, raced) == "With 10,000 digits: “two” 0.37."


def test_an_included_run_comes_with_a_measurement_that_fits_those_of_races(
    raced_runs: list[ComparedRun], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, raced = measure_race(raced_runs)
    del raced["one"]
    folder = raced_runs[0].run.path
    monkeypatch.setattr(run_folder, "list_included_runs", lambda: [folder])
    folder.mkdir(exist_ok=True)
    text = measure(0.16, step=30).model_dump_json()
    (folder / MEASUREMENT_NAME).write_text(text, encoding="utf-8")
    compared = use_measurements(raced_runs, raced)
    assert [each.distance for each in compared] == [0.16, 0.37]
    assert compare_with_races(compared, raced).headline == (
        "“one” (0.16) is nearer to real digits than “two” (0.37)."
    )
    # Without a run of a race, all have the measurements of their training.
    assert use_measurements(raced_runs, {}) == raced_runs


def test_a_run_that_was_continued_after_its_race_has_its_own_measurement(
    raced_runs: list[ComparedRun],
) -> None:
    race, raced = measure_race(raced_runs)
    early = race.runs[1].model_copy(update={"measurement": measure(0.37, step=20)})
    race = race.model_copy(update={"runs": (race.runs[0], early, *race.runs[2:])})
    raced = {name: RacedRun(race, each.index) for name, each in raced.items()}
    compared = use_measurements(raced_runs, raced)
    assert [each.distance for each in compared] == [2.37, 0.97]


def test_a_run_that_went_back_after_its_race_is_measured_again(
    raced_runs: list[ComparedRun],
) -> None:
    race, raced = measure_race(raced_runs)
    late = race.runs[1].model_copy(update={"measurement": measure(0.37, step=90)})
    race = race.model_copy(update={"runs": (race.runs[0], late, *race.runs[2:])})
    raced = {name: RacedRun(race, each.index) for name, each in raced.items()}
    assert "two" not in describe_other_measurements(use_measurements(raced_runs, raced), raced)
    raced_runs[1].run.path.mkdir(exist_ok=True)
    write_measurement(raced_runs[1].run, measure(0.5, step=30))
    compared = use_measurements(raced_runs, raced)
    assert [each.distance for each in compared] == [1.77, 0.5]


def test_two_seeds_of_one_variant_are_compared_without_a_verdict(
    raced_runs: list[ComparedRun],
) -> None:
    race, _ = measure_race(raced_runs)
    runs = list(race.runs)
    runs[2] = runs[2].model_copy(update={"folder": "two"})
    race = race.model_copy(update={"runs": tuple(runs)})
    raced = {"one": RacedRun(race, 0), "two": RacedRun(race, 2)}
    raced_runs[1].run.config = raced_runs[0].run.config.replace(seed=1)
    result = compare_with_races(use_measurements(raced_runs, raced), raced)
    assert (
        result.headline == "No real difference: only the seed differs between “two” and its repeat "
        "with seed 0. Distances to real digits: 1.71 and 1.77."
    )
    assert read_notes(result)["“one”"] == ("About as far as “two”. Seed 0 instead of 1.")


def test_causes_are_found_between_runs_of_one_seed(raced_runs: list[ComparedRun]) -> None:
    race, raced = measure_race(raced_runs)
    again = Run(
        raced_runs[0].run.path.with_name("run-2"),
        raced_runs[0].run.config.replace(seed=1),
        raced_runs[0].run.dataset,
        created="now",
    )
    # Measured as equally good, so that a different seed would be named.
    runs = tuple(run.model_copy(update={"measurement": measure(0.4, step=30)}) for run in race.runs)
    race = race.model_copy(update={"runs": runs})
    raced = {name: RacedRun(race, each.index) for name, each in raced.items()}
    clicked = [replace(raced_runs[0], run=again), *raced_runs]
    result = compare_with_races(use_measurements(clicked, raced), raced)
    texts = {each.topic: each.text for each in result.explanations}
    assert texts["What differs"] == "Momentum 0 instead of 0.5."


def test_the_race_of_a_run_is_read_again_when_its_file_changes(tmp_path: Path) -> None:
    create_race(tmp_path, make_race(), TIME)
    assert map_raced_runs(tmp_path) == {}
    change_race(tmp_path, NAME, 3, folder="run", measurement=measure(0.4, step=50))
    (raced,) = map_raced_runs(tmp_path).values()
    assert (raced.variant_index, raced.seed_index, raced.label) == (1, 1, "beta_1 0, seed 1")
    assert raced.get_measurement(51) is None
    measurement = raced.get_measurement(50)
    assert measurement is not None
    assert measurement.distance == 0.4
    assert find_common_race([raced, raced]) == raced.race
    assert find_common_race([raced, None]) is None
    (tmp_path / ".races" / f"{NAME}.json").write_text("[]")
    assert map_raced_runs(tmp_path) == {}


def test_the_sides_show_the_first_run_and_the_first_one_of_another_variant() -> None:
    names = ["slow-0", "fast-0", "slow-1", "fast-1"]  # In the order of a race with two seeds.
    race = make_race()
    raced = {name: RacedRun(race, index) for index, name in enumerate(names)}
    assert choose_sides(raced, ["fast-0", "fast-1", "slow-1"]) == ("fast-0", "slow-1")
    assert choose_sides({}, ["fast-0", "fast-1", "slow-1"]) == ("fast-0", "fast-1")
    assert choose_sides(raced, ["slow-0"]) == ("slow-0", "slow-0")
