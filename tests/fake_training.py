"""A fake GAN and scripts of its training, for tests of recording and of the trainer."""

from __future__ import annotations

from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Protocol

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.networks.class_inputs import ClassChoice
from dcgan.recording.disk_retry import DiskRetryPolicy, give_up_at_once
from dcgan.reports import AnyReport, SampleReport, StepReport
from dcgan.runs.run_folder import Run
from tests.reports import step_report


class FakeGenerator:
    """A generator with one weight."""

    def __init__(self) -> None:
        self.weight = 1.0

    def get_weights(self) -> list[np.ndarray]:
        return [np.array([self.weight])]


class FakeGAN:
    """Replaces a `DCGAN`: it counts steps, and its state is one weight.

    Attributes:
        step: Training steps done.
        seconds: Seconds of training.
        learning_rates: The generator's learning rate after each change of the settings.
        num_state_copies: Number of calls of `get_state`.
    """

    def __init__(self, config: TrainingConfig | None = None, strategy: object = None) -> None:
        self.step, self.seconds = 0, 0.0
        self.ema_generator = FakeGenerator()
        self.discriminator = SimpleNamespace(variables=[np.zeros(1)])
        self.learning_rates: list[float] = []
        self.num_state_copies = 0

    def get_state(self) -> dict[str, np.ndarray]:
        self.num_state_copies += 1
        return {
            "w": np.array([self.ema_generator.weight]),
            "step": np.array(self.step),
            "seconds": np.array(self.seconds),
        }

    def set_state(self, state: dict[str, np.ndarray]) -> None:
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.ema_generator.weight = float(state["w"][0])

    def change_config(self, config: TrainingConfig) -> None:
        self.learning_rates.append(config.generator_learning_rate)

    def generate(self, z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
        return np.zeros((len(z), 28, 28, 1), np.uint8)


Script = Callable[[FakeGAN], Generator[AnyReport]]


class Recorded(Protocol):
    """The fixture `recorded`."""

    def __call__(
        self, script: Script, retry: DiskRetryPolicy = give_up_at_once
    ) -> tuple[Run, FakeGAN, Generator[AnyReport]]:
        """Record a training that follows a script."""


def train_step(gan: FakeGAN) -> StepReport:
    """Train one step and report it."""
    gan.step, gan.seconds = gan.step + 1, gan.seconds + 0.5
    return step_report(gan.step, seconds=gan.seconds)


def report_samples(gan: FakeGAN) -> SampleReport:
    """Report samples of the current step."""
    return SampleReport(gan.step, 1, gan.seconds, np.zeros((6, 28, 28, 1), np.uint8))


def train_five_steps(gan: FakeGAN) -> Generator[AnyReport]:
    """Train five steps."""
    yield report_samples(gan)
    for _ in range(5):
        yield train_step(gan)
