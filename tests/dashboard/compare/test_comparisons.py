"""Comparisons of runs: lines of a curve, and the records that they are made of."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from dashboard.charts.compared_runs import (
    CURVES,
    ComparedRun,
    Record,
    find_metric,
    is_comparable,
    label_curve,
    list_curves,
    read_current_record,
    select_measured,
)
from dashboard.charts.curve_notes import explain_no_line
from dashboard.charts.overlay_axis import AXES, Axis
from dashboard.charts.overlay_chart import plot_overlay
from dashboard.charts.overlay_marks import is_log
from dashboard.snapshots.snapshot import Snapshot
from dcgan.charts.chart_parts import DEFAULT_OPTIONS, ChartOptions
from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EventReport
from tests.reports import evaluation_report, step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def first_x(compared: list[ComparedRun], curve: str, axis: Axis) -> list[float]:
    """Return the horizontal positions of the first run's line."""
    return list(plot_overlay(compared, curve, axis, DEFAULT_OPTIONS).data[0].x)


def test_each_line_shows_its_run_against_the_chosen_axis(
    compared: list[ComparedRun],
) -> None:
    first, second, _ = plot_overlay(compared, "frechet_distance", "steps", DEFAULT_OPTIONS).data
    assert (first.name, list(first.x), list(first.y)) == ("one", [10, 20, 30], [9.0, 4.0, 5.0])
    assert (second.name, list(second.x), list(second.y)) == ("two", [10], [8.0])
    assert first.line.color != second.line.color
    first, second = plot_overlay(
        compared, "generator_loss", "images", ChartOptions(5, is_log=True)
    ).data
    assert (list(first.x), list(second.x)) == ([160, 320, 480], [320])
    assert first_x(compared, "precision", "seconds") == [
        2,
        4,
        6,
    ]


def test_a_click_on_the_legend_hides_only_one_of_two_runs_with_the_same_title(
    compared: list[ComparedRun],
) -> None:
    same = [replace(each, title="My run") for each in compared]
    first, second = plot_overlay(same, "generator_loss", "steps", DEFAULT_OPTIONS).data
    assert first.name == second.name
    assert first.legendgroup != second.legendgroup


def test_a_metric_has_a_line_of_real_images_if_all_runs_have_the_same_ones(
    compared: list[ComparedRun],
) -> None:
    lines = plot_overlay(compared, "precision", "steps", DEFAULT_OPTIONS).data
    assert (lines[-1].name, list(lines[-1].x), list(lines[-1].y)) == (
        "Real digits",
        [0, 30],
        [0.8, 0.8],
    )
    run = compared[1].run
    run.config = run.config.replace(dataset="faces")
    named = plot_overlay(compared, "precision", "steps", DEFAULT_OPTIONS)
    assert named.data[-1].name == "Real pictures"
    assert len(plot_overlay(compared, "generator_loss", "steps", DEFAULT_OPTIONS).data) == 2
    run.dataset = run.dataset.model_copy(update={"fingerprint": "0" * 64})
    assert len(plot_overlay(compared, "precision", "steps", DEFAULT_OPTIONS).data) == 2


def test_a_line_with_the_values_of_another_one_does_not_hide_it(
    compared: list[ComparedRun],
) -> None:
    twins = [compared[0], compared[0], compared[1]]
    first, second, other, _ = plot_overlay(twins, "precision", "steps", DEFAULT_OPTIONS).data
    assert first.marker.size > second.marker.size == other.marker.size
    assert first.line.width > second.line.width == other.line.width


def test_a_long_name_is_wrapped_in_the_legend(compared: list[ComparedRun]) -> None:
    first = compared[0]
    name = "My very long run with <other> settings and a note"
    figure = plot_overlay([replace(first, title=name)], "generator_loss", "steps", DEFAULT_OPTIONS)
    lines = figure.data[0].name.split("<br>")
    assert lines == ["My very long run with &lt;other&gt; settings", "and a note"]
    branch = "Generator learning rate 0.02 (branch of My first run)"
    figure = plot_overlay(
        [replace(first, title=branch)], "generator_loss", "steps", DEFAULT_OPTIONS
    )
    assert figure.data[0].name == "Generator learning rate 0.02<br>(branch of My first run)"


def test_images_seen_use_the_batch_size_of_each_step(
    tiny_config: TrainingConfig, compared: list[ComparedRun]
) -> None:
    first = compared[0]
    run = first.run
    # Ten steps of 16 images, ten of 80, then ten of 32; the settings now are the last.
    run.config = tiny_config.replace(discriminator_steps=2)
    history = [
        step_report(10 * number, images_per_step=images)
        for number, images in ((1, 16), (2, 80), (3, 32))
    ]
    evaluations = [evaluation_report(step, 5.0) for step in (5, 10, 30)]
    record = Record(tuple(history), tuple(evaluations))
    assert first_x([replace(first, record=record)], "generator_loss", "images") == [
        *(160, 960, 1280)
    ]
    assert first_x([replace(first, record=record)], "recall", "images") == [*(80, 160, 1280)]
    # Without the early reports, or without any, the run's settings fill the gap.
    thinned = Record(tuple(history[1:]), (evaluation_report(40, 5.0),))
    assert first_x([replace(first, record=thinned)], "recall", "images") == [
        20 * 80 + 10 * 32 + 10 * 32
    ]
    alone = Record((), (evaluation_report(10, 5.0),))
    assert first_x([replace(first, record=alone)], "recall", "images") == [320]
    assert first_x([replace(first, record=Record((), ()))], "recall", "images") == []


