"""The precise distance of an ended run, where its quick distance tells no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.process.run_measurements import RunMeasurements
from dashboard.snapshots.snapshot import Phase, Snapshot
from dcgan.comparison.kept_measurement import write_measurement
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import change_race, create_race
from tests.dashboard.rendering import (
    list_buttons,
    list_captions,
    prepare_panel,
    press,
    read_error,
    run_page,
)
from tests.healthy_run import evaluation
from tests.races import TIME, make_race, measure
from tests.reports import step_report

BUTTON = "Measure with 10,000 digits"
MEASURED = (
    "Distance to real digits, measured with 10,000: 0.30 (clear digits, few odd; real ones 0.07)."
)


def render_panel() -> None:
    """Render the precise distance of the session's snapshot, and what measures it."""
    import streamlit as st

    from dashboard.train import precise_distance

    snapshot = st.session_state["snapshot"]
    precise_distance.render(snapshot)
    precise_distance.render_request(snapshot)


@pytest.fixture
def run(tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    run = Run.create(TrainingConfig(dataset="mnist"), tiny_dataset, path=tmp_path / "first")
    run.dataset = run.dataset.model_copy(update={"num_images": 60_000})
    run.lock.release()
    return run


@pytest.fixture
def measurements(monkeypatch: pytest.MonkeyPatch) -> RunMeasurements:
    """Return measurements that find a distance of 0.30 after step 938."""
    found = RunMeasurements(lambda: lambda run, report: measure(0.3, step=938))
    monkeypatch.setattr("dashboard.train.precise_distance.get_run_measurements", lambda: found)
    return found


def show_distance(run: Run, *, quick: float = 0.9, phase: Phase = "finished") -> AppTest:
    """Show a run of 938 steps with this quick distance; real digits have 0.80."""
    snapshot = Snapshot(
        phase=phase,
        run=run,
        config=run.config,
        history=(step_report(938),),
        evaluations=(evaluation(938, quick),),
    )
    return run_page(prepare_panel(render_panel, snapshot=snapshot))


def test_one_click_measures_the_ended_run_and_the_result_is_kept(
    run: Run, measurements: RunMeasurements
) -> None:
    page = show_distance(run)
    assert list_buttons(page) == [BUTTON]
    press(page, BUTTON)
    measurements.join()
    for again in (run_page(page), show_distance(run)):
        assert list_captions(again) == [MEASURED]
        assert list_buttons(again) == []


@pytest.mark.parametrize(("quick", "phase"), [(1.1, "finished"), (0.9, "running")])
def test_a_quick_distance_that_still_tells_enough_needs_no_other(
    run: Run, measurements: RunMeasurements, quick: float, phase: Phase
) -> None:
    page = show_distance(run, quick=quick, phase=phase)
    assert (list_buttons(page), list_captions(page)) == ([], [])


def test_a_run_that_has_trained_on_can_be_measured_again(
    run: Run, measurements: RunMeasurements
) -> None:
    write_measurement(run, measure(0.4, step=500))
    page = show_distance(run)
    assert (list_buttons(page), list_captions(page)) == ([BUTTON], [])


def test_a_run_that_its_race_has_measured_is_not_measured_again(
    run: Run, measurements: RunMeasurements
) -> None:
    race = create_race(run.path.parent, make_race(1), TIME)
    change_race(run.path.parent, race.name, 0, folder=run.name)
    assert list_buttons(show_distance(run)) == [BUTTON]
    change_race(run.path.parent, race.name, 0, measurement=measure(0.3, step=938))
    page = show_distance(run)
    assert not list_buttons(page)
    assert MEASURED in list_captions(page)


def test_a_failed_measurement_says_why_and_can_be_repeated(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(run: Run, report: Callable[[float], None]) -> RunMeasurement:
        raise RunError("Its checkpoint is damaged.")

    found = RunMeasurements(lambda: fail)
    monkeypatch.setattr("dashboard.train.precise_distance.get_run_measurements", lambda: found)
    found.start([run])
    found.join()
    page = show_distance(run)
    assert read_error(page) == "Its checkpoint is damaged."
    assert list_buttons(page) == [BUTTON]
