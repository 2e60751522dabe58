"""The chart of dots: one row for each run's distance in the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun, Record
from dashboard.charts.distance_dots import describe_dots, plot_dots
from dashboard.charts.overlay_chart import choose_color
from tests.races import measure

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_each_run_has_a_dot_with_its_number_in_the_order_of_the_runs(
    compared: list[ComparedRun],
) -> None:
    first, second = compared
    figure = plot_dots([second, first])
    _, real, dots = figure.data
    # The lowest distance of "one" was 4, but it ended at 5.
    assert (list(dots.x), list(dots.text)) == ([8, 5], ["<b>8.00</b>", "<b>5.00</b>"])
    assert list(dots.marker.color) == [choose_color(1), choose_color(0)]
    assert [note.text for note in figure.layout.annotations] == ["two", "one"]
    assert dots.y[0] < dots.y[1]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # The first is at the top.
    assert real.name == "Two sets of real digits: 5.00"
    assert set(real.x) == {5.0, None}
    assert figure.layout.xaxis.tickformat == ",~g"  # "1,000" as beside the dots.
    assert figure.layout.xaxis.title.text == "Quick distance to real digits"
    assert describe_dots([second, first]) == (
        "Quick distance to real digits of two 8.00, one 5.00, up to step 30"
    )


def test_no_line_crosses_a_title_or_a_number(compared: list[ComparedRun]) -> None:
    figure = plot_dots(compared)
    assert figure.layout.xaxis.showgrid is False
    stems, real, dots = figure.data
    assert list(stems.x) == [0, 5, None, 0, 8, None]  # From the axis to each dot.
    assert stems.y[::3] == dots.y
    titles = [note.y for note in figure.layout.annotations]
    assert all(title + 0.2 < y for title, y in zip(titles, real.y[::3], strict=True))


def test_a_row_is_low_and_a_run_without_a_distance_has_none(compared: list[ComparedRun]) -> None:
    new = replace(compared[1], record=Record((), ()))
    one = plot_dots([compared[0], new]).layout
    assert plot_dots(compared).layout.height - one.height == 40
    assert [note.text for note in one.annotations] == ["one"]


def test_precise_distances_far_apart_have_a_logarithmic_axis_that_is_named(
    compared: list[ComparedRun],
) -> None:
    far = [
        replace(each, measurement=measure(distance))
        for each, distance in zip(compared, (0.16, 48.0), strict=True)
    ]
    axis = plot_dots(far).layout.xaxis
    assert (axis.type, axis.title.text) == ("log", "Distance to real digits (logarithmic axis)")
    assert 10 ** axis.range[0] < 0.07  # The real digits are in sight.
    assert 10 ** axis.range[1] > 48
    near = [far[0], replace(far[1], measurement=measure(1.6))]
    axis = plot_dots(near).layout.xaxis
    assert (axis.type, axis.title.text) == (None, "Distance to real digits")
    assert axis.range[0] == 0


def test_a_title_is_text_and_fits_a_phone(compared: list[ComparedRun]) -> None:
    titled = [replace(compared[0], title="<b>" + "long " * 30), compared[1]]
    text = plot_dots(titled).layout.annotations[0].text
    assert text.startswith("&lt;b&gt;long")
    assert text.endswith("…")
    assert len(text) < 60
    one_word = [replace(compared[0], title="W" * 80), compared[1]]
    assert plot_dots(one_word).layout.annotations[0].text == f"{'W' * 45}…"