def test_metrics_of_different_data_are_not_comparable(
    compared: list[ComparedRun],
) -> None:
    assert is_comparable(compared, "frechet_distance")
    run = compared[1].run
    run.dataset = run.dataset.model_copy(update={"fingerprint": "0" * 64})
    assert not is_comparable(compared, "frechet_distance")
    assert is_comparable(compared, "generator_loss")
    assert is_comparable(compared[:1], "frechet_distance")
    assert is_comparable(compared, "coverage")  # Neither run has it.


def test_every_measure_can_be_plotted_on_every_axis(compared: list[ComparedRun]) -> None:
    for curve in CURVES:
        for axis in AXES:
            # With that of real images, if the runs have the metric.
            num_lines = 3 if curve in ("frechet_distance", "precision", "recall") else 2
            assert len(plot_overlay(compared, curve, axis, DEFAULT_OPTIONS).data) == num_lines
    assert set(METRIC_INFO) & set(CURVES) == {
        "sliced_wasserstein",
        "frechet_distance",
        "precision",
        "recall",
        "coverage",
        "copies",
    }


def test_runs_are_ranked_by_a_distance_that_all_have_and_others_are_not_offered(
    compared: list[ComparedRun],
) -> None:
    assert find_metric(compared) == "frechet_distance"
    assert "sliced_wasserstein" not in list_curves(compared)
    assert label_curve("frechet_distance", compared).startswith("Quick distance to real ")

    def add_sliced(each: ComparedRun) -> ComparedRun:
        *earlier, report = each.record.evaluations
        values = {**report.metrics, "sliced_wasserstein": 40.0}
        evaluations = (*earlier, replace(report, metrics=values, real_metrics=values))
        return replace(each, record=replace(each.record, evaluations=evaluations))

    first, other = compared
    mixed = [add_sliced(first), other]
    assert find_metric(mixed) == "frechet_distance"
    both = [add_sliced(first), add_sliced(other)]
    assert [each.metric for each in select_measured(both)] == ["sliced_wasserstein"] * 2
    assert list_curves(both)[:2] == ["sliced_wasserstein", "frechet_distance"]
    assert label_curve("frechet_distance", both) == "Fréchet distance"


def test_values_far_apart_get_a_logarithmic_axis(
    compared: list[ComparedRun],
) -> None:
    def plot(first_distance: float, curve: str = "frechet_distance") -> go.Figure:
        first, other = compared
        changed = replace(first.record, evaluations=(evaluation_report(10, first_distance),))
        return plot_overlay(
            [replace(first, record=changed), other], curve, "steps", DEFAULT_OPTIONS
        )

    assert not is_log(plot(9.0))  # The other run has 8.
    far = plot(1014.0)
    assert is_log(far)
    assert (far.layout.yaxis.tickformat, far.layout.yaxis.dtick) == (",", "D2")
    assert far.layout.xaxis.tickformat == ","
    assert plot(9000.0).layout.yaxis.dtick == 1
    assert not is_log(plot(1014.0, "precision"))


def test_many_runs_have_different_lines(compared: list[ComparedRun]) -> None:
    many = [replace(compared[0], color_index=index) for index in range(20)]
    lines = {
        (trace.line.color, trace.line.dash)
        for trace in plot_overlay(many, "generator_loss", "steps", DEFAULT_OPTIONS).data
    }
    assert len(lines) == 20


def test_the_record_of_a_run_in_training_comes_from_the_trainer(
    compared: list[ComparedRun],
) -> None:
    one, two = (each.run for each in compared)
    on_file, of_two = (each.record for each in compared)
    changed = EventReport(
        5, 1, 1.0, "changed", "From step 5 on: Generator learning rate 0.002 → 0.001."
    )
    history = (step_report(10),)
    snapshot = Snapshot(phase="running", run=one, history=history, events=(changed,))
    record = read_current_record(one, snapshot)
    assert (record.history, record.evaluations) == (history, ())
    assert record.changes == (changed.text,)
    assert (record.has_curve("generator_loss"), record.has_curve("precision")) == (True, False)
    assert record.state == "running"
    assert read_current_record(two, snapshot).history == of_two.history
    # After its end another process may continue it.
    assert read_current_record(one, replace(snapshot, phase="stopped")).history == on_file.history
    assert on_file.has_curve("precision")
    assert not on_file.has_curve("coverage")


def test_without_a_line_the_chart_says_why_and_where_the_distances_are(
    compared: list[ComparedRun],
) -> None:
    one, two = compared
    assert explain_no_line(compared, has_dots=True) == ""  # "one" was measured three times.
    short = replace(one, record=replace(one.record, evaluations=one.record.evaluations[-1:]))
    text = "No run has two measured distances yet, so there is no line."
    others = "Accuracy and losses have lines already."
    assert explain_no_line([short, two], has_dots=True) == (
        f"{text} The dots above show which is nearer. {others}"
    )
    assert explain_no_line([short], has_dots=False) == f"{text} {others}"
    assert explain_no_line([two], has_dots=False) == text  # Of one step.
    new = replace(one, record=replace(one.record, evaluations=()))
    assert explain_no_line([new], has_dots=False) == f"No distance was measured yet. {others}"
    assert list_curves([new])[0] == "frechet_distance"
