"""Charts of a run keep each peak, limit their points, and apply a person's options."""

from __future__ import annotations

import importlib.resources
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plotly.offline import get_plotlyjs_version

from dcgan.charts import chart_parts, training_charts
from dcgan.charts.chart_parts import thin
from dcgan.charts.colors import (
    DISCRIMINATOR_COLOR,
    FAKE_COLOR,
    GENERATOR_COLOR,
    QUIET_COLOR,
    REAL_COLOR,
)
from dcgan.charts.training_charts import plot_accuracy, plot_losses
from dcgan.config.training_config import TrainingConfig
from dcgan.reports import StepReport
from tests import healthy_run
from tests.reports import step_report

REPOSITORY = Path(__file__).parents[3]


def make_history(num: int) -> tuple[StepReport, ...]:
    rng = np.random.default_rng(0)
    return tuple(
        step_report(3 * index + 3, generator_loss=loss)
        for index, loss in enumerate(rng.random(num).tolist())
    )


def parse_figure(figure: Any) -> dict[str, Any]:
    """Return a figure as the browser gets it."""
    content: dict[str, Any] = json.loads(figure.to_json())
    return content


# Thinning


values_and_limit = st.integers(4, 60).flatmap(
    lambda limit: st.tuples(
        arrays(float, st.integers(1, 400), elements=st.floats(-1e6, 1e6) | st.just(math.nan)),
        st.just(limit),
    )
)


@given(values_and_limit)
def test_thinning_keeps_the_ends_and_every_extreme(example: tuple[np.ndarray, int]) -> None:
    values, limit = example
    kept = thin(values, limit)
    assert len(kept) <= limit or len(values) <= limit
    assert (np.diff(kept) > 0).all()
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    if not np.isnan(values).all():
        assert np.nanmin(values[kept]) == np.nanmin(values)
        assert np.nanmax(values[kept]) == np.nanmax(values)


@given(values_and_limit)
def test_thinning_ignores_nans(example: tuple[np.ndarray, int]) -> None:
    values, limit = example
    if len(values) > limit:
        assert not np.isnan(values[thin(values, limit)[1:-1]]).any()


def test_a_peak_of_one_point_is_seen_wherever_it_is() -> None:
    for place in range(0, 5000, 7):
        values = np.zeros(5000)
        values[place] = 1.0
        assert place in thin(values)


def test_few_points_are_all_kept() -> None:
    np.testing.assert_array_equal(thin(np.zeros(800)), np.arange(800))
    np.testing.assert_array_equal(thin(np.zeros(0)), [])
    assert len(thin(np.random.default_rng(0).random(801))) <= 800


# The figures


def test_each_network_has_its_colour_in_the_loss_chart() -> None:
    lines = {line["name"]: line for line in parse_figure(plot_losses(make_history(3)))["data"]}
    assert lines["Generator"]["line"]["color"] == GENERATOR_COLOR
    assert lines["Discriminator"]["line"]["color"] == DISCRIMINATOR_COLOR
    assert set(lines) == {"Generator", "Discriminator"}


def test_real_images_and_fakes_have_other_colours_than_the_networks() -> None:
    lines = {line["name"]: line for line in parse_figure(plot_accuracy(make_history(3)))["data"]}
    assert lines["Real pictures"]["line"]["color"] == REAL_COLOR
    assert lines["Fakes"]["line"]["color"] == FAKE_COLOR
    assert len({GENERATOR_COLOR, DISCRIMINATOR_COLOR, REAL_COLOR, FAKE_COLOR}) == 4


def test_the_level_of_guessing_is_that_of_all_images_with_label_smoothing_too() -> None:
    # A discriminator that can only guess calls nearly all images fake if real labels are smoothed.
    history = healthy_run.steps(60, real_accuracy=0.03, fake_accuracy=0.97)
    figure = parse_figure(plot_accuracy(history))
    lines = {line["name"]: line["y"] for line in figure["data"]}
    (level,) = (shape["y0"] for shape in figure["layout"]["shapes"])
    assert lines["All"] == [level] * 3 == [0.5] * 3
    assert lines["Real pictures"] == [0.03] * 3


