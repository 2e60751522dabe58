"""The chart of several runs' settings and distances as parallel lines."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from dashboard.charts.compared_runs import ComparedRun, Record
from dashboard.charts.overlay_chart import choose_color
from dashboard.compare.parallel_chart import plot_parallel
from dashboard.compare_results.result import compare_runs
from tests.dashboard.rendering import list_captions, prepare_panel, run_page
from tests.races import measure

pytestmark = pytest.mark.usefixtures("no_included_run")


def plot(compared: list[ComparedRun]) -> go.Figure:
    figure = plot_parallel(compared)
    assert figure is not None
    return figure


def list_axes(figure: go.Figure) -> list[str]:
    """Return the names of the axes, from the top."""
    return [text.split(": ")[0] for text in figure.data[0].customdata]


def read_values(figure: go.Figure, name: str) -> dict[str, str]:
    """Return each run's value on an axis, by its title."""
    index = list_axes(figure).index(name)
    return {line.name: line.customdata[index].removeprefix(f"{name}: ") for line in figure.data}


def test_lines_end_in_the_distances_of_the_verdict(compared: list[ComparedRun]) -> None:
    figure = plot(compared)
    # The lowest distance of "one" was 4, but it ended at 5.
    name = list_axes(figure)[-1]
    assert name == "Quick distance to real digits"
    assert read_values(figure, name) == {"one": "5.00", "two": "8.00"}
    assert "5.00" in compare_runs(compared).headline
    first, second = figure.data
    assert (first.x[-1] < second.x[-1], first.y[-1]) == (True, len(first.y) - 1)
    raced = [
        replace(each, measurement=measure(distance))
        for each, distance in zip(compared, (1.62, 0.37), strict=True)
    ]
    name = list_axes(plot(raced))[-1]
    assert read_values(plot(raced), name) == {"one": "1.62", "two": "0.37"}


def test_settings_are_axes_in_ascending_order_of_their_values(
    compared: list[ComparedRun],
) -> None:
    figure = plot(compared)
    assert read_values(figure, "Batch size") == {"one": "16", "two": "32"}
    first, second = (line.x[list_axes(figure).index("Batch size")] for line in figure.data)
    assert first < second


def test_two_learning_rates_that_were_changed_together_have_one_axis(
    compared: list[ComparedRun],
) -> None:
    assert "Generator learning rate" in list_axes(plot(compared))  # Only one was changed.
    for each, rate in zip(compared, (0.002, 0.001), strict=True):
        each.run.config = each.run.config.replace(
            generator_learning_rate=rate, discriminator_learning_rate=rate
        )
    rates = [name for name in list_axes(plot(compared)) if "learning rate" in name]
    assert rates == ["Both learning rates"]


def test_only_settings_that_can_be_a_cause_have_an_axis(compared: list[ComparedRun]) -> None:
    first, second = compared
    names = [*list_axes(plot(compared))]
    second.run.config = second.run.config.replace(epochs=7, max_seconds=60.0, seed=5)
    assert list_axes(plot(compared)) == names
    # Of a single cause the table shows as much.
    first.run.config = first.run.config.replace(batch_size=second.run.config.batch_size)
    assert plot_parallel(compared) is None


def test_each_distance_is_below_its_line_and_covers_no_other_one(
    compared: list[ComparedRun],
) -> None:
    distances = (0.3, 0.31, 4.0, 30.0)
    runs = [
        replace(each, color_index=index, measurement=measure(distance))
        for index, (each, distance) in enumerate(zip(2 * compared, distances, strict=True))
    ]
    figure = plot(runs)
    notes = {
        note.text.split("</span> ")[-1]: note
        for note in figure.layout.annotations
        if "●" in note.text
    }
    assert list(notes) == ["0.30", "0.31", "4.00", "30.0"]
    assert [choose_color(index) in note.text for index, note in enumerate(notes.values())] == (
        [True] * 4
    )
    lines = [note.yshift for note in notes.values()]
    assert lines[0] == lines[2] == lines[3] > lines[1]  # Two are at nearly the same place.
    assert figure.layout.height > plot(runs[2:]).layout.height
    assert all(note.bgcolor is None for note in figure.layout.annotations)


def test_many_long_values_on_an_axis_have_several_lines_in_higher_rows(
    compared: list[ComparedRun],
) -> None:
    low = plot(compared)
    for each, filters in zip(compared, ((16, 8), (1024,) * 6), strict=True):
        each.run.config = each.run.config.replace(generator_filters=filters)
    high = plot(compared)
    ticks = [note.text for note in high.layout.annotations if "1024" in note.text]
    assert ticks == ["1024, 1024, 1024,<br>1024, 1024, 1024"]
    assert high.layout.height / len(list_axes(high)) > low.layout.height / len(list_axes(low))


def test_without_two_measured_runs_there_is_no_chart(compared: list[ComparedRun]) -> None:
    assert plot_parallel(compared[:1]) is None
    empty = replace(compared[1], record=Record((), ()))
    assert plot_parallel([compared[0], empty]) is None


def render_tables() -> None:
    """Render the tables of the session's runs."""
    import streamlit as st

    from dashboard.compare import tables_panel

    tables_panel.render(st.session_state["compared"], ())


def test_results_with_more_images_have_the_chart_too_but_a_race_has_none(
    compared: list[ComparedRun],
) -> None:
    def has_chart(runs: list[ComparedRun]) -> bool:
        page = run_page(prepare_panel(render_tables, compared=runs))
        return any("Each line is a run" in caption for caption in list_captions(page))

    measured = [replace(each, measurement=measure(0.37)) for each in compared]
    assert has_chart(3 * measured)
    assert not has_chart(2 * measured)  # For four runs the table says as much.
    assert not has_chart([replace(each, race_seconds=30.0) for each in 3 * measured])
