"""The charts under Training in detail: each shows its numbers and explains itself."""

from __future__ import annotations

import dataclasses
import json

import pytest

from dashboard.charts import run_charts
from dashboard.charts.run_charts import CHARTS, Chart, build_chart
from dashboard.snapshots.snapshot import Snapshot
from dcgan.charts import chart_parts
from dcgan.charts.chart_parts import ChartOptions
from dcgan.config.training_config import TrainingConfig
from dcgan.reports import EvaluationReport
from tests.reports import step_report

OLD = step_report(
    10,
    real_probability=0.6,
    fake_probability=0.4,
    generator_gradient_norm=1.5,
    discriminator_gradient_norm=2.5,
)
REPORT = dataclasses.replace(
    OLD,
    step=20,
    generator_update_ratio=0.01,
    discriminator_update_ratio=0.02,
    real_histogram=(0.25, 0.75),
    fake_histogram=(0.9, 0.1),
    real_spread=0.4,
    fake_spread=0.1,
)
METRICS = {"frechet_distance": 4.0, "precision": 0.8, "recall": 0.7, "coverage": 0.6}
EVALUATION = EvaluationReport(20, 1, 2.0, 1000, METRICS, METRICS, (0.19, *(0.09,) * 9))
FULL = Snapshot(history=(OLD, REPORT), evaluations=(EVALUATION,))


def chart(key: str) -> Chart:
    return next(chart for chart in CHARTS if chart.key == key)


def lines(
    key: str, snapshot: Snapshot = FULL, options: ChartOptions = chart_parts.DEFAULT_OPTIONS
) -> dict[str, list[float]]:
    built = build_chart(chart(key), snapshot, options)
    assert built is not None
    return {line.get("name", ""): line["y"] for line in json.loads(built)["data"]}


def test_after_one_measurement_the_points_of_all_metrics_can_be_told_apart() -> None:
    built = build_chart(chart("shares"), FULL, chart_parts.DEFAULT_OPTIONS)
    assert built is not None
    shown = [line for line in json.loads(built)["data"] if line["x"]]
    assert all(line["showlegend"] for line in shown)
    looks = {(line["line"]["color"], line["marker"]["symbol"]) for line in shown}
    assert len(looks) == len(shown) == 3  # Density was not measured.


def test_before_the_first_step_a_sentence_is_in_the_place_of_axes() -> None:
    built = build_chart(chart("variety"), Snapshot(), chart_parts.DEFAULT_OPTIONS)
    assert built is not None
    layout = json.loads(built)["layout"]
    assert layout["annotations"][0]["text"] == "The curves appear with the first step."
    assert not layout["xaxis"]["visible"]
    assert layout["height"] == run_charts.HEIGHT


def test_each_chart_shows_what_was_measured() -> None:
    assert lines("probabilities") == {"Real pictures": [0.6, 0.6], "Fakes": [0.4, 0.4]}
    assert lines("answers") == {"Real pictures": [0.25, 0.75], "Fakes": [0.9, 0.1]}
    assert lines("gradients") == {"Generator": [1.5, 1.5], "Discriminator": [2.5, 2.5]}
    assert lines("updates") == {"Generator": [None, 0.01], "Discriminator": [None, 0.02]}
    assert lines("variety") == {"Two real pictures": [None, 0.4], "Two fakes": [None, 0.1]}
    assert lines("shares") == {
        "Precision": [0.8], "Recall": [0.7], "Density": [], "Coverage": [0.6],
    }  # fmt: skip
    equal = {"All equally often: 10%": [None]}  # Names the dashed line in the legend.
    assert lines("digits") == {"": [0.19, *[0.09] * 9]} | equal
    assert lines("speed") == {"Speed": [1600, 1600]}


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.key)
def test_each_chart_has_an_alternative_text_and_works_without_numbers(chart: Chart) -> None:
    assert "step 20: " in chart.describe(FULL)
    assert "step 0: nothing yet" in chart.describe(Snapshot())
    build_chart(chart, Snapshot(), chart_parts.DEFAULT_OPTIONS)
    assert chart.help_text.endswith(".")
    # Old runs have fewer measurements.
    before = Snapshot(history=(OLD,))
    build_chart(chart, before, ChartOptions(5, is_log=True))
    assert chart.describe(before)


def test_the_last_tick_of_the_answers_has_room() -> None:
    built = build_chart(chart("answers"), FULL, chart_parts.DEFAULT_OPTIONS)
    assert built is not None
    layout = json.loads(built)["layout"]
    assert layout["margin"]["r"] >= 20  # Half of "100%".
    assert len(layout["xaxis"]["title"]["text"]) < 30  # It would be cut on a phone.


@pytest.mark.parametrize(("smoothing", "balance"), [(0.1, 0.45), (0.0, 0.5)])
def test_the_dashed_line_of_the_answers_is_their_balance(smoothing: float, balance: float) -> None:
    snapshot = dataclasses.replace(FULL, config=TrainingConfig(label_smoothing=smoothing))
    built = build_chart(chart("probabilities"), snapshot, chart_parts.DEFAULT_OPTIONS)
    assert built is not None
    (level,) = json.loads(built)["layout"]["shapes"]
    assert level["y0"] == level["y1"] == balance
    assert f"{balance:.0%}" in chart("probabilities").help_text


def test_an_unchanged_chart_is_built_once() -> None:
    first = build_chart(chart("speed"), FULL, chart_parts.DEFAULT_OPTIONS)
    assert build_chart(chart("speed"), FULL, chart_parts.DEFAULT_OPTIONS) is first
    assert build_chart(chart("speed"), FULL, ChartOptions(5)) is not first


def test_large_gradient_norms_have_no_exponent() -> None:
    report = step_report(20, generator_gradient_norm=44000.0, discriminator_gradient_norm=0.5)
    gradients, snapshot = chart("gradients"), Snapshot(history=(report,))
    assert gradients.describe(snapshot) == (
        "Gradient norms, step 20: generator 44,000, discriminator 0.50"
    )
    figure = build_chart(gradients, snapshot, chart_parts.DEFAULT_OPTIONS)
    assert figure is not None
    # The "r" of D3: rounded, in decimal notation.
    assert json.loads(figure)["layout"]["yaxis"]["tickformat"] == ",.3~r"


def test_pictures_of_other_things_have_no_chart_of_digits() -> None:
    digits = chart("digits")
    assert digits.applies(FULL)
    assert digits.applies(Snapshot(config=TrainingConfig()))
    assert not digits.applies(Snapshot(config=TrainingConfig(dataset="fashion_mnist")))