@pytest.mark.parametrize("draw", [plot_losses, plot_accuracy])
def test_figures_are_transparent_and_keep_the_zoom(draw: Any) -> None:
    first, later = (parse_figure(draw(make_history(num)))["layout"] for num in (0, 50))
    assert first["uirevision"] == later["uirevision"]
    assert first["uirevision"]
    for layout in (first, later):
        assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
        assert "font" not in layout
        assert layout["height"] == chart_parts.HEIGHT
        assert "layout" not in layout["template"]  # It would set background and font.


def test_a_nan_is_a_gap_in_the_line() -> None:
    reports = [
        step_report(1),
        step_report(2, generator_loss=math.nan),
        step_report(3, generator_loss=math.inf),
        step_report(4),
    ]
    assert parse_figure(plot_losses(reports))["data"][0]["y"] == [0.75, None, None, 0.75]


def test_the_small_edition_of_plotly_is_of_the_version_that_makes_the_figures() -> None:
    script = importlib.resources.files("dcgan.charts") / "plotly_basic/plotly-basic.min.js"
    first_lines = script.read_text(encoding="utf-8")[:100]
    assert f"plotly.js (basic - minified) v{get_plotlyjs_version()}\n" in first_lines


def test_charts_have_only_traces_that_an_edition_of_plotly_on_the_page_draws() -> None:
    made = {
        name
        for package in ("dcgan", "dashboard")
        for path in (REPOSITORY / package).rglob("*.py")
        for name in re.findall(r"\bgo\.([A-Z]\w+)|\bfigure\.add_(\w+)", path.read_text("utf-8"))
    }
    shapes = {"hline", "vline", "hrect", "shape", "annotation"}
    made -= {("", "trace")}  # Adds one of the others.
    small_edition = {"Scatter", "scatter", "bar"}
    whole = {"Parcoords"}  # See `hasParallelCoordinates` in plot.js.
    # `add_trace` adds a trace that one of the others has made.
    other = {"Figure", "Layout", "trace"}
    assert {"".join(pair) for pair in made} - other <= shapes | small_edition | whole


def test_a_figure_waits_for_a_pandas_that_another_thread_imports() -> None:
    """Plotly fails on a module that is only partly imported."""
    script = (
        "import sys\nfrom dcgan.charts.training_charts import plot_losses\n"
        "assert 'pandas' not in sys.modules\nplot_losses([])\nsys.modules['pandas'].Series"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=REPOSITORY)


# Alternative texts


def test_alternative_texts_name_the_values_and_the_step() -> None:
    reports = [step_report(5), step_report(1200)]
    assert training_charts.describe_losses(reports) == (
        "Losses up to step 1200: generator 0.75, discriminator 1.25"
    )
    assert training_charts.describe_accuracy(reports) == (
        "Accuracy of the discriminator up to step 1200: 75% on all pictures, 88% on real ones, "
        "62% on fake ones"
    )
    assert "step 0" in training_charts.describe_losses([])
    assert "step 0" in training_charts.describe_accuracy([])


# Smoothing, scales and equilibrium losses


def test_smoothing_averages_neighbours_and_ignores_missing_values() -> None:
    values = np.array([0.0, 3.0, np.nan, 9.0, 0.0])
    np.testing.assert_array_equal(chart_parts.smooth(values, 1), values)
    np.testing.assert_allclose(chart_parts.smooth(values, 3), [1.5, 1.5, 6.0, 4.5, 4.5])
    assert np.isnan(chart_parts.smooth(np.full(4, np.nan), 3)).all()
    assert len(chart_parts.smooth(np.zeros(0), 50)) == 0
    np.testing.assert_allclose(chart_parts.smooth(np.full(9, 2.0), 50), 2.0)


