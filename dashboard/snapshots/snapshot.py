"""The state of a run at one moment, as pages show it; imports no Streamlit and no TensorFlow.

`live_snapshot` makes it for the run of this process, `followed_run` for a run of another process.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.reports import EpochReport, EvaluationReport, EventReport, SampleReport, StepReport
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun

Phase = Literal[
    "idle",  # No run was started in this process.
    "preparing",  # Loading data, building networks, tracing the first step.
    "running",
    "pausing",  # A person has paused it; the current chunk of steps is not finished.
    "paused",
    "stopping",
    "stopped",
    "finished",
    "failed",
    "interrupted",  # Another process trained it and ended without writing a status.
]
ACTIVE: frozenset[Phase] = frozenset(("preparing", "running", "pausing", "paused", "stopping"))

# The first steps after a start are slow: an estimate from them gives hours instead of minutes.
_STEPS_BEFORE_ESTIMATE = 20
# Newest reports whose mean is the speed: a few seconds of training, so that a change soon shows.
_SPEED_REPORTS = 9
# Newest reports for the estimated time left: two minutes of training, so that the estimate is
# steady. If another program takes half of the processor for ten seconds, it grows by a twentieth.
_ESTIMATE_REPORTS = 240


def make_read_only(arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Make arrays read-only, because several threads share them; return the given arrays."""
    for array in arrays:
        array.setflags(write=False)
    return arrays


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of a run at one moment; immutable and shared by all tabs.

    Attributes:
        version: A number that grows with every change.
        phase: See `Phase`.
        run: The run; None before it has a folder.
        config: The settings of the run; None while idle.
        queued: The run's entry of the queue; None if a person started or continued it.
        num_images: Size of the data set; 0 until loaded.
        history: All step reports, oldest first; a continued run has its earlier reports too.
        num_earlier: Number of step reports from before the run was continued.
        sample: The newest images of the fixed z.
        evaluations: All evaluation reports, oldest first.
        events: Reports of changed settings and rollbacks, oldest first.
        message: Why the run failed, waits, refused a command or cannot be read; "" otherwise.
        is_measuring: Whether the last step of a stopped run is being measured.
        machine: Host name of the machine on which another process trains or trained it, "" if
            unknown; None for a run of this process.
    """

    version: int = 0
    phase: Phase = "idle"
    run: Run | None = None
    config: TrainingConfig | None = None
    queued: QueuedRun | None = None
    num_images: int = 0
    history: tuple[StepReport, ...] = ()
    num_earlier: int = 0
    sample: SampleReport | EpochReport | None = None
    evaluations: tuple[EvaluationReport, ...] = ()
    events: tuple[EventReport, ...] = ()
    message: str = ""
    is_measuring: bool = False
    machine: str | None = None

    def __post_init__(self) -> None:
        """Make the images read-only."""
        if self.sample is not None:
            make_read_only([self.sample.pixels])

    @property
    def is_of_this_process(self) -> bool:
        """Whether this process trains or trained the run, and can send it commands."""
        return self.machine is None

    @property
    def is_active(self) -> bool:
        """Whether the run is in training or paused."""
        return self.phase in ACTIVE

    @property
    def is_paused(self) -> bool:
        """Whether the run is paused, or will be after the current chunk of steps."""
        return self.phase in ("pausing", "paused")

    def trains(self, run: Run) -> bool:
        """Return whether this snapshot shows a given run in training or paused."""
        return self.is_active and self.run is not None and self.run.path == run.path

    def find_race_run_index(self, race_name: str) -> int | None:
        """Return the index of the run of a race that trains or is paused; None without one.

        A run of the race that a person continues does not count.
        """
        if self.is_active and self.queued is not None and self.queued.race == race_name:
            return self.queued.run_index
        return None

    def measures(self, run: Run) -> bool:
        """Return whether the last step of a given stopped run is being measured."""
        return self.is_measuring and self.run is not None and self.run.path == run.path

    @property
    def measures_end(self) -> bool:
        """Whether the training has ended, and the last step is or soon will be measured."""
        is_training = self.is_active and not self.is_paused
        if not is_training or self.config is None or self.last is None or not self.num_images:
            return self.is_measuring
        return self.config.is_done(self.last.step, self.last.seconds, self.num_images)

    @property
    def last(self) -> StepReport | None:
        """The newest step report."""
        return self.history[-1] if self.history else None

    @property
    def step(self) -> int:
        """The newest step; 0 before the first report."""
        return self.last.step if self.last else 0

    @property
    def planned_steps(self) -> int | None:
        """The planned number of steps; None if not known, or if only a time limit ends the run."""
        if self.config is None or not self.num_images:
            return None
        return self.config.compute_total_steps(self.num_images)

    @property
    def images_per_second(self) -> float | None:
        """Real images per second, a mean over the last seconds; None before it is measured."""
        return self._measure_speed(_SPEED_REPORTS)

    def _measure_speed(self, num_reports: int) -> float | None:
        """Return the real images per second in the newest reports; None before it is measured.

        The first report after a start or a continuation is left out: its time includes the tracing
        of the graph.
        """
        if self.config is None:
            return None
        start = max(self.num_earlier + 1, len(self.history) - num_reports)
        newest = [report for report in self.history[start:] if report.images_per_second > 0]
        # A changed number of discriminator steps changes the images per step.
        images = [
            report.num_steps * (report.images_per_step or self.config.images_per_step)
            for report in newest
        ]
        seconds = sum(
            num / report.images_per_second for num, report in zip(images, newest, strict=True)
        )
        return sum(images) / seconds if 0 < seconds < math.inf else None

    @property
    def seconds_left(self) -> float | None:
        """Estimated training time left; None before the speed of enough steps is measured."""
        speed = self._measure_speed(_ESTIMATE_REPORTS)
        if self.config is None or self.last is None or speed is None:
            return None
        first = self.history[self.num_earlier]
        if self.last.step - first.step + first.num_steps < _STEPS_BEFORE_ESTIMATE:
            return None
        return self.config.estimate_seconds_left(
            self.planned_steps,
            self.last.step,
            self.last.seconds,
            self.config.images_per_step / speed,
        )

    @property
    def seconds_per_step(self) -> float | None:
        """Time of a step in the newest reports; None before it is measured."""
        speed = self._measure_speed(_ESTIMATE_REPORTS)
        return None if self.config is None or not speed else self.config.images_per_step / speed

    @property
    def expected_last_step(self) -> int | None:
        """Estimated step at which the run ends; None before the speed of enough steps is measured.

        Without a time limit it is the planned number of steps, also before the first step.
        """
        if self.config is None or not self.num_images:
            return None
        left, speed = self.seconds_left, self._measure_speed(_ESTIMATE_REPORTS)
        if left is None or speed is None:
            return self.planned_steps
        return self.step + round(left * speed / self.config.images_per_step)

    @property
    def share_done(self) -> float:
        """Share of the planned training that is done, in [0, 1]."""
        if self.phase == "finished":
            return 1.0
        if self.config is None or self.last is None:
            return 0.0
        return self.config.compute_share_done(self.last.step, self.last.seconds, self.num_images)
