"""The edge of a chart that ends with a person's own runs, and what goes on beyond it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.charts.compared_runs import ComparedRun, Record
from dashboard.charts.overlay_axis import AXES, HOVER_TITLES, Axis, describe_continuations
from dashboard.charts.overlay_chart import plot_overlay
from dcgan import installation
from dcgan.charts.chart_parts import DEFAULT_OPTIONS, ChartOptions
from dcgan.reports import EventReport
from tests.reports import evaluation_report, step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_the_included_run_is_cut_where_the_persons_runs_end(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert describe_continuations(compared, "steps", "generator_loss") == []
    # It has 30 steps, "two" 10.
    monkeypatch.setattr(installation, "INCLUDED_RUN", compared[0].run.path)
    ends: dict[Axis, float] = {"steps": 10, "seconds": 2.0, "images": 320}
    for axis, end in ends.items():
        figure = plot_overlay(compared, "generator_loss", axis, DEFAULT_OPTIONS, is_whole=False)
        assert figure.layout.xaxis.range == (0, pytest.approx(1.05 * end))
        # One point beyond the end, where there is one.
        assert len(figure.data[0].x) == (3 if axis == "images" else 2)
        assert len(figure.data[1].x) == 1
    assert list(figure.data[2].text) == [""]  # The last value of a loss says little.
    figure = plot_overlay(compared, "generator_loss", "steps", DEFAULT_OPTIONS)
    assert (figure.layout.xaxis.range, len(figure.data[0].x)) == (None, 3)
    assert (
        describe_continuations(compared[:1], "steps", "generator_loss") == []
    )  # There is no other run to compare it with.
    alone = plot_overlay(compared[:1], "generator_loss", "steps", DEFAULT_OPTIONS, is_whole=False)
    assert (len(alone.data[0].x), alone.layout.showlegend) == (3, True)


def test_a_curve_of_few_points_has_dots_too(compared: list[ComparedRun]) -> None:
    figure = plot_overlay(compared, "generator_loss", "steps", DEFAULT_OPTIONS)
    assert {line.mode for line in figure.data} == {"lines+markers"}  # Of one and of three points.
    history = tuple(step_report(step) for step in range(1, 20))
    long = replace(compared[0], record=replace(compared[0].record, history=history))
    figure = plot_overlay([long], "generator_loss", "steps", DEFAULT_OPTIONS)
    assert figure.data[0].mode == "lines"


def test_the_edge_of_the_chart_says_that_the_included_run_goes_on(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    # It has 30 steps, "two" 10.
    monkeypatch.setattr(installation, "INCLUDED_RUN", compared[0].run.path)
    texts: dict[Axis, str] = {"steps": "step 30", "seconds": "6 s", "images": "480 pictures"}
    for axis, text in texts.items():
        figure = plot_overlay(compared, "frechet_distance", axis, DEFAULT_OPTIONS, is_whole=False)
        line, _, _, mark = figure.data
        edge = figure.layout.xaxis.range[1]
        arrow = f'<span style="color:{line.line.color}">▶</span>'
        assert (list(mark.x), list(mark.text)) == ([edge], [f"{arrow} last: 5.00 at<br>{text}"])
        hover = HOVER_TITLES.get(axis, "%{x:,.0f} s")
        assert figure.layout.xaxis.unifiedhovertitle.text == hover
        assert describe_continuations(compared, axis, "frechet_distance") == [(compared[0], text)]
        low, high = (list(line.y)[place] for place in np.searchsorted(line.x, edge) - [1, 0])
        assert min(low, high) < mark.y[0] < max(low, high)  # On the line between its points.
        assert (line.legendgroup, mark.marker.color) == (mark.legendgroup, line.line.color)
    logarithmic = ChartOptions(is_log=True)
    figure = plot_overlay(compared, "frechet_distance", "steps", logarithmic, is_whole=False)
    assert figure.data[3].y[0] == pytest.approx(9 * (4 / 9) ** 0.05, rel=1e-3)
    assert len(plot_overlay(compared, "frechet_distance", "steps", DEFAULT_OPTIONS).data) == 3


def test_a_run_measured_before_its_end_goes_on_to_the_step_of_the_measurement(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "INCLUDED_RUN", compared[0].run.path)
    # It trained on from step 30 to 40, after its last evaluation; "two" has 10 steps.
    record = compared[0].record
    history = (*record.history, step_report(40, seconds=9.0))
    longer = replace(compared[0], record=replace(record, history=history))
    texts: dict[Axis, str] = {"steps": "step 30", "seconds": "6 s", "images": "480 pictures"}
    for axis, text in texts.items():
        runs = [longer, compared[1]]
        assert describe_continuations(runs, axis, "frechet_distance") == [(longer, text)]
    ends = describe_continuations([longer, compared[1]], "steps", "generator_loss")
    assert ends == [(longer, "step 40")]


@pytest.mark.parametrize(
    ("seconds", "end", "title", "hover"),
    [
        (100.0, 100.0, "Training time in seconds", "%{x:,.0f} s"),
        (2400.0, 40.0, "Training time in minutes", "%{x:,.1f} min"),
        (9000.0, 2.5, "Training time in hours", "%{x:,.1f} h"),
    ],
)
def test_a_time_axis_has_the_unit_in_which_texts_give_its_length(
    compared: list[ComparedRun], seconds: float, end: float, title: str, hover: str
) -> None:
    first, second = compared
    long = Record((step_report(10, seconds=0.0), step_report(20, seconds=seconds)), ())
    figure = plot_overlay(
        [replace(first, record=long), second], "generator_loss", "seconds", DEFAULT_OPTIONS
    )
    assert list(figure.data[0].x) == [0, end]
    assert figure.layout.xaxis.title.text == title
    assert figure.layout.xaxis.unifiedhovertitle.text == hover
    assert title in figure.layout.uirevision  # A zoom in seconds means nothing in minutes.


def test_a_cut_time_axis_has_the_unit_of_what_it_shows(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    included, own = compared
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.run.path)
    hours = Record((step_report(10, seconds=60.0), step_report(20, seconds=9000.0)), ())
    minutes = Record((step_report(10, seconds=60.0), step_report(20, seconds=600.0)), ())
    figure = plot_overlay(
        [replace(included, record=hours), replace(own, record=minutes)],
        "generator_loss",
        "seconds",
        DEFAULT_OPTIONS,
        is_whole=False,
    )
    assert figure.layout.xaxis.range == (0, pytest.approx(10.5))
    assert list(figure.data[-1].x) == [10.5]  # The mark at the edge.


def test_an_included_run_goes_on_only_on_the_axis_on_which_it_is_longer(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    included, own = compared
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.run.path)
    slow = replace(own, record=Record((step_report(10, seconds=60.0),), ()))
    continuations = {
        axis: describe_continuations([included, slow], axis, "recall") for axis in AXES
    }
    assert continuations == {
        "steps": [(included, "step 30")],
        "seconds": [],
        "images": [(included, "480 pictures")],
    }


def test_a_part_beyond_the_edge_is_left_out(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    included, own = compared
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.run.path)
    # Its own part begins at step 30; the chart ends at 10.5.
    changed = (EventReport(30, 1, 4.0, "changed", "From step 20 on: lr."),)
    late = replace(included, record=replace(included.record, events=changed))
    figure = plot_overlay([late, own], "recall", "steps", DEFAULT_OPTIONS, is_whole=False)
    assert [(list(line.x), line.showlegend) for line in figure.data[:2]] == [
        ([10, 20], True),
        ([10], True),
    ]


@pytest.mark.parametrize("axis", AXES)
def test_an_included_run_measured_after_the_end_of_a_short_run_has_no_mark_before_that(
    axis: Axis, compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    included, own = compared
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.run.path)
    short = Record((step_report(4, seconds=0.8),), (evaluation_report(4, 6.0),))
    figure = plot_overlay(
        [included, replace(own, record=short)],
        "frechet_distance",
        axis,
        DEFAULT_OPTIONS,
        is_whole=False,
    )
    line, _, _, mark = figure.data
    edge = figure.layout.xaxis.range[1]
    # The chart ends behind the second of its three values, 9, 4 and 5.
    assert line.x[1] < edge < line.x[2]
    assert list(mark.x) == [edge]
    assert 4 < mark.y[0] < 5
    losses = [included, replace(own, record=short)]
    figure = plot_overlay(losses, "generator_loss", axis, DEFAULT_OPTIONS, is_whole=False)
    assert figure.layout.xaxis.range[1] < line.x[0]  # Losses have a value in every step.


def test_the_mark_lies_on_the_line_when_its_last_part_begins_beyond_the_edge(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    included, own = compared
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.run.path)
    changed = (EventReport(25, 1, 4.0, "changed", "From step 25 on: lr."),)
    late = replace(included, record=replace(included.record, events=changed))
    to_step_20 = replace(own, record=replace(own.record, history=(step_report(20),)))
    figure = plot_overlay(
        [late, to_step_20], "frechet_distance", "steps", DEFAULT_OPTIONS, is_whole=False
    )
    assert figure.data[-1].y[0] == pytest.approx(4.1)  # At step 21, between 4 and 5.


def test_a_chart_of_a_metric_begins_at_the_first_measurement(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    included, own = compared
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.run.path)

    def find_range(step: int, last_step: int, curve: str = "recall") -> tuple[float, float]:
        evaluations = (evaluation_report(step, 5.0), evaluation_report(last_step, 4.0))
        record = Record((step_report(last_step),), evaluations)
        late = replace(included, record=replace(included.record, evaluations=evaluations))
        runs = [late, replace(own, record=record)]
        figure = plot_overlay(runs, curve, "steps", DEFAULT_OPTIONS, is_whole=False)
        low, high = figure.layout.xaxis.range
        return low, high

    assert find_range(400, 1000) == pytest.approx((400 - 0.05 * 650, 1050))
    assert find_range(10, 1000) == (0, 1050)  # Not below 0.
    assert find_range(1000, 1001)[0] == pytest.approx(0.75 * 1.05 * 1001)
    assert find_range(400, 1000, "generator_loss")[0] == 0
