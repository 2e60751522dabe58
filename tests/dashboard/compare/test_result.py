"""The result of a comparison: which run is nearest to real images, how sure, and what differs."""

from __future__ import annotations

import dataclasses

import pytest

from dashboard.compare.comparison_table import make_results
from dashboard.compare.records import Record
from dashboard.compare.result import Result, compare_runs
from dcgan.reports import EventReport
from dcgan.runs.run_folder import Run
from tests.reports import evaluation_report

pytestmark = pytest.mark.usefixtures("no_shipped_run")

Records = list[tuple[Run, str, Record]]


def with_distance(records: Records, index: int, distance: float, step: int = 30) -> Records:
    """Return the records with another newest distance of one run."""
    run, title, record = records[index]
    changed = dataclasses.replace(record, evaluations=(evaluation_report(step, distance),))
    return [*records[:index], (run, title, changed), *records[index + 1 :]]


def test_the_better_of_two_runs_is_named_with_the_likely_causes(records: Records) -> None:
    result = compare_runs(records)
    assert result.headline == "one is nearer to real digits: 5.00 against 8.00."
    assert result.best == {"one"}
    assert result.notes == (
        "Lower is nearer; two sets of real digits are 5.00 apart. "
        "Up to a fifth may be chance: another seed alone changes that much.",
        "Likely causes: Batch size 16 instead of 32; Generator learning rate 0.002 instead of "
        "0.001; measured after 30 instead of 10 steps.",
    )
    for run, _, _ in records:
        run.config = records[0][0].config.replace(dataset="faces")
    of_faces = compare_runs(records)
    assert of_faces.headline == "one is nearer to real images: 5.00 against 8.00."
    assert of_faces.notes[1] == "Likely cause: measured after 30 instead of 10 steps."


def test_a_small_difference_is_called_chance(records: Records) -> None:
    result = compare_runs(with_distance(records, 1, 5.9))
    assert result.headline == ("one and two are equally near to real digits (5.00 and 5.90).")
    assert result.best == frozenset()
    assert result.notes[1].startswith("They differ in: Batch size 16 instead of 32; ")
    run, _, record = records[0]
    twins = [(run, "one", record), (run, "copy", record)]
    assert compare_runs(twins).notes[1] == "Their settings are the same."


def test_several_runs_are_put_in_order(records: Records) -> None:
    run, _, _ = records[0]
    third = with_distance([(run, "three", records[0][2])], 0, 20.0)
    result = compare_runs([*third, *records])
    assert result.headline == "one is nearest to real digits: 5.00. Then: two (8.00), three (20.0)."
    assert "Likely causes: Batch size; Generator learning rate; length of training." in result.notes
    tied = compare_runs([*third, *with_distance(records, 1, 5.5)])
    assert tied.headline == (
        "one and two are equally near to real digits (5.00 and 5.50). Then: three (20.0)."
    )


def test_a_run_without_an_evaluation_is_not_measured(records: Records) -> None:
    run, title, record = records[1]
    run.config = run.config.replace(evaluate_every=5)
    stopped = (run, title, dataclasses.replace(record, evaluations=()))
    result = compare_runs([records[0], stopped])
    assert result.headline == "one: distance to real digits 5.00."
    assert result.notes[-1] == "two is not measured: it was stopped in epoch 2."
    alone = compare_runs([stopped])
    assert alone.headline == "There is no result to compare yet."
    assert alone.notes == ("two is not measured: it was stopped in epoch 2.",)


def test_below_the_distance_of_real_digits_the_variety_decides(records: Records) -> None:
    def compare(recalls: tuple[float, float]) -> Result:
        found = []
        for (run, title, record), distance, recall in zip(
            records, (0.4, 0.7), recalls, strict=True
        ):
            report = evaluation_report(30, distance)
            measured = dataclasses.replace(
                report,
                metrics={**report.metrics, "recall": recall},
                real_metrics={**report.real_metrics, "frechet_distance": 0.8},
            )
            found.append((run, title, dataclasses.replace(record, evaluations=(measured,))))
        return compare_runs(found)

    result = compare((0.7, 0.85))
    assert result.headline == "one and two are equally near to real digits (0.40 and 0.70)."
    assert result.best == frozenset()
    assert result.notes[1] == (
        "Below 0.80 the distance no longer ranks runs; look at recall, the share of the variety "
        "of real digits that a run draws. two draws more of it: 85.0% against 70.0%."
    )
    assert compare((0.7, 0.72)).notes[1].endswith("It is about equal too.")


def branch(records: Records, index: int, step: int) -> Records:
    """Return the records with a branch at a step, before which one run was measured."""
    run, title, record = records[index]
    event = EventReport(step, 1, 4.0, "branched", "Branch of one.")
    branched = dataclasses.replace(record, events=(event,))
    return [*records[:index], (run, title, branched), *records[index + 1 :]]


def test_a_branch_does_not_win_with_a_measurement_of_its_parent(records: Records) -> None:
    branched = branch(with_distance(records, 1, 0.5, step=20), 1, 20)
    result = compare_runs(branched)
    assert result.headline == "one: distance to real digits 5.00."
    assert result.best == frozenset()
    assert result.notes[-1] == (
        "two is not measured: its last measurement is from before the branch at step 20."
    )
    rows = {row.label: row.cells for row in make_results(branched)}
    assert rows["Distance to real digits (real ones 5.00)"] == (
        "5.00",
        "not measured since step 20",
    )
    assert rows["Least distance so far"] == ("4.00", "–")
    assert rows["Measured at step"] == ("30", "–")
    measured = branch(with_distance(records, 1, 0.5, step=30), 1, 20)
    assert compare_runs(measured).best == {"two"}


def test_runs_that_were_measured_with_other_pictures_are_not_compared(records: Records) -> None:
    run, title, record = records[1]
    report = dataclasses.replace(record.evaluations[0], num_images=500)
    fewer = (run, title, dataclasses.replace(record, evaluations=(report,)))
    assert compare_runs([records[0], fewer]).headline == (
        "These runs were measured with different pictures, so their results cannot be compared."
    )
