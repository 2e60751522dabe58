"""What a page shows of the curves, drawn once for all tabs, and the map of digits."""

from __future__ import annotations

import json
import time

import numpy as np

from dashboard.shared import chart_cache
from dashboard.shared.chart_cache import render
from dashboard.state.snapshot import Snapshot
from dcgan.export import charts
from dcgan.export.chart_parts import GENERATOR_COLOR
from dcgan.reports import EvaluationReport, EventReport, StepReport
from tests.reports import step_report


def history(num: int) -> tuple[StepReport, ...]:
    rng = np.random.default_rng(0)
    return tuple(
        step_report(3 * i + 3, generator_loss=loss)
        for i, loss in enumerate(rng.random(num).tolist())
    )


# The figures


def test_the_quality_chart_has_our_distance_and_the_real_ones() -> None:
    reports = tuple(
        EvaluationReport(
            step, 1, 0.0, 1000, {"frechet_distance": 40.0 - step}, {"frechet_distance": 3.5}
        )
        for step in (10, 20)
    )
    ours, real = json.loads(chart_cache.render_quality(reports))["data"]
    assert (ours["x"], ours["y"]) == ([10, 20], [30.0, 20.0])
    assert (real["x"], real["y"]) == ([0, 10, 20], [3.5] * 3)  # A line at the first one already.
    assert ours["line"]["color"] == GENERATOR_COLOR
    assert charts.describe_quality(reports) == (
        "Fréchet distance up to step 20: 20.0; real digits 3.5"
    )
    assert "step 0" in charts.describe_quality(())


def test_the_lines_hold_the_numbers() -> None:
    losses, accuracy = map(
        json.loads,
        render(Snapshot(history=(step_report(5, generator_loss=0.123456), step_report(9)))),
    )
    generator, discriminator = losses["data"]
    assert generator["x"] == discriminator["x"] == [5, 9]
    assert generator["y"] == [0.1235, 0.75]
    assert discriminator["y"] == [1.25, 1.25]
    real, fake = accuracy["data"]
    assert (real["y"], fake["y"]) == ([0.875, 0.875], [0.625, 0.625])


def test_a_history_without_reports_is_an_empty_chart() -> None:
    for text in render(Snapshot()):
        assert all(line["x"] == [] for line in json.loads(text)["data"])


def test_a_snapshot_is_drawn_once_for_all_tabs() -> None:
    snapshot = Snapshot(history=history(3))
    assert render(snapshot) is render(snapshot)


def test_a_day_of_training_is_quickly_drawn() -> None:
    """100,000 reports are 14 hours; they took 60 ms where this was written, and 10 took 9."""
    day = history(100_000)
    times = []
    for _ in range(3):
        started = time.thread_time()
        text, _ = render(Snapshot(history=day))
        times.append(time.thread_time() - started)
    assert min(times) < 0.3
    assert len(text) < 60_000
    for line in json.loads(text)["data"]:
        assert len(line["x"]) <= 800
        assert (line["x"][0], line["x"][-1]) == (3, 300_000)


# What was done to the run


def test_what_was_done_is_marked_on_both_charts_with_its_sentence() -> None:
    events = (
        EventReport(300, 1, 1.0, "changed", "Generator lr 0.002 → 0.001."),
        EventReport(600, 1, 2.0, "diverged", "Diverged by step 700. " + "Back again. " * 9),
    )
    for figure in map(json.loads, render(Snapshot(history=history(400), events=events))):
        lines = [shape for shape in figure["layout"]["shapes"] if shape["x0"] == shape["x1"]]
        assert [line["x0"] for line in lines] == [300, 600]
        assert lines[0]["line"]["color"] != lines[1]["line"]["color"]
        marks = figure["data"][-1]
        assert (marks["x"], marks["mode"], marks["showlegend"]) == ([300, 600], "markers", False)
        assert marks["text"][0] == "Generator lr 0.002 → 0.001."
        assert max(map(len, marks["text"][1].split("<br>"))) <= 40


# The map


def test_each_digit_has_a_colour_and_each_point_its_index() -> None:
    places = np.arange(12.0).reshape(6, 2)
    figure = chart_cache.map_figure(places, np.array([7, 1, 7, 1, 1, 0]))
    assert [trace.name for trace in figure.data] == ["0", "1", "7"]
    assert len({trace.marker.color for trace in figure.data}) == 3
    assert [list(trace.customdata) for trace in figure.data] == [[5], [1, 3, 4], [0, 2]]
    assert list(figure.data[2].x) == [0.0, 4.0]
    assert list(figure.data[2].y) == [1.0, 5.0]


def test_pictures_without_names_are_one_group() -> None:
    figure = chart_cache.map_figure(np.zeros((3, 2)), np.zeros(0, int))
    assert [list(trace.customdata) for trace in figure.data] == [[0, 1, 2]]
