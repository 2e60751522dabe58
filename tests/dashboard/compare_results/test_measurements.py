"""Runs are ranked by precise measurements or by quick ones, and each metric by one kind."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.charts.compared_runs import ComparedRun, label_curve
from dashboard.charts.distance_dots import plot_dots
from dashboard.compare.parallel_chart import plot_parallel
from dashboard.compare.result_cards import sort_by_result
from dashboard.compare_results.comparison_table import make_result_rows
from dashboard.compare_results.measurements import (
    describe_other_measurements,
    find_missing_measurements,
    use_measurements,
)
from dashboard.compare_results.result import compare_runs
from dcgan.comparison.kept_measurement import write_measurement
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.runs.run_folder import Run, open_run
from tests.comparisons import read_notes, with_metrics
from tests.races import measure

pytestmark = pytest.mark.usefixtures("no_included_run")


def measure_with(step: int, distance: float, **metrics: float) -> RunMeasurement:
    """Make a measurement with more metrics than those of a race."""
    values = {"frechet_distance": distance, **metrics}
    real = {"frechet_distance": 0.07, "precision": 0.88, "recall": 0.89}
    return measure(distance, step=step).model_copy(update={"metrics": values, "real_metrics": real})


def keep(compared: list[ComparedRun], *measurements: RunMeasurement) -> list[ComparedRun]:
    """Keep a measurement of each run in its folder; return the runs as they are compared."""
    for each, measurement in zip(compared, measurements, strict=False):
        write_measurement(each.run, measurement)
    return use_measurements(compared, {})


def copy_run(compared: ComparedRun, name: str) -> Run:
    """Copy a run's folder; return the copy, with the same number of images."""
    path = compared.run.path.with_name(name)
    shutil.copytree(compared.run.path, path)
    run = open_run(path)
    run.dataset = compared.run.dataset
    return run


def read_rows(compared: list[ComparedRun]) -> dict[str, tuple[str, ...]]:
    return {row.label: row.cells for row in make_result_rows(compared)}


def test_precise_measurements_count_when_all_measured_runs_have_one(
    compared: list[ComparedRun],
) -> None:
    assert keep(compared, measure(0.3, step=30)) == compared
    assert label_curve("frechet_distance", compared) == "Quick distance to real digits"
    runs = keep(compared, measure(0.3, step=30), measure(0.9, step=10))
    assert [each.distance for each in runs] == [0.3, 0.9]
    assert label_curve("frechet_distance", runs) == "Distance to real digits"
    assert "quick" not in compare_runs(runs).headline
    assert read_notes(compare_runs(runs))["The number"] == (
        "The distance to real digits, measured with 10,000: lower is nearer. Two sets of real "
        "digits are 0.07 apart. Train shows the quick distance, with 1,000, which is larger."
    )
    # A run without any result is not waited for.
    new = replace(compared[1], title="new", record=replace(compared[1].record, evaluations=()))
    (compared[1].run.path / "measurement.json").unlink()
    assert [each.measurement is not None for each in use_measurements([runs[0], new], {})] == [
        True,
        False,
    ]


def test_a_run_that_joins_or_trains_changes_no_precise_distance_to_a_quick_one(
    compared: list[ComparedRun],
) -> None:
    new = replace(compared[1], title="new", run=copy_run(compared[1], "new"))
    waiting = replace(new, record=replace(new.record, evaluations=(), state="running"))
    keep(compared, measure(0.3, step=30), measure(0.9, step=10))
    for third in (waiting, replace(waiting, record=new.record), new):
        runs = use_measurements([third, *compared], {})
        assert [each.distance for each in runs[1:]] == [0.3, 0.9]
        assert label_curve("frechet_distance", runs) == "Distance to real digits"
        assert not runs[0].is_measured
    assert [each.title for each in sort_by_result(runs, compare_runs(runs))] == [
        "one",
        "two",
        "new",
    ]
    result = compare_runs(runs)
    assert result.headline == (
        "So far, after 10 to 30 steps: “one” (0.30) is nearer to real digits than “two” (0.90). "
        "Not ranked: “new” (quick distance 8.00)."
    )
    assert read_notes(result)["Not ranked"] == (
        "“new” has only a quick distance, measured with 1,000 digits. It is larger than with "
        "10,000, and the gap is too small to rank."
    )
    rows = read_rows(runs)
    assert rows["Distance to real digits (two sets of real digits: 0.07)"] == (
        "8.00 (quick)",
        "0.30",
        "0.90",
    )
    assert rows["Measured at step"] == ("10", "30", "10")
    assert [note.text for note in plot_dots(runs).layout.annotations] == ["one", "two"]
    parallel = plot_parallel(runs)
    assert parallel is not None
    assert [line.name for line in parallel.data] == ["one", "two"]


