"""The trials of a study as a series: one after the other, then the studied run is shown again.

The plan and the results are in the study, a file in the run's folder. Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.runners.series_runner import Series, SeriesRunner
from dcgan.diagnosis.actions import Action
from dcgan.errors import OutOfMemoryError, RunError
from dcgan.recording.disk_retry import DiskRetryPolicy
from dcgan.remedies.plan import plan_trials
from dcgan.remedies.study import MACHINE_ERRORS
from dcgan.remedies.study_files import hold_study_lock, read_study
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN


@dataclass(frozen=True)
class RunningTrial:
    """A trial in training.

    Attributes:
        run: The run whose remedies are tried.
        step: The step of the study; None before the study is written.
        index: Index of the trial in the study.
        num_trials: Number of trials of the study, including trials with results.
    """

    run: Run
    step: int | None = None
    index: int = 0
    num_trials: int = 1

    def describe(self) -> str:
        """Return a sentence on the progress of the trials."""
        return f"A test of remedies is running ({self.index + 1} of {self.num_trials})."


class TrialSeries(Series[RunningTrial]):
    """The pending trials of a study, which is written before the first of them."""

    def __init__(
        self,
        run: Run,
        *,
        num_trials: int,
        headline: str = "",
        actions: tuple[Action, ...] = (),
        step: int | None = None,
        pending: Iterable[int] = (),
    ) -> None:
        """Describe the trials.

        Args:
            run: The run whose remedies are tried.
            num_trials: Number of trials of the study, including trials with results.
            headline, actions: Headline and actions of the verdict on the run, for a new study.
            step: The step of the study; None for a new one.
            pending: Indices of the trials that wait; empty for a new study.
        """
        super().__init__(run.config, run)
        self._run, self._num_trials = run, num_trials
        self._headline, self._actions = headline, actions
        self._step, self._pending = step, list(pending)
        self._index: int | None = None  # Of the trial in training.

    @property
    def running(self) -> RunningTrial | None:
        """The trial in training; None before the first one."""
        if self._index is None:
            return None
        return RunningTrial(self._run, self._step, self._index, self._num_trials)

    def select_next(self) -> bool:
        """Select the next trial; return False if none is left."""
        if self._step is not None and not self._pending:
            return False
        self._index = self._pending.pop(0) if self._pending else 0
        return True

    def open(self) -> None:
        """Lock the studies of the run, and write the study if it is new."""
        from dcgan.remedies.trials import create_study

        self.resources.enter_context(hold_study_lock(self._run))
        if self._step is None:
            study = create_study(self._run, self._headline, self._actions)
            self._step, self._pending = study.step, list(study.pending_indices)
            self._index = self._pending.pop(0)

    def prepare_run(self) -> tuple[Run, DCGAN, ImageDataset]:
        """Make the run of the selected trial."""
        from dcgan.remedies.trials import prepare_trial

        with self.ending_after(*MACHINE_ERRORS):
            return prepare_trial(self._run, *self._selected)

    def train_run(
        self, run: Run, gan: DCGAN, dataset: ImageDataset, retry: DiskRetryPolicy
    ) -> Generator[AnyReport]:
        """Train and measure the selected trial."""
        from dcgan.remedies.trials import train_trial

        with self.ending_after(RunError, OutOfMemoryError):
            yield from train_trial(self._run, *self._selected, run, gan, dataset, retry)

    @property
    def _selected(self) -> tuple[int, int]:
        """The step of the study, and the index of the trial in training."""
        assert self._step is not None
        assert self._index is not None
        return self._step, self._index


class TrialRunner(SeriesRunner[RunningTrial]):
    """Trains the trials of a study, one after the other, then shows the studied run again."""

    def request(self, run: Run, headline: str, actions: Iterable[Action]) -> bool:
        """Request trials of all remedies.

        They start when the run has ended, or by `start_requested`.

        Args:
            run: The run; it may still be in training.
            headline, actions: Headline and actions of the verdict on the run.

        Returns:
            Whether the request was accepted; False if there is a request already.
        """
        actions = tuple(actions)
        num_trials = len(plan_trials(actions, run.checkpoints.list_steps()))
        return self.accept(
            TrialSeries(run, num_trials=num_trials, headline=headline, actions=actions)
        )

    def request_pending(self, run: Run, step: int) -> bool:
        """Request the pending trials of the study at a step.

        Returns:
            Whether the request was accepted; False if no trial is pending, or if there is a request
            already.

        Raises:
            RunError: If the study cannot be read.
        """
        study = read_study(run, step)
        pending, num_trials = study.pending_indices, len(study.trials)
        return bool(pending) and self.accept(
            TrialSeries(run, num_trials=num_trials, step=step, pending=pending)
        )
