"""The runner of trials: trains the trials of one study, one after the other.

The plan and the results are in the study, a file in the run's folder, so they outlive the process.
Imports no Streamlit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dashboard.snapshots.snapshot import Phase
from dashboard.state.training_types import PrepareRun, TrainRun
from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.actions import Action
from dcgan.errors import DCGANError, OutOfMemoryError, RunError
from dcgan.locking.lock import FolderLock
from dcgan.recording.disk_retry import DiskRetryPolicy
from dcgan.remedies.plan import plan_trials
from dcgan.remedies.study import MACHINE_ERRORS
from dcgan.remedies.study_files import acquire_study_lock, read_study
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


@dataclass
class _Request:
    """A request to run the pending trials of a study, until the last of them has ended.

    Attributes:
        run: The run whose remedies are tried.
        headline, actions: Headline and actions of the verdict on the run.
        step: The step of the study; None before it is written.
        pending: Indices of the trials that wait; empty before the study is written.
        index: Index of the trial in training; None before the first one.
        num_trials: Number of trials of the study, including trials with results.
        lock: Keeps other processes from the run's studies; None before the first trial.
    """

    run: Run
    headline: str = ""
    actions: tuple[Action, ...] = ()
    step: int | None = None
    pending: list[int] = field(default_factory=list)
    index: int | None = None
    num_trials: int = 1
    lock: FolderLock | None = None


class TrialRunner:
    """Trains the trials of a study, one after the other, then shows the studied run again."""

    def __init__(
        self,
        lock: threading.RLock,
        start: Callable[[PrepareRun, TrainingConfig, TrainRun], bool],
        show: Callable[[Run, str], None],
    ) -> None:
        """Start without a request.

        Args:
            lock: The lock of the snapshot: a request and the phase change in one step.
            start: Starts a trial in the training thread; returns False if a run is active.
            show: Shows a run that does not train, with a message; called after the last trial.
        """
        self._lock, self._start, self._show = lock, start, show
        self._request: _Request | None = None
        self._problem = ""

    @property
    def is_busy(self) -> bool:
        """Whether trials were requested and have not all ended."""
        return self._request is not None

    @property
    def running(self) -> RunningTrial | None:
        """The trial in training; None without a request, and before its first trial."""
        request = self._request
        if request is None or request.index is None:
            return None
        return RunningTrial(request.run, request.step, request.index, request.num_trials)

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
        trials = plan_trials(actions, run.checkpoints.list_steps())
        return self._accept(_Request(run, headline, actions, num_trials=len(trials)))

    def request_pending(self, run: Run, step: int) -> bool:
        """Request the pending trials of the study at a step.

        Returns:
            Whether the request was accepted; False if no trial is pending, or if there is a request
            already.

        Raises:
            RunError: If the study cannot be read.
        """
        study = read_study(run, step)
        pending, num_trials = list(study.pending_indices), len(study.trials)
        return bool(pending) and self._accept(
            _Request(run, step=step, pending=pending, num_trials=num_trials)
        )

    def _accept(self, request: _Request) -> bool:
        with self._lock:
            if self._request is not None:
                return False
            self._request, self._problem = request, ""
            return True

    def cancel_request(self) -> None:
        """Forget a request whose first trial has not started."""
        with self._lock:
            if self._request is not None and self._request.index is None:
                self._request = None

    def forget_request(self) -> None:
        """Forget the request, whatever its state, and release its lock."""
        request, self._request = self._request, None
        if request is not None and request.lock is not None:
            request.lock.release()

    def start_requested(self) -> bool:
        """Start the first trial of the request. Call it only while no run is active.

        Returns:
            Whether it was started.
        """
        with self._lock:
            request = self._request
            if request is None or request.index is not None:
                # With an index, the training thread has already started the trial.
                return request is not None
            return self._start_trial(request)

    def start_next(self, ending: Phase, *, is_trial: bool, must_stop: bool) -> bool:
        """Start the next trial after a run has ended; after the last one, show the studied run.

        Args:
            ending: How the run that was in training has ended.
            is_trial: Whether that run was a trial.
            must_stop: Whether a person has stopped it, in training or in its measurement.

        Returns:
            Whether a trial was started, by this call or by a page.
        """
        with self._lock:
            request = self._request
            if request is None:
                return False
            if not is_trial and request.index is not None:
                return True  # A page has started the trial since this run ended.
            # After a failure the page shows the error, and the remedies are not tried.
            must_end = must_stop if is_trial else ending == "failed"
            if not must_end and not self._problem and self._start_trial(request):
                return True
            self.forget_request()
        if is_trial:
            self._show(request.run, self._problem)
        return False

    def _start_trial(self, request: _Request) -> bool:
        if request.step is not None and not request.pending:
            return False
        request.index = request.pending.pop(0) if request.pending else 0
        is_started = self._start(self._prepare, request.run.config, self._train)
        if not is_started:
            self.forget_request()
        return is_started

    # The training thread calls the methods below. `_request` does not change during a trial.

    def _prepare(self) -> tuple[Run, DCGAN, ImageDataset]:
        from dcgan.remedies.trials import create_study, prepare_trial

        request = self._request
        assert request is not None
        try:
            if request.lock is None:
                request.lock = acquire_study_lock(request.run)
            if request.step is None:
                study = create_study(request.run, request.headline, request.actions)
                request.step, request.pending = study.step, list(study.pending_indices)
                request.index = request.pending.pop(0)
            assert request.index is not None
            return prepare_trial(request.run, request.step, request.index)
        except DCGANError as error:
            if request.step is None or isinstance(error, MACHINE_ERRORS):
                self._problem = str(error)
            raise

    def _train(
        self, trial_run: Run, gan: DCGAN, dataset: ImageDataset, retry: DiskRetryPolicy
    ) -> Generator[AnyReport]:
        from dcgan.remedies.trials import train_trial

        request = self._request
        assert request is not None
        assert request.step is not None
        assert request.index is not None
        try:
            yield from train_trial(
                request.run, request.step, request.index, trial_run, gan, dataset, retry
            )
        except (RunError, OutOfMemoryError) as error:  # The next trial would fail in the same way.
            self._problem = str(error)
            raise
