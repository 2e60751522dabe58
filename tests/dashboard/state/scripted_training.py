"""A trainer whose training follows a script: the test decides when the next chunk ends.

Every wait is for a change of the trainer's state.
"""

from __future__ import annotations

import math
import os
import queue
import sys
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.snapshots.live_snapshot import LiveSnapshot
from dashboard.snapshots.snapshot import Phase, Snapshot
from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.networks.class_inputs import ClassChoice
from dcgan.reports import AnyReport, SampleReport
from dcgan.runs.run_folder import Run
from tests.fake_training import FakeGAN
from tests.reports import step_report

TIMEOUT = 60.0  # Seconds; reached only by a failure.
UNEXPECTED = "Training ended with an unexpected error; the server's log has the details."


class FakeSampler:
    """Generates images of its weight after waiting for `may_draw`."""

    may_draw = threading.Event()
    is_drawing = threading.Event()

    def __init__(self, config: TrainingConfig) -> None:
        self.config = config
        self.weight = math.nan

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weight = float(weights[0][0])

    def generate(self, z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
        self.is_drawing.set()
        assert self.may_draw.wait(TIMEOUT)
        return np.full((len(z), 28, 28, 1), self.weight)


class Script:
    """Replaces `training.train`, and does what the test requests next.

    Attributes:
        gan: The networks in training.
        priority: Niceness of the training thread.
    """

    gan: FakeGAN
    priority: int

    def __init__(self) -> None:
        self._moves: queue.Queue[Exception | None] = queue.Queue()
        self._is_idle = threading.Event()

    def advance(self) -> None:
        """Train one chunk."""
        self._is_idle.clear()
        self._moves.put(None)

    def wait_until_idle(self) -> None:
        """Wait until the trainer has handled its newest report."""
        assert self._is_idle.wait(TIMEOUT)

    def fail(self, error: BaseException) -> None:
        """End training with an error."""
        self._moves.put(error)  # type: ignore[arg-type]

    def finish(self) -> None:
        """End training as planned."""
        self._moves.put(StopIteration())

    def train(
        self, gan: FakeGAN, dataset: ImageDataset, config: TrainingConfig, *earlier: object
    ) -> Generator[AnyReport]:
        self.gan = gan
        if sys.platform == "linux":
            self.priority = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        pixels = np.zeros((config.num_samples, 28, 28, 1), np.uint8)
        yield SampleReport(gan.step, 1, gan.seconds, pixels)
        while True:
            if self._moves.empty():
                self._is_idle.set()
            move = self._moves.get(timeout=TIMEOUT)
            if isinstance(move, StopIteration):
                return
            if move is not None:
                raise move
            gan.step += 10
            gan.seconds += 1.0
            gan.ema_generator.weight = float(gan.step)
            yield step_report(gan.step, seconds=gan.seconds)


class WatchedTrainer(Trainer):
    """Lets tests wait for a change of its snapshot, and records all phases."""

    def __init__(self, root: Path) -> None:
        live = self.live = LiveSnapshot()
        super().__init__(root, live=live)
        self._changed = threading.Condition(live.lock)
        self.phases: list[Phase] = []
        self.watchdog = self._thread.watchdog
        change = live.change

        def change_and_notify(**changes: Any) -> None:
            with self._changed:
                change(**changes)
                if [live.get().phase] != self.phases[-1:]:
                    self.phases.append(live.get().phase)
                self._changed.notify_all()

        live.change = change_and_notify  # type: ignore[method-assign]

    def wait_until(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        """Return the first snapshot that meets a condition."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.snapshot()), TIMEOUT), self.phases
            return self.snapshot()

    def wait_for(self, phase: Phase) -> Snapshot:
        """Return the first snapshot of a phase."""
        return self.wait_until(lambda snapshot: snapshot.phase == phase)

    def wait_for_step(self, step: int) -> Snapshot:
        """Return the first snapshot of a step."""
        return self.wait_until(lambda snapshot: snapshot.step >= step)


class Gate:
    """A call that reports its start and blocks until the test opens it."""

    def __init__(self) -> None:
        self._reached, self._open = threading.Event(), threading.Event()

    def __call__(self, *args: object) -> None:
        self._reached.set()
        assert self._open.wait(TIMEOUT)

    def wait_until_reached(self) -> None:
        assert self._reached.wait(TIMEOUT)

    def open(self) -> None:
        self._open.set()


def count_trainer_threads() -> int:
    """Return the number of training threads in this process."""
    return sum(thread.name == "trainer" for thread in threading.enumerate())


def stop_training(trainer: WatchedTrainer, script: Script) -> None:
    """Stop the run after its chunk of steps, and wait until its thread has ended."""
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")
    assert trainer.join(TIMEOUT)


def wait_for_seed(trainer: WatchedTrainer, seed: int) -> Run:
    """Wait until the run of a seed is in training, and return it."""

    def trains_seed(snapshot: Snapshot) -> bool:
        config = snapshot.config
        return snapshot.phase == "running" and config is not None and config.seed == seed

    run = trainer.wait_until(trains_seed).run
    assert run is not None
    return run
