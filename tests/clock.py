"""A fake clock for tests of training."""

from __future__ import annotations

import pytest

from dcgan.model.gan import DCGAN
from dcgan.training import loop
from dcgan.training_step.step_metrics import STEP_METRICS, StepMetrics
from dcgan.training_step.training_images import TrainingImages


class Clock:
    """Replaces the name `time` of a module; its time passes only when a test or a step moves it.

    Attributes:
        now: Seconds on the clock.
        step_seconds: Seconds that a training step takes.
    """

    def __init__(self) -> None:
        self.now = 1000.0
        self.step_seconds = 0.01

    def perf_counter(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def time_training(monkeypatch: pytest.MonkeyPatch, gan: DCGAN) -> Clock:
    """Make training steps the only thing that takes time, and report the end of every epoch."""
    clock = Clock()
    train_steps = gan.train_steps

    def take_time(
        images: TrainingImages, order: object, position: int, num_steps: int
    ) -> StepMetrics:
        clock.now += num_steps * clock.step_seconds
        return train_steps(images, order, position, num_steps)

    monkeypatch.setattr(loop, "time", clock)
    monkeypatch.setattr(gan, "train_steps", take_time)
    # Otherwise epochs of 0.13 seconds, as in most tests, would share reports.
    monkeypatch.setattr(loop, "_EPOCH_SECONDS", 0.0)
    return clock


def count_steps(monkeypatch: pytest.MonkeyPatch, gan: DCGAN, clock: Clock) -> Clock:
    """Make training steps count and take a millisecond on the clock, and learn nothing."""
    clock.step_seconds = 0.001

    def count(images: TrainingImages, order: object, position: int, num_steps: int) -> StepMetrics:
        gan.step += num_steps
        clock.now += num_steps * clock.step_seconds
        means = dict.fromkeys(STEP_METRICS, float(gan.step))
        return StepMetrics(means, 0.5, 0.5, (), ())

    monkeypatch.setattr(gan, "train_steps", count)
    monkeypatch.setattr(loop, "_EPOCH_SECONDS", 3.0)
    return clock
