"""Runs that end when they stop improving, and their continuation."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import cast

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError
from dcgan.model.gan import DCGAN
from dcgan.recording import recorder
from dcgan.recording.changes import change_settings
from dcgan.recording.recorder import record
from dcgan.recording.start import start_run
from dcgan.reports import AnyReport, EvaluationReport, EventReport
from dcgan.runs.copying import is_finished
from dcgan.runs.run_folder import Run
from tests.fake_training import FakeGAN, Recorded, Script, train_step

pytestmark = pytest.mark.usefixtures("no_included_run", "scripted_evaluations")

NUM_EVALUATIONS = 100  # In an hour; a run that stops improving ends long before.


@pytest.fixture
def scripted_evaluations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave all evaluations to the script of a test, whose steps are few and count at once."""
    monkeypatch.setattr(recorder, "add_evaluations", lambda reports, *_, **__: reports)
    monkeypatch.setattr(recorder, "WARM_UP_STEPS", 0)


def train_with(distance: Callable[[float], float]) -> Script:
    """Train with an evaluation every 36 seconds, of a distance that depends on the time."""

    def script(gan: FakeGAN) -> Generator[AnyReport]:
        for _ in range(NUM_EVALUATIONS):
            gan.seconds += 35.5
            yield train_step(gan)
            metrics = {"frechet_distance": distance(gan.seconds), "precision": 1.0, "recall": 1.0}
            yield EvaluationReport(gan.step, 1, gan.seconds, 100, metrics, metrics)

    return script


def start_until_converged(
    recorded: Recorded, script: Script
) -> tuple[Run, FakeGAN, Generator[AnyReport]]:
    run, gan, reports = recorded(script)
    run.change_config(run.config.replace(until_converged=True, evaluate_every=1))
    return run, gan, reports


def test_a_run_that_stops_improving_is_finished_with_the_reason(recorded: Recorded) -> None:
    run, gan, reports = start_until_converged(recorded, train_with(lambda _: 5.0))
    end = list(reports)[-1]
    assert isinstance(end, EventReport)
    # The first time at which two waits, each a third of it, have eight evaluations.
    assert (end.event, end.step, end.seconds) == ("converged", gan.step, 396.0)
    assert end.text.startswith("Stopped improving: hardly any gain in the last 2 min.")
    assert run.history.read_events() == [end]
    status = run.read_status()
    assert (status.state, status.step) == ("finished", gan.step)
    assert run.checkpoints.find_newest() == gan.step
    assert is_finished(run, gan.step, gan.seconds)
    assert not is_finished(run, gan.step - 1, gan.seconds)


def test_the_steps_before_the_first_verdict_do_not_count(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "WARM_UP_STEPS", 30)
    _, _, reports = start_until_converged(recorded, train_with(lambda _: 5.0))
    assert list(reports)[-1].step >= 38  # Eight evaluations after step 30.


def test_a_run_that_goes_on_improving_trains_to_its_planned_end(recorded: Recorded) -> None:
    run, gan, reports = start_until_converged(recorded, train_with(lambda seconds: 500 / seconds))
    assert len(list(reports)) == 2 * NUM_EVALUATIONS
    assert gan.step == NUM_EVALUATIONS
    assert run.history.read_events() == []


def test_without_the_setting_a_level_distance_ends_no_run(recorded: Recorded) -> None:
    _, gan, reports = recorded(train_with(lambda _: 5.0))
    assert len(list(reports)) == 2 * NUM_EVALUATIONS
    assert gan.step == NUM_EVALUATIONS


def test_a_continued_run_does_not_end_at_its_next_evaluation(
    recorded: Recorded, tiny_dataset: ImageDataset
) -> None:
    run, gan, reports = start_until_converged(recorded, train_with(lambda _: 5.0))
    list(reports)
    first_end = gan.seconds
    run.acquire_lock()
    again = list(record(run, cast("DCGAN", gan), tiny_dataset))
    assert isinstance(again[-1], EventReport)
    ends = [event.seconds for event in run.history.read_events()]
    assert ends == [first_end, gan.seconds]
    # There are eight new evaluations, and the first is a third of the training time old.
    assert (first_end, gan.seconds) == (396.0, 684.0)


def test_evaluations_from_before_a_change_do_not_count(recorded: Recorded) -> None:
    run, gan, reports = start_until_converged(recorded, train_with(lambda _: 5.0))
    for report in reports:
        if report.step == 7:
            change_settings(run, cast("DCGAN", gan), {"generator_learning_rate": 0.001})
    events = run.history.read_events()
    assert [event.event for event in events] == ["changed", "converged"]
    assert events[1].step - events[0].step >= 8


def test_a_change_just_before_the_end_lets_the_run_go_on(recorded: Recorded) -> None:
    run, gan, reports = start_until_converged(recorded, train_with(lambda _: 5.0))
    for report in reports:
        if isinstance(report, EventReport) and len(run.history.read_events()) == 1:
            change_settings(run, cast("DCGAN", gan), {"generator_learning_rate": 0.001})
    assert [event.event for event in run.history.read_events()] == [
        "converged",
        "changed",
        "converged",
    ]
    assert run.read_status().state == "finished"


def test_too_few_pictures_for_an_evaluation_are_refused_at_the_start(
    config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.recording.evaluations.MIN_EVALUATED", 101)
    with pytest.raises(ConfigError) as caught:
        start_run(config.replace(until_converged=True, evaluate_every=1))
    assert str(caught.value) == (
        "until_converged: 200 pictures are too few to measure whether the run still improves; "
        "expected 202 or more. Turn it off, or add pictures."
    )
