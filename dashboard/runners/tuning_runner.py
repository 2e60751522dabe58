"""The runs of a tuning as a series: one after the other, then the run from before is shown again.

The tuning's file has the plan and the results. Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.runners.series_runner import Series, SeriesRunner
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.recording.disk_retry import DiskRetryPolicy
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN
    from dcgan.tuning.tuner import Tuner
    from dcgan.tuning.tuning import Tuning


@dataclass(frozen=True)
class RunningTuning:
    """A tuning in training.

    Attributes:
        folder: Its folder.
        base: The starting settings.
        minutes: Time for all of it.
        tuning: Its plan and results so far; None while the pictures are read and it is planned.
        run_index: Index of the run in training; None before the first one.
    """

    folder: Path
    base: TrainingConfig
    minutes: float
    tuning: Tuning | None = None
    run_index: int | None = None

    def describe(self) -> str:
        """Return a sentence on the progress of the tuning."""
        if self.tuning is None or self.run_index is None:
            return "A tuning is being prepared."
        each = self.tuning.rounds[-1]
        place = each.runs.index(self.run_index) + 1
        return (
            f"A tuning is running (round {len(self.tuning.rounds)}, run {place} of "
            f"{len(each.runs)})."
        )


class TuningSeries(Series[RunningTuning]):
    """The runs of a tuning, which is read or planned before the first of them."""

    def __init__(
        self,
        folder: Path,
        base: TrainingConfig,
        minutes: float,
        previous: Run | None,
        *,
        replaces_finished: bool,
    ) -> None:
        """Describe the tuning; see `TuningRunner.start`."""
        super().__init__(base, previous)
        # Replaced for each run, with the plan in which the run is found.
        self._running = RunningTuning(folder, base, minutes)
        self._replaces_finished = replaces_finished
        self._tuner: Tuner | None = None

    @property
    def running(self) -> RunningTuning:
        """The tuning with its run in training."""
        return self._running

    def select_next(self) -> bool:
        """Return whether a run is left; `prepare_run` selects it in the tuning's plan."""
        return self._tuner is None or not self._tuner.tuning.is_finished

    def open(self) -> None:
        """Lock the folder of the tuning, and read the tuning or plan it."""
        from dcgan.tuning.opening import open_tuner
        from dcgan.tuning.tuning_files import hold_lock

        running = self._running
        self.resources.enter_context(hold_lock(running.folder))
        self._tuner = open_tuner(
            running.folder,
            running.base,
            running.minutes,
            replaces_finished=self._replaces_finished,
        )

    def prepare_run(self) -> tuple[Run, DCGAN, ImageDataset]:
        """Prepare the next run of the round."""
        from dcgan.tuning.tuner import MACHINE_ERRORS

        assert self._tuner is not None
        tuning = self._tuner.tuning
        if tuning.is_finished:  # By another process, before this one had the lock.
            raise RunError("This tuning is finished.")
        index = tuning.find_pending_run()
        assert index is not None, "A tuning that is not finished has a pending run."
        self._running = replace(self._running, tuning=tuning, run_index=index)
        with self.ending_after(*MACHINE_ERRORS):
            return self._tuner.prepare_run(index)

    def train_run(
        self, run: Run, gan: DCGAN, dataset: ImageDataset, retry: DiskRetryPolicy
    ) -> Generator[AnyReport]:
        """Train and measure the run."""
        from dcgan.tuning.tuner import MACHINE_ERRORS

        index = self._running.run_index
        assert self._tuner is not None
        assert index is not None
        with self.ending_after(*MACHINE_ERRORS):
            yield from self._tuner.train_run(index, run, gan, dataset, retry)


class TuningRunner(SeriesRunner[RunningTuning]):
    """Trains the runs of one tuning one after the other, then shows the run from before."""

    def start(
        self,
        folder: Path,
        base: TrainingConfig,
        minutes: float,
        previous: Run | None,
        *,
        replaces_finished: bool,
    ) -> bool:
        """Start a tuning, or continue an interrupted one.

        Args:
            folder, base, minutes: See `RunningTuning`.
            previous: The run that is shown now; None without one.
            replaces_finished: Whether a finished tuning in the folder is replaced; otherwise it
                stays, and nothing trains.

        Returns:
            Whether it was started; False if a run is active.
        """
        series = TuningSeries(folder, base, minutes, previous, replaces_finished=replaces_finished)
        return self.accept_and_start(series)
