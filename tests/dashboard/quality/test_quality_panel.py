"""The numbers of quality on the Train page, and their explanations."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.quality import quality_panel
from dashboard.snapshots.snapshot import Snapshot
from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EvaluationReport
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import list_captions, prepare_panel, read_texts, run_page
from tests.races import measure
from tests.reports import step_report

REPORT = EvaluationReport(
    9,
    1,
    5.0,
    1000,
    {"frechet_distance": 1.234, "precision": 0.81, "recall": 0.5},
    {"frechet_distance": 0.07, "precision": 0.9, "recall": 0.8},
)


def render_panel() -> None:
    """Render the panel as a script."""
    import streamlit as st

    from dashboard.quality import quality_panel
    from dcgan.charts.chart_parts import DEFAULT_OPTIONS

    precise = st.session_state.get("precise")
    quality_panel.render(st.session_state["snapshot"], DEFAULT_OPTIONS, precise)


@pytest.fixture
def run(new_run: NewRun) -> Run:
    """Return a run with as many images as MNIST."""
    run = new_run()
    run.dataset = run.dataset.model_copy(update={"num_images": 60_000})
    return run


def show(snapshot: Snapshot) -> AppTest:
    return run_page(prepare_panel(render_panel, snapshot=snapshot))


def test_the_value_of_real_digits_is_below_each_figure() -> None:
    page = show(Snapshot(config=TrainingConfig(), evaluations=(REPORT,)))
    assert [(element.label, element.value, element.delta) for element in page.metric] == [
        ("Distance to real pictures", "1.23", "real 0.07"),
        ("Precision", "81.0%", "real 90.0%"),
        ("Recall", "50.0%", "real 80.0%"),
    ]


def test_a_quick_distance_is_named_and_says_why_compare_may_show_a_smaller_one(run: Run) -> None:
    snapshot = Snapshot(run=run, config=TrainingConfig(), evaluations=(REPORT,))
    quick = (
        "This is the quick distance, measured with 1,000 digits. Compare, and Train after the run, "
        "can measure with 10,000, which gives a smaller distance."
    )
    page = show(snapshot)
    assert page.metric[0].label == "Quick distance to real pictures"
    assert [quick in element.help for element in page.metric] == [True, False, False]
    assert list_captions(page)[0].startswith("Quick measurement with 1,000 digits of step 9.")
    run.dataset = run.dataset.model_copy(update={"num_images": 3000})
    page = show(snapshot)  # 1,500 are hardly more.
    assert quick not in page.metric[0].help
    assert list_captions(page)[0].startswith("1,000 digits of step 9.")


def test_a_figure_without_a_value_of_real_digits_is_shown_alone() -> None:
    asked = replace(REPORT, metrics={**REPORT.metrics, "as_asked": 0.9})
    page = show(Snapshot(config=TrainingConfig(), evaluations=(asked,)))
    assert [(element.value, element.delta) for element in page.metric][-1] == ("90.0%", "")


def test_the_measurement_after_a_stop_is_said_until_it_is_there() -> None:
    measuring = Snapshot(phase="stopped", config=TrainingConfig(), is_measuring=True)
    assert list_captions(show(measuring)) == ["Measuring the last step…"]
    later = replace(measuring, evaluations=(REPORT,), history=(step_report(40),))
    (caption,) = list_captions(show(later))
    assert caption == "Measuring the last step… These are the numbers of step 9."
    (caption,) = list_captions(show(replace(later, is_measuring=False)))
    assert caption.startswith("1,000 digits of step 9.")


def test_before_the_first_epoch_a_sentence_says_when_the_first_values_come() -> None:
    config = TrainingConfig.create(batch_size=100)
    page = show(Snapshot(phase="running", config=config, num_images=60_000))
    assert not page.metric
    (sentence,) = page.caption
    assert sentence.value == "The first values come at the end of epoch 1 (step 600)."


def test_a_run_that_ends_within_its_first_epoch_is_measured_at_its_end() -> None:
    config = TrainingConfig.create(batch_size=100, max_seconds=30.0)
    reports = tuple(step_report(step, images_per_second=1000.0) for step in range(1, 31))
    running = Snapshot(phase="running", config=config, num_images=60_000, history=reports)
    # After 30 steps and 3 seconds, 270 more steps fit into the time limit.
    assert quality_panel.describe_first_measurement(running) == (
        "The first values come when this run ends, before the end of epoch 1."
    )
    longer = replace(running, config=config.replace(max_seconds=60.0))
    assert quality_panel.describe_first_measurement(longer).endswith("(step 600).")


def test_the_first_values_come_at_the_end_of_the_next_epoch_that_is_measured() -> None:
    config = TrainingConfig.create(batch_size=100, evaluate_every=3)
    running = Snapshot(
        phase="running", config=config, num_images=1000, history=(step_report(31, epoch=4),)
    )
    assert quality_panel.describe_first_measurement(running).endswith(
        "the end of epoch 6 (step 60)."
    )
    at_the_end = replace(running, history=(step_report(60, epoch=6),))
    assert "epoch 6 are being measured" in quality_panel.describe_first_measurement(at_the_end)
    ended = replace(running, phase="stopped")
    assert (
        quality_panel.describe_first_measurement(ended)
        == "The run ended before the first measurement."
    )


def test_each_metric_has_the_value_of_real_digits_and_an_explanation() -> None:
    metrics = {"frechet_distance": 1.234, "precision": 0.81, "nearest_distance": 0.1}
    report = EvaluationReport(9, 1, 5.0, 1000, metrics, {"frechet_distance": 0.07, "precision": 1})
    helps = [METRIC_INFO[name].explain("digit") for name in metrics]
    assert quality_panel.explain_metrics(report, "digit").split("\n\n") == [
        f"**Distance to real pictures** 1.23 (real 0.07)  \n{helps[0]}",
        f"**Precision** 81.0% (real 100.0%)  \n{helps[1]}",
        f"**Distance to training pictures** 0.100  \n{helps[2]}",
    ]


@pytest.mark.parametrize(
    ("precision", "recall", "words"),
    [
        (0.6, 0.5, ": clear digits, some odd. Missing digits: 8, 9."),
        (
            0.95,
            0.5,
            ": clear digits, some odd. Missing digits: 8, 9. They look neater than real digits, "
            "but vary less: their recall is lower.",
        ),
        (
            0.92,  # Differs only by chance from the 0.9 of real digits.
            0.78,  # Differs only by chance from the 0.8 of real digits.
            ": clear digits, some odd. Missing digits: 8, 9. They look real about as often as real "
            "digits do, and vary as much (recall).",
        ),
        (0.01, 0.5, ". Hardly any looks like a real digit."),
    ],
)
def test_digits_are_missing_only_where_there_are_some(
    precision: float, recall: float, words: str
) -> None:
    shares = (*[0.125] * 8, 0.0, 0.0)
    metrics = {**REPORT.metrics, "precision": precision, "recall": recall}
    report = replace(REPORT, metrics=metrics, digit_shares=shares)
    page = show(Snapshot(config=TrainingConfig(), evaluations=(report,)))
    assert f"1,000 digits of step {report.step:,}{words}" in list_captions(page)


def test_pictures_that_are_no_digits_are_not_called_digits() -> None:
    config = TrainingConfig.create(dataset="fashion_mnist", batch_size=100)
    page = show(Snapshot(config=config, evaluations=(REPORT,)))
    assert "How real the pictures are" in read_texts(page)
    assert f"1,000 pictures of step {REPORT.step:,}." in list_captions(page)
    measured = Snapshot(
        phase="running", config=config, num_images=1000, history=(step_report(10, epoch=1),)
    )
    assert quality_panel.describe_first_measurement(measured).startswith(
        "The pictures of epoch 1 are being"
    )


def test_a_precise_distance_is_named_below_the_chart_of_the_quick_ones(run: Run) -> None:
    snapshot = Snapshot(run=run, config=run.config, evaluations=(REPORT,))
    page = prepare_panel(render_panel, snapshot=snapshot)
    text = "With 10,000 digits the distance is 0.30: the more digits, the smaller it comes out."
    assert text not in list_captions(run_page(page))[-1]
    page.session_state["precise"] = measure(0.3)
    assert list_captions(page.run())[-1].endswith(text)
