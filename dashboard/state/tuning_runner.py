"""The runner of a tuning, which trains the tuning's runs one after the other.

The tuning's file has the plan and the results, so results outlive the process. Imports no
Streamlit.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.state.training_types import PrepareRun, TrainRun
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DCGANError, RunError
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


@dataclass
class _Request:
    """A request to carry out a tuning.

    Attributes:
        running: What the page shows. Each run has its own, with the plan in which it is found.
        previous: The run that was shown before; None without one.
        replaces_finished: Whether a finished tuning in the folder is replaced.
        tuner: Does the work; None before the first run is prepared.
        resources: Releases the lock when it is closed.
    """

    running: RunningTuning
    previous: Run | None
    replaces_finished: bool
    tuner: Tuner | None = None
    resources: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)


class TuningRunner:
    """Trains the runs of one tuning one after the other, then shows the run from before."""

    def __init__(
        self,
        lock: threading.RLock,
        start: Callable[[PrepareRun, TrainingConfig, TrainRun], bool],
        show: Callable[[Run | None], None],
    ) -> None:
        """Start without a tuning.

        Args:
            lock: The lock of the snapshot, so that a request and the phase change together.
            start: Starts a run in the training thread; returns False if another run is active.
            show: Shows a run that does not train, or none; called after the last run.
        """
        self._lock, self._start, self._show = lock, start, show
        self._request: _Request | None = None
        self._problem = ""

    @property
    def is_busy(self) -> bool:
        """Whether a tuning was requested and has not ended."""
        return self._request is not None

    @property
    def running(self) -> RunningTuning | None:
        """The tuning that is carried out; None without one."""
        request = self._request
        return None if request is None else request.running

    @property
    def problem(self) -> str:
        """The reason why the last tuning ended early, as a sentence; "" otherwise."""
        return self._problem

    def clear_problem(self) -> None:
        """Forget the problem after a person has read it."""
        self._problem = ""

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
        with self._lock:
            if self._request is not None:
                return False
            running = RunningTuning(folder, base, minutes)
            self._request, self._problem = _Request(running, previous, replaces_finished), ""
            if not self._start_run():
                self._request = None
                return False
            return True

    def start_next(self, *, must_stop: bool) -> bool:
        """Start the next run after one has ended; after the last one, end the tuning.

        Args:
            must_stop: Whether a person has asked for its end.

        Returns:
            Whether a run was started.
        """
        with self._lock:
            request = self._request
            if request is None:
                return False
            has_more = request.tuner is not None and not request.tuner.tuning.is_finished
            if has_more and not must_stop and not self._problem and self._start_run():
                return True
            self.forget()
        self._show(request.previous)
        return False

    def forget(self) -> None:
        """End the tuning at any moment, also after an unexpected error or as the process ends."""
        request, self._request = self._request, None
        if request is not None:
            request.resources.close()

    def _start_run(self) -> bool:
        assert self._request is not None
        return self._start(self._prepare, self._request.running.base, self._train)

    # Both methods are called in the training thread, while `_request` does not change.

    def _prepare(self) -> tuple[Run, DCGAN, ImageDataset]:
        from dcgan.tuning.opening import open_tuner
        from dcgan.tuning.tuner import MACHINE_ERRORS
        from dcgan.tuning.tuning_files import hold_lock

        request = self._request
        assert request is not None
        running = request.running
        try:
            if request.tuner is None:
                request.resources.enter_context(hold_lock(running.folder))
                request.tuner = open_tuner(
                    running.folder,
                    running.base,
                    running.minutes,
                    replaces_finished=request.replaces_finished,
                )
            tuning = request.tuner.tuning
            if tuning.is_finished:  # By another process, before this one had the lock.
                raise RunError("This tuning is finished.")
            index = tuning.find_pending_run()
            assert index is not None, "A tuning that is not finished has a pending run."
            request.running = replace(running, tuning=tuning, run_index=index)
            return request.tuner.prepare_run(index)
        except DCGANError as error:
            if request.tuner is None or isinstance(error, MACHINE_ERRORS):
                self._problem = str(error)
            raise

    def _train(
        self, run: Run, gan: DCGAN, dataset: ImageDataset, retry: DiskRetryPolicy
    ) -> Generator[AnyReport]:
        from dcgan.tuning.tuner import MACHINE_ERRORS

        request = self._request
        assert request is not None
        assert request.tuner is not None
        index = request.running.run_index
        assert index is not None
        try:
            yield from request.tuner.train_run(index, run, gan, dataset, retry)
        except MACHINE_ERRORS as error:  # The next run would fail in the same way.
            self._problem = str(error)
            raise
