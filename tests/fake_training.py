"""A fake GAN and scripts of its training, for tests of recording."""

from __future__ import annotations

import errno
from collections.abc import Callable, Generator
from typing import NoReturn, Protocol

import numpy as np

from dcgan.config import TrainingConfig
from dcgan.recording.disk_retry import RetryOnDiskError, never_retry
from dcgan.reports import (
    AnyReport,
    SampleReport,
    StepReport,
)
from dcgan.runs.run_folder import Run


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

    def generate(self, z: np.ndarray) -> np.ndarray:
        return np.zeros((len(z), 28, 28, 1), np.uint8)


Script = Callable[[FakeGAN], Generator[AnyReport]]


class Recorded(Protocol):
    """The fixture `recorded`."""

    def __call__(
        self, script: Script, retry: RetryOnDiskError = never_retry
    ) -> tuple[Run, FakeGAN, Generator[AnyReport]]:
        """Record a training that follows a script."""


def step_report(gan: FakeGAN) -> StepReport:
    """Make one step and report it."""
    gan.step, gan.seconds = gan.step + 1, gan.seconds + 0.5
    return StepReport(gan.step, 1, gan.seconds, 1, 0.5, 0.25, 1, 1, 0.5, 0.5, 1, 1, 1000.0)


def sample_report(gan: FakeGAN) -> SampleReport:
    """Report samples of the current step."""
    return SampleReport(gan.step, 1, gan.seconds, np.zeros((6, 28, 28, 1), np.uint8))


def five_steps(gan: FakeGAN) -> Generator[AnyReport]:
    """Train five steps."""
    yield sample_report(gan)
    for _ in range(5):
        yield step_report(gan)


def disk_full(*args: object, **kwargs: object) -> NoReturn:
    """Raise the error of a full disk."""
    raise OSError(errno.ENOSPC, "No space left on device")
