"""The button that measures the compared runs with 10,000 digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import permissions
from dashboard.access.rules import Role
from dashboard.process.run_measurements import MeasuringProgress, RunMeasurements
from dcgan.comparison.kept_measurement import read_measurement, write_measurement
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun, PretendToTrain
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import (
    list_buttons,
    list_primary_buttons,
    prepare_page,
    press,
    read_error,
    read_texts,
    remove_escapes,
    run_page,
)
from tests.races import measure
from tests.reports import evaluation_report, step_report

pytestmark = pytest.mark.usefixtures("no_included_run")

BUTTON = "Measure with 10,000 digits"
DISTANCES = {"near": 0.3, "far": 0.9}


@pytest.fixture
def measurements(monkeypatch: pytest.MonkeyPatch) -> RunMeasurements:
    """Return measurements that know the distances of two runs."""

    def measure_run(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        if run.name not in DISTANCES:
            raise RunError("Its checkpoint is damaged.")
        return measure(DISTANCES[run.name], step=26)

    found = RunMeasurements(lambda: measure_run)
    monkeypatch.setattr("dashboard.compare.measuring_panel.get_run_measurements", lambda: found)
    return found


@pytest.fixture
def runs(new_run: NewRun, measurements: RunMeasurements) -> dict[str, Run]:
    """Return two runs of MNIST with quick distances in the other order, by name."""
    runs = {}
    for name, distance in (("near", 5.5), ("far", 5.0)):
        run = runs[name] = new_run(name, dataset="mnist")
        run.dataset = run.dataset.model_copy(update={"num_images": 60_000})
        with run.lock.held():
            run.change_config(run.config)
            run.write(evaluation_report(26, distance))
    return runs


def open_page(*names: str) -> AppTest:
    page = prepare_page("compare")
    page.session_state["compare_runs"] = list(names)
    return run_page(page)


def read_headline(page: AppTest) -> str:
    return remove_escapes(page.subheader[0].value)


def test_one_click_measures_the_runs_and_the_whole_page_uses_the_results(
    runs: dict[str, Run], measurements: RunMeasurements
) -> None:
    page = open_page("far", "near")
    assert read_headline(page) == (
        "Not decided: “far” and “near” are too near to real digits for a quick distance."
    )
    assert "Quick distance **5.00**" in read_texts(page)
    assert "**Next**: A measurement with 10,000 digits can decide. Takes up to 2 minutes." in (
        read_texts(page)
    )
    assert list_primary_buttons(page) == [BUTTON]
    press(page, BUTTON)
    measurements.join()
    for again in (page, open_page("far", "near")):  # The same tab and another one.
        run_page(again)
        assert read_headline(again) == (
            "“near” is nearer to real digits, very likely not by chance."
        )
        assert BUTTON not in list_buttons(again)
        texts = read_texts(again)
        assert "Distance to real digits **0.30**" in texts
        assert "Quick distance" not in texts
        label, far, near = again.table[0].value.iloc[0]
        assert remove_escapes(label) == "Distance to real digits (two sets of real digits: 0.07)"
        assert any(  # Once below the table, for recall and precision too.
            text.value.startswith("Measured with 10,000 digits now. Quick values, of 1,000,")
            for text in again.caption
        )
        assert (far, "0\\.30" in near) == ("0\\.90", True)
        assert "Lowest" not in str(again.table[0].value)


def test_a_run_that_has_trained_on_is_measured_again(
    runs: dict[str, Run], measurements: RunMeasurements
) -> None:
    write_measurement(runs["near"], measure(0.4, step=20))
    write_measurement(runs["far"], measure(0.9, step=26))
    page = open_page("far", "near")
    assert "Quick distance" in read_texts(page)
    assert (
        "With 10,000 digits: “far” 0.90. With 10,000 digits, before further training: “near” 0.40 "
        "at step 20." in read_texts(page)
    )
    press(page, BUTTON)
    measurements.join()
    assert "is nearer to real digits" in read_headline(run_page(page))
    assert "Distance to real digits **0.30**" in read_texts(page)
    measured = read_measurement(runs["near"])
    assert measured is not None
    assert measured.step == 26


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("near", "Measuring “near” with 10,000 digits: run 1 of 2"),
        # Another tab has asked for it first.
        ("faces", "Measuring “faces” with 2,500 pictures: run 1 of 2"),
    ],
)
def test_while_a_run_is_measured_the_page_shows_the_progress(
    name: str,
    text: str,
    runs: dict[str, Run],
    measurements: RunMeasurements,
    new_run: NewRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs["faces"] = new_run("faces", dataset="/pictures/faces")
    runs["faces"].dataset = runs["faces"].dataset.model_copy(update={"num_images": 5000})
    runs["faces"].write_label("faces", "")
    progress = MeasuringProgress(runs[name], 0, 2, 0.5)
    monkeypatch.setattr(measurements, "get_progress", lambda runs: progress)
    page = open_page("far", "near")
    assert BUTTON not in list_buttons(page)
    (bar,) = page.get("progress")
    assert bar.proto.value == 25
    assert remove_escapes(bar.proto.text) == text


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (
            (0, 2, 0.2),
            "Preparing: measuring as many real digits; then “near” with 10,000 digits, run 1 of 2",
        ),
        (
            (1, 4, 0.5, False, 14.0),
            "Measuring “near” with 10,000 digits: run 2 of 4, about 15 s left",
        ),
    ],
)
def test_the_progress_names_the_preparation_and_the_time_left(
    progress: tuple[int, int, float],
    text: str,
    runs: dict[str, Run],
    measurements: RunMeasurements,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = MeasuringProgress(runs["near"], *progress)
    monkeypatch.setattr(measurements, "get_progress", lambda runs: shown)
    (bar,) = open_page("far", "near").get("progress")
    assert remove_escapes(bar.proto.text).replace("\N{NO-BREAK SPACE}", " ") == text


def test_any_tab_can_cancel_the_measurements(
    runs: dict[str, Run], measurements: RunMeasurements, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = [MeasuringProgress(runs["near"], 0, 2, 0.5)]
    monkeypatch.setattr(measurements, "get_progress", lambda runs: progress[0])
    monkeypatch.setattr(
        measurements, "cancel", lambda: progress.insert(0, replace(progress[0], is_cancelled=True))
    )
    other_tab = open_page("far", "near")
    page = press(open_page("far", "near"), "Cancel")
    for tab in (page, run_page(other_tab)):
        (bar,) = tab.get("progress")
        text = remove_escapes(bar.proto.text)
        assert text == "Cancelled; the measurement of “near” ends"
        assert tab.button(key="cancel-measuring").disabled


def test_a_failure_is_shown_and_the_button_stays(
    runs: dict[str, Run], measurements: RunMeasurements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(DISTANCES, "near")
    page = open_page("far", "near")
    press(page, BUTTON)
    measurements.join()
    run_page(page)
    assert read_error(page) == "“near”: Its checkpoint is damaged."
    assert "Quick distance" in read_texts(page)
    assert BUTTON in list_buttons(page)


def test_a_run_in_training_is_measured_when_it_has_ended(
    runs: dict[str, Run], trainer: PosedTrainer, pretend_to_train: PretendToTrain
) -> None:
    pretend_to_train(runs["near"])
    trainer.live.add(runs["near"], step_report(5), keeps_message=False)
    page = open_page("far", "near")
    assert BUTTON not in list_buttons(page)
    assert "“near” can be measured with 10,000 digits when it no longer trains." in read_texts(page)


def test_the_button_warns_that_measuring_slows_a_run_in_training_down(
    runs: dict[str, Run],
    new_run: NewRun,
    trainer: PosedTrainer,
    pretend_to_train: PretendToTrain,
) -> None:
    other = new_run("other")
    pretend_to_train(other)
    trainer.live.add(other, step_report(5), keeps_message=False)
    slow = "A run trains now, and measuring slows it down."
    page = open_page("far", "near")
    assert (list_primary_buttons(page), slow in read_texts(page)) == ([BUTTON], True)
    page = open_page("far", "near", "other")  # The next step is to wait.
    assert "“other” still trains" in read_texts(page)
    assert (list_primary_buttons(page), slow in read_texts(page)) == ([], True)
    assert BUTTON in list_buttons(page)
    assert "Takes up to " in read_texts(page)  # Before the click, beside the quiet button too.


def test_the_last_duration_makes_the_next_estimate(
    runs: dict[str, Run], measurements: RunMeasurements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunMeasurements, "seconds_per_run", 25.0)
    assert "Takes about 1 min." in read_texts(open_page("far", "near"))


def test_a_new_run_does_not_join_while_the_shown_ones_are_measured(
    runs: dict[str, Run], new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = run_page(prepare_page("compare"))
    chosen = page.session_state["compare_runs"]
    progress = MeasuringProgress(runs["near"], 0, 2, 0.5)
    monkeypatch.setattr(RunMeasurements, "get_progress", lambda self, asked: progress)
    new = new_run("new", dataset="mnist")
    with new.lock.held():
        new.write(evaluation_report(26, 2.0))
    assert run_page(page).session_state["compare_runs"] == chosen


def test_a_run_that_joins_two_measured_ones_is_shown_and_not_ranked(
    runs: dict[str, Run], new_run: NewRun, measurements: RunMeasurements
) -> None:
    for name, distance in DISTANCES.items():
        write_measurement(runs[name], measure(distance, step=26))
    new = new_run("new", dataset="mnist")
    new.dataset = new.dataset.model_copy(update={"num_images": 60_000})
    with new.lock.held():
        new.change_config(new.config)
        new.write(evaluation_report(26, 2.0))
    page = open_page("new", "far", "near")
    headline = "“near” (0.30) is nearer to real digits than “far” (0.90). Not ranked: “new”"
    assert read_headline(page) == "“near” is nearer to real digits, very likely not by chance."
    texts = read_texts(page)
    assert headline[:-1] in remove_escapes(texts)  # All the runs, below the heading.
    assert "Distance to real digits **0.30**" in texts
    assert "Quick distance **2.00** :gray-badge[not ranked]" in texts
    assert "which has only a quick distance." in texts  # Below the dots.
    assert BUTTON in list_buttons(page)


def test_watchers_see_the_measurements_without_the_button(
    runs: dict[str, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "get_role", lambda: Role.WATCHER)
    write_measurement(runs["near"], measure(0.3, step=26))
    page = open_page("far", "near")
    assert BUTTON not in list_buttons(page)
    assert "With 10,000 digits: “near” 0.30." in read_texts(page)


def test_runs_of_few_pictures_have_no_button_because_both_measurements_are_the_same(
    new_run: NewRun, measurements: RunMeasurements
) -> None:
    run = new_run("one")  # Of 200 pictures.
    with run.lock.held():
        run.write(replace(evaluation_report(26, 5.0), num_images=100))
    page = open_page("one")
    assert read_headline(page) == "“one”: distance to real digits 5.00."
    assert not [label for label in list_buttons(page) if label.startswith("Measure with")]
