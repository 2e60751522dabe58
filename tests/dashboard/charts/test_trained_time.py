"""The time that runs trained, as a race counts it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun, Record
from dashboard.charts.overlay_chart import plot_overlay
from dashboard.charts.trained_time import describe_time_trained
from dashboard.compare_results.comparison_table import make_result_rows
from dcgan.charts.chart_parts import DEFAULT_OPTIONS
from tests.reports import step_report

# The first step, which builds the networks, takes 3.2 seconds; a race of 30 seconds ends after it.
REPORTS = tuple(step_report(step, seconds=3.2 + 10.01 * step) for step in range(4))


@pytest.fixture
def raced(compared: list[ComparedRun]) -> ComparedRun:
    """Return a run that trained for the 30 seconds of its race."""
    run = compared[0].run
    run.config = run.config.replace(max_seconds=33.2)
    return replace(compared[0], record=Record(REPORTS, ()), race_seconds=30.0)


def test_a_run_of_a_race_trained_for_the_time_of_the_race(raced: ComparedRun) -> None:
    assert describe_time_trained(raced) == "30 s"
    slow = (*REPORTS[:3], step_report(3, seconds=3.2 + 31.4))  # Steps of more than a second.
    assert describe_time_trained(replace(raced, record=Record(slow, ()))) == "30 s"
    stopped = replace(raced, record=Record(REPORTS[:3], ()))
    assert describe_time_trained(stopped) == "20 s"
    assert describe_time_trained(replace(raced, record=Record((), ()))) == ""
    of_no_race = replace(raced, race_seconds=None)
    assert describe_time_trained(of_no_race) == "33 s"
    rows = {row.label: row.cells for row in make_result_rows([raced, of_no_race])}
    assert rows["Time trained"] == ("30 s", "33 s")


def test_a_run_that_was_continued_after_its_race_trained_longer(raced: ComparedRun) -> None:
    raced.run.config = raced.run.config.replace(max_seconds=93.0)
    more = (*REPORTS, step_report(9, seconds=93.0))
    assert describe_time_trained(replace(raced, record=Record(more, ()))) == "1 min 30 s"


def test_the_chart_counts_the_time_of_a_race_from_the_first_step_too(raced: ComparedRun) -> None:
    figure = plot_overlay([raced], "generator_loss", "seconds", DEFAULT_OPTIONS)
    assert list(figure.data[0].x) == pytest.approx([0, 10.01, 20.02, 30.03])
