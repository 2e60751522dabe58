"""A fake GAN and scripts of its training, for tests of recording."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.model.class_inputs import Classes
from dcgan.recording.disk_retry import RetryOnDiskError, never_retry
from dcgan.reports import AnyReport, SampleReport, StepReport
from dcgan.runs.run_folder import Run
from tests.reports import step_report


class FakeGAN:
    """Counts steps, has one weight and records its learning rates."""

    def __init__(self) -> None:
        self.step, self.seconds, self.weight = 0, 0.0, 1.0
        self.rates: list[float] = []

    def set_state(self, state: dict[str, np.ndarray]) -> None:
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.weight = float(state["w"][0])

    def change_config(self, config: TrainingConfig) -> None:
        self.rates.append(config.generator_learning_rate)

    def get_state(self) -> dict[str, np.ndarray]:
        return {
            "w": np.array([self.weight]),
            "step": np.array(self.step),
            "seconds": np.array(self.seconds),
        }

    def generate(self, z: np.ndarray, classes: Classes = None) -> np.ndarray:
        return np.zeros((len(z), 28, 28, 1), np.uint8)


Script = Callable[[FakeGAN], Generator[AnyReport]]


class Recorded(Protocol):
    """The fixture `recorded`."""

    def __call__(
        self, script: Script, retry: RetryOnDiskError = never_retry
    ) -> tuple[Run, FakeGAN, Generator[AnyReport]]:
        """Record a training that follows a script."""


def make_step(gan: FakeGAN) -> StepReport:
    """Train one step and report it."""
    gan.step, gan.seconds = gan.step + 1, gan.seconds + 0.5
    return step_report(gan.step, seconds=gan.seconds)


def sample_report(gan: FakeGAN) -> SampleReport:
    """Report samples of the current step."""
    return SampleReport(gan.step, 1, gan.seconds, np.zeros((6, 28, 28, 1), np.uint8))


def five_steps(gan: FakeGAN) -> Generator[AnyReport]:
    """Train five steps."""
    yield sample_report(gan)
    for _ in range(5):
        yield make_step(gan)