def test_a_quick_distance_several_times_too_far_for_its_precision_is_ranked(
    compared: list[ComparedRun],
) -> None:
    far, farther = (
        replace(
            with_metrics(compared[1], 30, distance, recall=0.5),
            title=name,
            run=copy_run(compared[1], name),
        )
        for name, distance in (("far", 40.0), ("farther", 50.0))
    )
    keep(compared, measure(0.3, step=30), measure(0.9, step=10))
    runs = use_measurements([farther, far, *compared], {})
    result = compare_runs(runs)
    assert result.headline.endswith(
        "“one” (0.30) is nearer to real digits than “two” (0.90). “far” (quick distance 40.0) and "
        "“farther” (quick distance 50.0) are farther."
    )
    assert "Not ranked" not in read_notes(result)
    assert not result.not_ranked
    cards = [each.title for each in sort_by_result(runs, result)]
    assert cards == ["one", "two", "far", "farther"]


def test_a_quick_distance_obviously_below_precise_ones_is_nearest(
    compared: list[ComparedRun],
) -> None:
    near = replace(compared[1], title="near", run=copy_run(compared[1], "near"))  # 8.00.
    keep(compared, measure(90.0, step=30), measure(200.0, step=10))
    runs = use_measurements([near, *compared], {})
    result = compare_runs(runs)
    assert result.headline.startswith(
        "“near” (quick distance 8.00) is nearest to real digits. Of the others: "
    )
    assert result.best == {"near"}
    assert sort_by_result(runs, result)[0].title == "near"


def test_runs_without_a_place_have_one_explanation(compared: list[ComparedRun]) -> None:
    new = [replace(compared[1], title=name, run=copy_run(compared[1], name)) for name in ("a", "b")]
    keep(compared, measure(0.3, step=30), measure(0.9, step=10))
    result = compare_runs(use_measurements([*new, *compared], {}))
    assert [each.topic for each in result.explanations].count("Not ranked") == 1
    assert read_notes(result)["Not ranked"].startswith("“a” and “b” have only a quick distance")


def test_one_precise_distance_is_no_ranking_so_quick_ones_count_before_and_after_the_first(
    compared: list[ComparedRun],
) -> None:
    first, second = compared
    write_measurement(first.run, measure(0.3, step=30))
    waiting = replace(second, record=replace(second.record, evaluations=(), state="running"))
    for other in (waiting, second):
        assert use_measurements([first, other], {})[0].distance == 5.0
    # A run that ended without a result is not waited for.
    ended = replace(waiting, record=replace(waiting.record, state="stopped"))
    assert use_measurements([first, ended], {})[0].distance == 0.3


