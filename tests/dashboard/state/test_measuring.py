"""The last step of a stopped run is measured after the stop, and delays nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import RunError
from dcgan.recording import evaluations
from dcgan.reports import EvaluationReport
from dcgan.runs.run_folder import Run
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    Gate,
    Script,
    WatchedTrainer,
    stop_training,
)
from tests.fake_training import FakeGAN
from tests.reports import evaluation_report

pytestmark = pytest.mark.usefixtures("no_included_run")


class Measurement:
    """Replaces `add_last_evaluation`: waits at a gate, then reports if that is still wanted."""

    def __init__(self) -> None:
        self.gate = Gate()
        self.error: RunError | None = None
        self.num_started = 0

    def __call__(
        self, run: Run, gan: FakeGAN, dataset: ImageDataset, is_wanted: Callable[[], bool]
    ) -> EvaluationReport | None:
        if not is_wanted():
            return None
        self.num_started += 1
        self.gate()
        if self.error is not None:
            raise self.error
        return evaluation_report(gan.step, 3.0) if is_wanted() else None


@pytest.fixture
def measurement(monkeypatch: pytest.MonkeyPatch) -> Measurement:
    measurement = Measurement()
    monkeypatch.setattr(evaluations, "add_last_evaluation", measurement)
    return measurement


def stop_and_measure(trainer: WatchedTrainer, script: Script, measurement: Measurement) -> None:
    trainer.stop()
    script.advance()
    assert trainer.wait_for("stopped").run is not None
    measurement.gate.wait_until_reached()


@pytest.mark.usefixtures("running")
def test_the_run_is_shown_as_stopped_while_its_last_step_is_measured(
    trainer: WatchedTrainer, script: Script, measurement: Measurement
) -> None:
    stop_and_measure(trainer, script, measurement)
    measuring = trainer.wait_until(lambda snapshot: snapshot.is_measuring)
    assert (measuring.phase, measuring.is_active, measuring.evaluations) == ("stopped", False, ())
    measurement.gate.open()
    assert trainer.join(TIMEOUT)
    measured = trainer.snapshot()
    assert [report.step for report in measured.evaluations] == [20]
    assert not measured.is_measuring


@pytest.mark.usefixtures("running")
def test_a_failed_measurement_leaves_the_stopped_run_as_it_is(
    trainer: WatchedTrainer, script: Script, measurement: Measurement
) -> None:
    measurement.error = RunError("the disk is full.")
    stop_and_measure(trainer, script, measurement)
    measurement.gate.open()
    assert trainer.join(TIMEOUT)
    stopped = trainer.snapshot()
    assert (stopped.phase, stopped.message, stopped.is_measuring) == ("stopped", "", False)


def test_the_next_run_does_not_wait_for_the_measurement_but_cancels_it(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    measurement: Measurement,
    tiny_config: TrainingConfig,
) -> None:
    stop_and_measure(trainer, script, measurement)
    assert trainer.continue_run(running, epochs=1)
    script.advance()
    again = trainer.wait_for_step(30)
    assert (again.phase, again.is_measuring) == ("running", False)
    measurement.gate.open()
    stop_training(trainer, script)
    assert measurement.num_started == 2  # The second one follows the second stop.
    assert [report.step for report in trainer.snapshot().evaluations] == [40]


@pytest.mark.usefixtures("running")
def test_a_measurement_that_is_skipped_is_no_longer_shown(
    trainer: WatchedTrainer, script: Script, measurement: Measurement
) -> None:
    stop_and_measure(trainer, script, measurement)
    trainer.skip_measuring()
    assert not trainer.snapshot().is_measuring  # Although the measurement has not ended.
    measurement.gate.open()
    assert trainer.join(TIMEOUT)
    assert trainer.snapshot().evaluations == ()


@pytest.mark.usefixtures("running")
def test_a_measurement_continues_if_the_system_refuses_the_thread_of_the_next_run(
    trainer: WatchedTrainer,
    script: Script,
    measurement: Measurement,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    stop_and_measure(trainer, script, measurement)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            trainer.start(tiny_config)
    measurement.gate.open()
    assert trainer.join(TIMEOUT)
    measured = trainer.snapshot()
    assert [report.step for report in measured.evaluations] == [20]
    assert not measured.is_measuring


@pytest.mark.usefixtures("running")
def test_a_server_that_ends_measures_nothing(
    trainer: WatchedTrainer, script: Script, measurement: Measurement
) -> None:
    trainer.pause()
    script.advance()
    trainer.wait_for("paused")
    trainer.shut_down()
    assert trainer.snapshot().phase == "stopped"
    assert measurement.num_started == 0


@pytest.mark.usefixtures("running")
def test_a_run_that_gives_way_to_another_is_not_measured(
    trainer: WatchedTrainer, script: Script, measurement: Measurement
) -> None:
    trainer.skip_measuring()
    stop_training(trainer, script)
    assert measurement.num_started == 0


@pytest.mark.usefixtures("running")
def test_a_finished_run_is_not_measured_again(
    trainer: WatchedTrainer, script: Script, measurement: Measurement
) -> None:
    script.finish()
    trainer.wait_for("finished")
    assert trainer.join(TIMEOUT)
    assert measurement.num_started == 0
