"""The charts of losses, accuracy and quality: their numbers, marks and speed."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from dashboard.charts.run_charts import build_main_charts, build_quality_chart
from dashboard.snapshots.snapshot import Snapshot
from dcgan.charts import training_charts
from dcgan.charts.chart_parts import ChartOptions, mark_step
from dcgan.charts.colors import FAKE_COLOR, REAL_COLOR
from dcgan.reports import EvaluationReport, EventReport, StepReport
from tests.reports import step_report


def history(num: int) -> tuple[StepReport, ...]:
    rng = np.random.default_rng(0)
    return tuple(
        step_report(3 * i + 3, generator_loss=loss)
        for i, loss in enumerate(rng.random(num).tolist())
    )


def test_the_quality_chart_has_the_distances_of_fakes_and_of_real_images() -> None:
    reports = tuple(
        EvaluationReport(
            step, 1, 0.0, 1000, {"frechet_distance": 40.0 - step}, {"frechet_distance": 3.5}
        )
        for step in (10, 20)
    )
    ours, real = json.loads(build_quality_chart(reports, "Distance to real spots"))["data"]
    assert ours["name"] == "Distance to real spots"
    assert (ours["x"], ours["y"]) == ([10, 20], [30.0, 20.0])
    assert (real["x"], real["y"]) == ([0, 10, 20], [3.5] * 3)  # A line at the first one already.
    assert (ours["line"]["color"], real["line"]["color"]) == (FAKE_COLOR, REAL_COLOR)
    assert training_charts.describe_quality(reports) == (
        "Distance to real pictures up to step 20: 20.0; real pictures 3.50"
    )
    title = training_charts.get_quality_title(reports, dataset_size=60_000)
    assert title == "Quick distance to real pictures"  # Other than the precise one of Compare.
    assert "step 0" in training_charts.describe_quality(())


def test_the_lines_have_the_numbers_of_the_reports() -> None:
    losses, accuracy = map(
        json.loads,
        build_main_charts(
            Snapshot(history=(step_report(5, generator_loss=0.123456), step_report(9)))
        ),
    )
    generator, discriminator, *_ = losses["data"]
    assert generator["x"] == discriminator["x"] == [5, 9]
    assert generator["y"] == [0.1235, 0.75]
    assert discriminator["y"] == [1.25, 1.25]
    both, real, fake, _ = accuracy["data"]
    assert (real["y"], fake["y"]) == ([0.875, 0.875], [0.625, 0.625])
    assert both["y"] == [0.75, 0.75]


def test_before_the_first_step_a_sentence_takes_the_place_of_the_axes() -> None:
    for text in build_main_charts(Snapshot()):
        layout = json.loads(text)["layout"]
        assert not layout["xaxis"]["visible"]
        assert not layout["yaxis"]["visible"]
        (sentence,) = layout["annotations"]
        assert sentence["text"].endswith("with the first step.")


def test_the_charts_of_a_snapshot_are_built_once_for_all_tabs() -> None:
    snapshot = Snapshot(history=history(3))
    assert build_main_charts(snapshot) is build_main_charts(snapshot)


def test_the_charts_of_a_day_of_training_are_built_quickly() -> None:
    """100,000 reports are 14 hours of training; they took 60 ms on two cores, and 10 took 9 ms."""
    day = history(100_000)
    times = []
    for _ in range(3):
        started = time.thread_time()
        text, _ = build_main_charts(Snapshot(history=day))
        times.append(time.thread_time() - started)
    assert min(times) < 0.3
    assert len(text) < 60_000
    for line in json.loads(text)["data"][:2]:  # Of both networks.
        assert len(line["x"]) <= 800
        assert (line["x"][0], line["x"][-1]) == (3, 300_000)


def test_a_step_is_marked_beside_the_lines_of_a_chart() -> None:
    losses, _ = build_main_charts(Snapshot(history=history(400)))
    marked = json.loads(mark_step(losses, 120))
    plain = json.loads(losses)
    *levels, line = marked["layout"].pop("shapes")
    assert levels == plain["layout"].pop("shapes")
    assert marked == plain
    assert (line["x0"], line["x1"], line["yref"]) == (120, 120, "y domain")


@pytest.mark.parametrize("is_log", [False, True])
def test_events_are_marked_on_both_charts_with_their_sentences(is_log: bool) -> None:
    events = (
        EventReport(300, 1, 1.0, "changed", "Generator learning rate 0.002 → 0.001."),
        EventReport(600, 1, 2.0, "diverged", "Diverged by step 700. " + "Back again. " * 9),
    )
    snapshot, options = Snapshot(history=history(400), events=events), ChartOptions(is_log=is_log)
    for figure in map(json.loads, build_main_charts(snapshot, options)):
        lines = [shape for shape in figure["layout"]["shapes"] if shape["x0"] == shape["x1"]]
        assert [line["x0"] for line in lines] == [300, 600]
        assert lines[0]["line"]["color"] != lines[1]["line"]["color"]
        marks = figure["data"][-1]
        assert (marks["x"], marks["mode"], marks["showlegend"]) == ([300, 600], "markers", False)
        # They lie on the lower border, also where the chart's own axis has no 0.
        axis = figure["layout"]["yaxis2"]
        assert (marks["yaxis"], marks["y"], axis["range"]) == ("y2", [0.0, 0.0], [0, 1])
        assert axis.get("type", "linear") == "linear"
        assert marks["text"][0] == "Generator learning rate 0.002 → 0.001."
        assert max(map(len, marks["text"][1].split("<br>"))) <= 40
