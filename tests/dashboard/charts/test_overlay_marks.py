"""The marks of results, of real images, and of lines that go on, in a chart of several runs."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.charts.overlay_chart import plot_overlay
from dashboard.charts.overlay_marks import spread_texts
from dcgan import installation
from dcgan.charts.chart_parts import DEFAULT_OPTIONS
from tests.races import measure

pytestmark = pytest.mark.usefixtures("no_included_run")


def read_legend(figure: go.Figure) -> dict[str, list[float | None]]:
    """Return the vertical positions of the traces in the legend, by name."""
    return {trace.name: list(trace.y) for trace in figure.data if trace.showlegend is not False}


def test_results_are_diamonds_beside_quick_points_and_each_has_its_real_digits(
    compared: list[ComparedRun],
) -> None:
    raced = [
        replace(compared[0], measurement=measure(0.37, step=30)),
        replace(compared[1], measurement=measure(1.62, step=10)),
    ]
    figure = plot_overlay(raced, "frechet_distance", "steps", DEFAULT_OPTIONS)
    assert read_legend(figure) == {
        "one": [9.0, 4.0, 5.0],
        "two": [8.0],
        "With 10,000 digits": [None],
        "Two sets of 1,000 real digits": [5.0, 5.0],
        "Two sets of 10,000 real digits": [0.07, 0.07],
    }
    diamonds = [trace for trace in figure.data if trace.showlegend is False]
    assert [(*trace.x, *trace.y) for trace in diamonds] == [(30, 0.37), (10, 1.62)]
    assert [trace.legendgroup for trace in diamonds] == ["0", "1"]
    # Without results there is one line of real digits, and losses have neither.
    alone = plot_overlay(compared, "frechet_distance", "steps", DEFAULT_OPTIONS)
    assert list(read_legend(alone)) == ["one", "two", "Two sets of real digits"]
    losses = plot_overlay(raced, "generator_loss", "steps", DEFAULT_OPTIONS)
    assert list(read_legend(losses)) == ["one", "two"]


def test_a_run_that_goes_on_has_its_result_at_the_edge(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "INCLUDED_RUN", compared[0].run.path)
    included = replace(compared[0], measurement=measure(0.16, step=30))
    own = replace(compared[1], measurement=measure(1.62, step=10))
    figure = plot_overlay(
        [included, own], "frechet_distance", "steps", DEFAULT_OPTIONS, is_whole=False
    )
    hidden = [trace for trace in figure.data if trace.showlegend is False]
    assert [list(trace.y) for trace in hidden if trace.mode == "markers"] == [[1.62]]
    (text,) = [trace.text[0] for trace in hidden if trace.text]
    assert text.endswith("▶</span> last: ◆ 0.16 at<br>step 30")


def test_texts_at_the_edge_are_beside_the_plot_and_do_not_overlap(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "INCLUDED_RUN", compared[0].run.path)
    figure = plot_overlay(compared, "frechet_distance", "steps", DEFAULT_OPTIONS, is_whole=False)
    (mark,) = [trace for trace in figure.data if trace.text]
    assert mark.textposition == "middle right"
    assert figure.layout.margin.r > 60
    # Losses have no texts, so their plot has this room.
    losses = plot_overlay(compared, "generator_loss", "steps", DEFAULT_OPTIONS, is_whole=False)
    assert losses.layout.margin.r == 20
    # A line has 17 pixels; texts are moved by half lines.
    assert spread_texts([0.0, 100.0], 300.0, 2) == [0, 0]
    assert spread_texts([0.0, 0.0], 300.0, 2) == [0, 5]
    assert spread_texts([0.0, 0.0], 300.0, 3) == [0, 7]
    assert spread_texts([0.0, 34.0], 300.0, 2) == [0, 1]
    # Where there is no room above, the lower ones move down.
    assert spread_texts([290.0, 300.0], 300.0, 2) == [-4, 0]