def test_precise_distances_of_included_runs_alone_do_not_leave_out_a_persons_run(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    included = [replace(compared[0], run=copy_run(compared[0], name)) for name in ("a", "b")]
    for each in included:
        write_measurement(each.run, measure(0.3, step=30))
    names = {each.run.name for each in included}
    monkeypatch.setattr(Run, "is_read_only", property(lambda run: run.name in names))
    runs = use_measurements([*included, compared[1]], {})
    assert [each.distance for each in runs] == [5.0, 5.0, 8.0]
    assert [each.distance for each in use_measurements(included, {})] == [0.3, 0.3]


def test_a_run_that_has_trained_on_is_compared_by_its_quick_distance_and_the_page_says_so(
    compared: list[ComparedRun],
) -> None:
    runs = keep(compared, measure(0.3, step=20), measure(0.9, step=10))
    assert [each.measurement for each in runs] == [None, None]
    assert describe_other_measurements(runs, {}) == (
        "With 10,000 digits: “two” 0.90. With 10,000 digits, before further training: “one” 0.30 "
        "at step 20."
    )


def test_after_a_crash_the_measurement_of_the_newest_checkpoint_counts(
    compared: list[ComparedRun],
) -> None:
    runs = keep(compared, measure(0.3, step=20), measure(0.9, step=10))
    (runs[0].run.checkpoints.folder / "step-00000020.npz").touch()
    assert [each.distance for each in use_measurements(compared, {})] == [0.3, 0.9]


def test_precision_is_of_the_measurement_of_the_distance_or_has_its_own_step(
    compared: list[ComparedRun],
) -> None:
    both = keep(
        compared,
        measure_with(30, 0.3, precision=0.86, recall=0.81),
        measure_with(10, 0.9, precision=0.75, recall=0.74),
    )
    assert read_rows(both)["Looks real: precision (real digits: 88.0%)"] == ("86.0%", "75.0%")
    # A race measures no precision, so all precisions are those of the quick measurements.
    longer = replace(
        compared[1], record=replace(compared[1].record, evaluations=compared[0].record.evaluations)
    )
    of_race = keep(
        [compared[0], longer], both[0].measurement or measure(0.3), measure(0.9, step=10)
    )
    rows = make_result_rows(of_race)
    (row,) = [row for row in rows if row.label.startswith("Looks real")]
    assert row.label == "Looks real: precision (real digits: 80.0%)"
    assert row.cells == ("80.0%", "80.0% (step 30)")
    assert row.hint == "Measured during training, with 1,000 digits."
    assert read_rows(compared)["Looks real: precision (real digits: 80.0%)"] == ("80.0%", "80.0%")


def test_the_variety_of_precise_measurements_decides_between_precise_distances(
    compared: list[ComparedRun],
) -> None:
    first = with_metrics(compared[0], 30, 0.9, recall=0.95)
    second = with_metrics(compared[1], 10, 0.95, recall=0.5)
    runs = keep(
        [first, second],
        measure_with(30, 0.30, precision=0.8, recall=0.70),
        measure_with(10, 0.31, precision=0.8, recall=0.85),
    )
    assert "“two” draws more of the variety of real digits than “one”: 85.0% against 70.0%" in (
        compare_runs(runs).headline
    )


def test_the_cards_are_in_the_order_of_the_distances(
    compared: list[ComparedRun],
) -> None:
    far, near = keep(compared, measure(0.9, step=30), measure(0.2, step=10))
    runs = [far, near]
    assert [each.title for each in sort_by_result(runs, compare_runs(runs))] == ["two", "one"]
    tied = keep(compared, measure(0.21, step=30), measure(0.2, step=10))
    assert [each.title for each in sort_by_result(tied, compare_runs(tied))] == ["two", "one"]


def test_parallel_lines_end_at_the_precise_distance(compared: list[ComparedRun]) -> None:
    figure = plot_parallel(keep(compared, measure(0.3, step=30), measure(0.9, step=10)))
    assert figure is not None
    assert [line.customdata[-1] for line in figure.data] == [
        "Distance to real digits: 0.30",
        "Distance to real digits: 0.90",
    ]


def test_runs_are_measured_if_that_makes_all_results_precise(
    compared: list[ComparedRun], tmp_path: Path
) -> None:
    assert find_missing_measurements(compared, {}).runs == ()  # No run has a checkpoint.
    for each, step in zip(compared, (30, 10), strict=True):
        (each.run.checkpoints.folder / f"step-{step:08}.npz").touch()
    missing = find_missing_measurements(compared, {})
    assert missing.runs == tuple(each.run for each in compared)
    assert (missing.num_images, missing.noun) == (10_000, "digit")
    keep(compared, measure(0.3, step=30))
    assert find_missing_measurements(compared, {}).runs == (compared[1].run,)
    running = replace(compared[1], record=replace(compared[1].record, state="running"))
    missing = find_missing_measurements([compared[0], running], {})
    assert (missing.runs, missing.titles_in_training) == ((), ("two",))
    # Two precise distances are a ranking, so the run in training is not waited for.
    new = replace(compared[1], run=copy_run(compared[1], "new"))
    missing = find_missing_measurements([compared[0], new, running], {})
    assert (missing.runs, missing.titles_in_training) == ((new.run,), ("two",))
    # Distances to different pictures cannot be compared however they are measured.
    run = compared[1].run
    run.dataset = run.dataset.model_copy(update={"fingerprint": "0" * 64})
    assert find_missing_measurements(compared, {}).runs == ()


def test_few_own_pictures_are_measured_with_half_of_them(compared: list[ComparedRun]) -> None:
    for each, num_images in zip(compared, (5000, 5000), strict=True):
        each.run.config = each.run.config.replace(dataset="faces")
        each.run.dataset = each.run.dataset.model_copy(update={"num_images": num_images})
        (each.run.checkpoints.folder / f"step-{each.record.step:08}.npz").touch()
    missing = find_missing_measurements(compared, {})
    assert (missing.num_images, missing.noun, len(missing.runs)) == (2500, "picture", 2)
    for each in compared:
        each.run.dataset = each.run.dataset.model_copy(update={"num_images": 3000})
    # 1,500 are hardly better than the 1,000 of the training.
    assert find_missing_measurements(compared, {}).runs == ()
    assert label_curve("frechet_distance", compared) == "Distance to real pictures"