def test_the_loss_chart_marks_the_equilibrium_losses() -> None:
    for options in (chart_parts.DEFAULT_OPTIONS, chart_parts.ChartOptions(5, is_log=True)):
        config = TrainingConfig(label_smoothing=0)
        layout = parse_figure(plot_losses(make_history(30), options, config))["layout"]
        levels = [shape["y0"] for shape in layout["shapes"]]
        assert levels == pytest.approx([math.log(2), 2 * math.log(2)])
        colors = [shape["line"]["color"] for shape in layout["shapes"]]
        assert colors == [GENERATOR_COLOR, DISCRIMINATOR_COLOR]
        assert (layout["yaxis"].get("type") == "log") is options.is_log


def test_changing_the_scale_resets_only_the_zoom_of_its_axis() -> None:
    plain, log = (
        parse_figure(plot_losses(make_history(3), chart_parts.ChartOptions(is_log=is_log)))[
            "layout"
        ]
        for is_log in (False, True)
    )
    assert plain["uirevision"] == log["uirevision"]
    assert plain["yaxis"]["uirevision"] != log["yaxis"]["uirevision"]


def test_label_smoothing_moves_the_equilibrium_losses() -> None:
    config = TrainingConfig(label_smoothing=0.1)
    layout = parse_figure(plot_losses(make_history(3), config=config))["layout"]
    levels = [shape["y0"] for shape in layout["shapes"]]
    assert levels == pytest.approx(training_charts.compute_equilibrium_losses(config))
    assert levels[0] == pytest.approx(-math.log(0.45))


def test_losses_that_balance_at_one_level_have_one_line_of_no_network() -> None:
    config = TrainingConfig(loss="relativistic")
    layout = parse_figure(plot_losses(make_history(3), config=config))["layout"]
    (level,) = layout["shapes"]
    assert level["y0"] == pytest.approx(math.log(2))
    assert level["line"]["color"] == QUIET_COLOR


def test_a_loss_that_can_be_negative_has_no_logarithmic_scale() -> None:
    options = chart_parts.ChartOptions(is_log=True)
    scales = {
        loss: parse_figure(plot_losses(make_history(3), options, TrainingConfig(loss=loss)))[
            "layout"
        ]["yaxis"].get("type")
        for loss in ("bce", "hinge", "wgan_gp", "relativistic")
    }
    assert scales == {"bce": "log", "hinge": None, "wgan_gp": None, "relativistic": "log"}


def test_a_level_is_named_in_the_legend_in_its_own_colour() -> None:
    figure = parse_figure(plot_accuracy(make_history(3)))
    *_, level = figure["data"]
    assert (level["name"], level["line"]["dash"]) == ("Guessing", "dash")
    assert {shape["line"]["color"] for shape in figure["layout"]["shapes"]} == {
        level["line"]["color"]
    }


@pytest.mark.parametrize("is_log", [False, True])
def test_the_losses_on_hover_have_two_decimals(is_log: bool) -> None:
    options = chart_parts.ChartOptions(is_log=is_log)
    figure = parse_figure(plot_losses(make_history(3), options))
    assert figure["layout"]["yaxis"]["hoverformat"] == ".2f"


@pytest.mark.parametrize("draw", [plot_losses, plot_accuracy])
def test_levels_take_no_width(draw: Any) -> None:
    figure = parse_figure(draw(make_history(3)))
    # The colours have enough contrast only if they are opaque.
    assert {shape.get("opacity", 1) for shape in figure["layout"]["shapes"]} == {1}
    assert figure["layout"]["margin"]["r"] < 20
    assert len("".join(line["name"] for line in figure["data"])) <= 30  # Two rows on a phone.


@pytest.mark.parametrize(
    "options", [chart_parts.DEFAULT_OPTIONS, chart_parts.ChartOptions(7, is_log=True)]
)
def test_a_chart_filled_later_equals_one_drawn_at_once(options: chart_parts.ChartOptions) -> None:
    for draw in (plot_losses, plot_accuracy):
        later = chart_parts.fill_lines(
            draw((), options).to_json(), make_history(2000), options, chart_parts.MAX_POINTS
        )
        assert json.loads(later) == parse_figure(draw(make_history(2000), options))
