"""The chart of a race: its runs' distances while they trained, or dots of short runs' results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from dashboard.charts import dots_panel
from dashboard.charts.compared_runs import (
    ComparedRun,
    read_current_record,
    select_measured,
)
from dashboard.charts.curve_notes import explain_quick_points
from dashboard.charts.overlay_chart import choose_race_color, plot_overlay
from dashboard.components.chart import render_chart
from dashboard.race.progress import RaceProgress
from dashboard.race.race_cards import order_variants
from dashboard.run_facts.raced_runs import RacedRun
from dashboard.snapshots.snapshot import Snapshot
from dcgan.charts.chart_parts import DEFAULT_OPTIONS
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import Race

_MIN_POINTS = 3  # Of a line in the chart.


def render(
    race: Race,
    runs: Mapping[int, Run],
    progress: RaceProgress,
    winner: int | None,
    snapshot: Snapshot,
) -> None:
    """Render the distances that were measured while the runs trained, by their time.

    Runs too short for lines have a dot for each result, in the order of the cards.

    Args:
        race: The race.
        runs: The runs that have a folder, by index.
        progress: The states of all runs.
        winner: Index of the variant that won; None without one.
        snapshot: The trainer's snapshot.
    """
    by_index = _read_compared(race, runs, snapshot)
    compared = select_measured([each for each in by_index.values() if each.record.is_measured])
    num_points = [len(each.record.evaluations_since_change) for each in compared]
    if sum(num >= _MIN_POINTS for num in num_points) < 2:
        variants = order_variants(race, progress, winner)
        by_card = sorted(by_index, key=lambda index: variants.index(race.runs[index].variant_index))
        measured = [
            replace(by_index[index], measurement=race.runs[index].measurement)
            for index in by_card
            if race.runs[index].measurement is not None
        ]
        if len(measured) > 1:
            with st.container(key="race-chart"):
                dots_panel.render(measured, key="race-dots")
        return
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


def _read_compared(
    race: Race, runs: Mapping[int, Run], snapshot: Snapshot
) -> dict[int, ComparedRun]:
    """Return the runs that can be read, in the colours of their variants, by index."""
    compared = {}
    for index, run in runs.items():
        try:
            record = read_current_record(run, snapshot)
        except RunError:
            continue
        raced = RacedRun(race, index)
        color = choose_race_color(raced.variant_index, raced.seed_index)
        # A run that was continued after the race has other values there.
        measurement = raced.get_measurement(record.step)
        compared[index] = ComparedRun(
            run,
            raced.label,
            record,
            color,
            measurement=measurement,
            race_seconds=race.seconds,
        )
    return compared
