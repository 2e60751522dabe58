"""The state of a run at one moment, as pages show it; imports no Streamlit and no TensorFlow.

`trainer` says it of the run that is trained here, `external_runs` of those of other processes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dcgan.config import TrainingConfig
from dcgan.recording.progress import seconds_left
from dcgan.reports import EpochReport, EvaluationReport, EventReport, SampleReport, StepReport
from dcgan.runs.run_folder import Run

Phase = Literal[
    "idle",  # Nothing was started in this process.
    "preparing",  # Loading data, building networks, tracing the first step.
    "running",
    "pausing",  # Asked to; the chunk under way is not done yet.
    "paused",
    "stopping",
    "stopped",
    "finished",
    "failed",
    "interrupted",  # Its process, another one, ended without a word.
]
ACTIVE: frozenset[Phase] = frozenset(("preparing", "running", "pausing", "paused", "stopping"))

_SPEED_REPORTS = 9  # Some seconds of training: steady, and soon right when the speed changes.


def read_only(arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Make arrays that are kept for everybody read-only, and return them."""
    for array in arrays:
        array.setflags(write=False)
    return arrays


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of a run at one moment; immutable and shared by all tabs.

    Attributes:
        version: Grows with every change, so that nothing is drawn twice.
        phase: See `Phase`.
        run: The run that is or was trained here; None before it has a folder.
        config: Its settings; None while idle.
        num_images: Size of its data set; 0 until loaded.
        history: Its step reports so far, oldest first, those from before a resume included.
        num_earlier: How many of these are from before the resume.
        sample: The newest pictures of its fixed z.
        evaluations: Its evaluation reports so far, oldest first.
        events: What was done to it so far, oldest first.
        message: Why it failed, waits, did not follow a command or cannot be read, in a sentence,
            or empty.
        machine: Where another process trains it, or did; empty where that is not known, None
            where it is trained by this process.
    """

    version: int = 0
    phase: Phase = "idle"
    run: Run | None = None
    config: TrainingConfig | None = None
    num_images: int = 0
    history: tuple[StepReport, ...] = ()
    num_earlier: int = 0
    sample: SampleReport | EpochReport | None = None
    evaluations: tuple[EvaluationReport, ...] = ()
    events: tuple[EventReport, ...] = ()
    message: str = ""
    machine: str | None = None

    def __post_init__(self) -> None:
        """Make the pictures read-only."""
        if self.sample is not None:
            read_only([self.sample.pixels])

    @property
    def is_here(self) -> bool:
        """Whether it is of this process, which can command it."""
        return self.machine is None

    @property
    def is_active(self) -> bool:
        """Whether it is being trained or paused."""
        return self.phase in ACTIVE

    def trains(self, run: Run) -> bool:
        """Whether a run is the one that is being trained or paused here."""
        return self.is_active and self.run is not None and self.run.path == run.path

    @property
    def last(self) -> StepReport | None:
        """The newest step report."""
        return self.history[-1] if self.history else None

    @property
    def step(self) -> int:
        """Updates of both networks so far."""
        return self.last.step if self.last else 0

    @property
    def images_per_second(self) -> float | None:
        """Real images seen for each second, over the last seconds; None before any was measured."""
        if self.config is None:
            return None
        # The newest chunks of this process alone, without its first, which traced the graph.
        start = max(self.num_earlier + 1, len(self.history) - _SPEED_REPORTS)
        newest = [report for report in self.history[start:] if report.images_per_second > 0]
        # The discriminator's steps may have changed, and with them the images of a step.
        images = [r.num_steps * (r.images_per_step or self.config.images_per_step) for r in newest]
        seconds = sum(num / r.images_per_second for num, r in zip(images, newest, strict=True))
        return sum(images) / seconds if 0 < seconds < math.inf else None

    @property
    def seconds_left(self) -> float | None:
        """Training time left at the present speed; None before the first measured steps."""
        speed = self.images_per_second
        if self.config is None or self.last is None or speed is None:
            return None
        return seconds_left(
            self.config,
            self.config.total_steps(self.num_images),
            self.last.step,
            self.last.seconds,
            self.config.images_per_step / speed,
        )

    @property
    def share_done(self) -> float:
        """Share of the planned training that is done, in [0, 1]."""
        if self.phase == "finished":
            return 1.0
        if self.config is None or self.last is None:
            return 0.0
        # Unlike the time left, no estimate.
        return self.config.share_done(self.last.step, self.last.seconds, self.num_images)
