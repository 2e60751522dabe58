"""add_evaluations: when a training is evaluated, and the time that this takes.

The clock moves only with training and evaluations, so nothing depends on the machine's speed.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError, InUseError
from dcgan.evaluation import evaluator
from dcgan.evaluation.metric_info import METRIC_INFO, Evaluation
from dcgan.evaluation.metrics import Estimate
from dcgan.model.gan import DCGAN
from dcgan.recording import evaluations
from dcgan.recording.evaluations import add_evaluations, add_last_evaluation
from dcgan.reports import AnyReport, EpochReport, EvaluationReport
from dcgan.runs.run_folder import Run, open_run
from dcgan.training.loop import train
from tests.clock import Clock, count_steps, time_training
from tests.tiny_sizes import STEPS_PER_EPOCH


class SlowEvaluator:
    """Replaces `evaluation.Evaluator`: takes `seconds` on the clock and returns fixed metrics."""

    clock: Clock
    seconds = 0.0

    def __init__(self, dataset: ImageDataset, num_images: int) -> None:
        assert num_images == 1000
        self.num_images = 100
        self.real_evaluation = Evaluation(100, {name: Estimate(0.5) for name in METRIC_INFO})

    def evaluate(self, pixels: np.ndarray, classes: np.ndarray | None) -> Evaluation:
        assert pixels.shape == (100, 28, 28, 1)
        self.clock.now += self.seconds
        return Evaluation(100, {name: Estimate(0.75) for name in METRIC_INFO}, (0.1,) * 10)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, traced_gan: DCGAN) -> Clock:
    clock = time_training(monkeypatch, traced_gan)
    monkeypatch.setattr(evaluations, "time", clock)
    return clock


@pytest.fixture
def slow_evaluator(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> type[SlowEvaluator]:
    monkeypatch.setattr(SlowEvaluator, "clock", clock, raising=False)
    monkeypatch.setattr(evaluator, "Evaluator", SlowEvaluator)
    return SlowEvaluator


def train_with_evaluations(
    gan: DCGAN, dataset: ImageDataset, config: TrainingConfig
) -> list[AnyReport]:
    return list(add_evaluations(train(gan, dataset, config), gan, dataset, config))


def select_evaluations(reports: list[AnyReport]) -> list[EvaluationReport]:
    return [report for report in reports if isinstance(report, EvaluationReport)]


@pytest.mark.parametrize(("every", "epochs"), [(0, []), (1, [1, 2, 3]), (2, [2, 3])])
def test_every_nth_epoch_and_the_last_are_evaluated_right_after_their_reports(
    gan: DCGAN,
    slow_evaluator: type[SlowEvaluator],
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
    every: int,
    epochs: list[int],
) -> None:
    config = tiny_config.replace(evaluate_every=every, epochs=3)
    reports = train_with_evaluations(gan, tiny_dataset, config)
    found = select_evaluations(reports)
    assert [report.epoch for report in found] == epochs
    for report in found:
        assert isinstance(reports[reports.index(report) - 1], EpochReport)
        assert report.step == report.epoch * STEPS_PER_EPOCH
        assert report.num_images == 100
        assert report.metrics == dict.fromkeys(METRIC_INFO, 0.75)
        assert report.real_metrics == dict.fromkeys(METRIC_INFO, 0.5)
        assert report.digit_shares == (0.1,) * 10


def test_evaluations_take_a_small_share_of_training(
    gan: DCGAN,
    clock: Clock,
    slow_evaluator: type[SlowEvaluator],
    monkeypatch: pytest.MonkeyPatch,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    clock.step_seconds = 0.1  # An epoch takes 1.3 s.
    monkeypatch.setattr(slow_evaluator, "seconds", 0.1)
    config = tiny_config.replace(evaluate_every=1, epochs=9)
    found = select_evaluations(train_with_evaluations(gan, tiny_dataset, config))
    # Evaluations may take 3 % of the time. 0.1 s are 3 % of 3.33 s, or of 3 epochs.
    # The last epoch is measured in any case, after the end of the training time.
    assert [report.epoch for report in found] == [1, 4, 7, 9]
    assert found[-1].seconds == gan.seconds
    assert gan.seconds == pytest.approx(9 * 1.3 + 3 * 0.1)


def test_a_run_that_ends_within_an_epoch_is_measured_at_its_last_step_once(
    gan: DCGAN,
    clock: Clock,
    slow_evaluator: type[SlowEvaluator],
    monkeypatch: pytest.MonkeyPatch,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    clock.step_seconds = 0.1  # An epoch takes 1.3 s.
    monkeypatch.setattr(slow_evaluator, "seconds", 0.1)
    config = tiny_config.replace(evaluate_every=1, epochs=None, max_seconds=2.0)
    (first, last) = select_evaluations(train_with_evaluations(gan, tiny_dataset, config))
    assert (first.epoch, last.epoch, last.step) == (1, 2, gan.step)
    assert STEPS_PER_EPOCH < last.step < 2 * STEPS_PER_EPOCH
    assert gan.seconds == pytest.approx(2.0, abs=0.11)
    resumed = train(gan, tiny_dataset, config)
    again = add_evaluations(resumed, gan, tiny_dataset, config, last_evaluated=gan.step)
    assert select_evaluations(list(again)) == []


def test_short_epochs_are_evaluated_when_the_requested_number_has_passed(
    gan: DCGAN,
    clock: Clock,
    slow_evaluator: type[SlowEvaluator],
    monkeypatch: pytest.MonkeyPatch,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    count_steps(monkeypatch, gan, clock)
    # At least 64 epochs of 13 steps share a report, so few reports are of a multiple of 1,000.
    config = tiny_config.replace(epochs=4000, evaluate_every=1000)
    found = select_evaluations(train_with_evaluations(gan, tiny_dataset, config))
    assert [report.epoch // 1000 for report in found] == [1, 2, 3, 4]
    assert found[-1].epoch == 4000


def test_a_data_set_too_small_to_evaluate_is_trained_on(
    gan: DCGAN,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
) -> None:
    count_steps(monkeypatch, gan, clock)
    few = dataclasses.replace(tiny_dataset, pixels=tiny_dataset.pixels[:30])
    reports = train_with_evaluations(gan, few, tiny_config.replace(evaluate_every=1))
    assert select_evaluations(reports) == []
    assert isinstance(reports[-1], EpochReport)


@pytest.mark.parametrize(
    "error",
    [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")],
)
def test_an_evaluation_that_does_not_fit_into_memory_is_named(
    gan: DCGAN,
    slow_evaluator: type[SlowEvaluator],
    monkeypatch: pytest.MonkeyPatch,
    tiny_dataset: ImageDataset,
    tiny_config: TrainingConfig,
    error: Exception,
) -> None:
    def fail(*arguments: object) -> NoReturn:
        raise error

    monkeypatch.setattr(slow_evaluator, "evaluate", fail)
    message = "^evaluate_every: the measurement in epoch 1 does not fit into memory"
    with pytest.raises(ConfigError, match=message):
        train_with_evaluations(gan, tiny_dataset, tiny_config.replace(evaluate_every=1))


def test_closing_the_iterator_closes_the_training(
    gan: DCGAN, clock: Clock, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    reports = train(gan, tiny_dataset, tiny_config)
    evaluated = add_evaluations(reports, gan, tiny_dataset, tiny_config)
    next(evaluated)
    evaluated.close()
    assert list(reports) == []
    assert gan.step == 0


@pytest.fixture
def stopped(
    gan: DCGAN, tiny_dataset: ImageDataset, tiny_config: TrainingConfig, tmp_path: Path
) -> Run:
    """Return a run that was stopped at step 20, with evaluations turned on."""
    config = tiny_config.replace(evaluate_every=1)
    run = Run.create(config, tiny_dataset, path=tmp_path / "stopped")
    gan.step, gan.seconds = 20, 5.0
    run.save_checkpoint(gan.get_state())
    run.lock.release()
    return run


@pytest.mark.usefixtures("slow_evaluator")
def test_the_last_step_of_a_stopped_run_is_evaluated_once_and_at_no_training_time(
    stopped: Run, gan: DCGAN, tiny_dataset: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SlowEvaluator, "seconds", 3.0)
    report = add_last_evaluation(stopped, gan, tiny_dataset, lambda: True)
    assert report is not None
    assert (report.step, report.epoch, report.seconds, gan.seconds) == (20, 2, 5.0, 5.0)
    assert stopped.history.read_evaluations() == [report]
    assert not stopped.lock.is_held()
    assert add_last_evaluation(stopped, gan, tiny_dataset, lambda: True) is None
    assert stopped.history.read_evaluations() == [report]


@pytest.mark.usefixtures("slow_evaluator")
@pytest.mark.parametrize("num_answers", [0, 1, 2])
def test_an_evaluation_that_is_in_the_way_is_given_up(
    stopped: Run, gan: DCGAN, tiny_dataset: ImageDataset, num_answers: int
) -> None:
    answers = iter([True] * num_answers)
    assert add_last_evaluation(stopped, gan, tiny_dataset, lambda: next(answers, False)) is None
    assert stopped.history.read_evaluations() == []


@pytest.mark.usefixtures("slow_evaluator")
def test_a_run_that_has_trained_on_meanwhile_gets_no_evaluation_of_an_earlier_step(
    stopped: Run, gan: DCGAN, tiny_dataset: ImageDataset
) -> None:
    other = open_run(stopped.path)  # As another process opens it.
    other.acquire_lock()
    with pytest.raises(InUseError):
        add_last_evaluation(stopped, gan, tiny_dataset, lambda: True)
    other.save_checkpoint({**gan.get_state(), "step": np.array(30)})
    other.lock.release()
    assert add_last_evaluation(stopped, gan, tiny_dataset, lambda: True) is None
    assert stopped.history.read_evaluations() == []


@pytest.mark.usefixtures("slow_evaluator")
def test_a_run_without_evaluations_gets_none_after_a_stop(
    stopped: Run, gan: DCGAN, tiny_dataset: ImageDataset, tiny_config: TrainingConfig
) -> None:
    stopped.config = tiny_config
    assert add_last_evaluation(stopped, gan, tiny_dataset, lambda: True) is None
