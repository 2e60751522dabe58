"""The chart of a race: the distances of its runs while they trained, and their results."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.charts.compared_runs import (
    ComparedRun,
    read_current_record,
    select_measured,
)
from dashboard.charts.curve_notes import explain_quick_points
from dashboard.charts.overlay_chart import choose_race_color, plot_overlay
from dashboard.components.chart import render_chart
from dashboard.shared.raced_runs import RacedRun
from dashboard.snapshots.snapshot import Snapshot
from dcgan.charts.chart_parts import DEFAULT_OPTIONS
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import Race

_MIN_POINTS = 3  # Of a line in the chart.


def render(race: Race, runs: Mapping[int, Run], snapshot: Snapshot) -> None:
    """Render the distances that were measured while the runs trained, by their time.

    Args:
        race: The race.
        runs: The runs that have a folder, by index.
        snapshot: The trainer's snapshot.
    """
    compared = _read_compared(race, runs, snapshot)
    num_points = [len(each.record.evaluations_since_change) for each in compared]
    if sum(num >= _MIN_POINTS for num in num_points) < 2:
        return  # Runs too short to show a course.
    with st.container(key="race-chart"):
        figure = plot_overlay(compared, compared[0].metric, "seconds", DEFAULT_OPTIONS)
        render_chart(
            figure.to_json(),
            height=int(figure.layout.height),
            alt=f"Distance of {', '.join(each.title for each in compared)} by training "
            f"time, up to step {max(each.record.step for each in compared)}",
            key="race-figure",
            grows=True,
        )
        st.caption(explain_quick_points(compared))


def _read_compared(race: Race, runs: Mapping[int, Run], snapshot: Snapshot) -> list[ComparedRun]:
    """Return the runs that were measured while they trained, in the colours of their variants."""
    compared = []
    for index, run in runs.items():
        try:
            record = read_current_record(run, snapshot)
        except RunError:
            continue
        if not record.is_measured:
            continue
        raced = RacedRun(race, index)
        color = choose_race_color(raced.variant_index, raced.seed_index)
        # A run that was continued after the race has other values there.
        measurement = raced.get_measurement(record.step)
        compared.append(
            ComparedRun(
                run,
                raced.label,
                record,
                color,
                measurement=measurement,
                race_seconds=race.seconds,
            )
        )
    return select_measured(compared)
