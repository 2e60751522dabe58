"""The runner of trials, which tries the remedies of one run one after the other.

The record in the run's folder has the plan and the results, so what was measured outlives the
process. Imports no Streamlit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.state.snapshot import Phase
from dcgan.config import TrainingConfig
from dcgan.diagnosis.actions import Action
from dcgan.errors import DCGANError, OutOfMemoryError, RunError
from dcgan.recording.disk_retry import RetryOnDiskError
from dcgan.reports import AnyReport
from dcgan.runs.lock import FolderLock
from dcgan.runs.run_folder import Run
from dcgan.trials.records import MACHINE_ERRORS, lock_trials, read_record

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN

# Opens or makes a run; called in the training thread, as it loads data and builds networks.
Prepare = Callable[[], "tuple[Run, DCGAN, ImageDataset]"]
# Trains a prepared run and yields its reports, as `recorder.record` does.
Record = Callable[["Run", "DCGAN", "ImageDataset", RetryOnDiskError], Generator[AnyReport]]


@dataclass(frozen=True)
class Trying:
    """A try of a run's remedies that is under way.

    Attributes:
        run: The run.
        step: The step of its record; None before the record is written.
        number: The number of the trial in training, from 0.
    """

    run: Run
    step: int | None = None
    number: int = 0


@dataclass
class _Session:
    """A try from its request to its end.

    Attributes:
        run: The run whose remedies are tried.
        headline, actions: Of the verdict.
        step: The step of the record; None before it is written.
        numbers: The numbers of the trials that wait; None before they are known.
        number: The trial in training; None before the first one.
        lock: Keeps tries of the run by other processes out; None before the first trial.
    """

    run: Run
    headline: str = ""
    actions: tuple[Action, ...] = ()
    step: int | None = None
    numbers: list[int] | None = None
    number: int | None = None
    lock: FolderLock | None = None


class TrialRunner:
    """Starts the next trial when the one before it has ended, and then shows the run again."""

    def __init__(
        self,
        lock: threading.RLock,
        start: Callable[[Prepare, TrainingConfig, Record], bool],
        show: Callable[[Run, str], None],
    ) -> None:
        """Start without a try.

        Args:
            lock: The lock of the snapshot, so that a request and the phase change in one step.
            start: Starts a trial in the training thread; returns False if a run is active.
            show: Shows a run that does not train, with a message; called after the last trial.
        """
        self._lock, self._start, self._show = lock, start, show
        self._session: _Session | None = None
        self._problem = ""

    @property
    def is_busy(self) -> bool:
        """Whether a try was requested and has not ended."""
        return self._session is not None

    @property
    def trying(self) -> Trying | None:
        """The try whose trials are in training; None before its run is saved and stopped."""
        session = self._session
        if session is None or session.number is None:
            return None
        return Trying(session.run, session.step, session.number)

    def request(self, run: Run, headline: str, actions: Iterable[Action]) -> bool:
        """Request a try of all remedies; it starts when the run has ended, or by `start_requested`.

        Args:
            run: The run; it may still be in training.
            headline, actions: Of the verdict on it.

        Returns:
            Whether it was accepted; False if there is one already.
        """
        return self._accept(_Session(run, headline, tuple(actions)))

    def request_rest(self, run: Run, step: int) -> bool:
        """Request the trials that a try of a step has left; otherwise as `request`.

        Raises:
            RunError: If the record cannot be read.
        """
        numbers = list(read_record(run, step).open_numbers)
        return bool(numbers) and self._accept(_Session(run, step=step, numbers=numbers))

    def _accept(self, session: _Session) -> bool:
        with self._lock:
            if self._session is not None:
                return False
            self._session, self._problem = session, ""
            return True

    def cancel_request(self) -> None:
        """Forget a try whose first trial has not started."""
        with self._lock:
            if self._session is not None and self._session.number is None:
                self._session = None

    def cancel(self) -> None:
        """Forget a try, whatever it does, after an unexpected error or as the process ends."""
        session, self._session = self._session, None
        if session is not None and session.lock is not None:
            session.lock.release()

    def start_requested(self) -> bool:
        """Start the first trial of a request, as no run is active.

        Returns:
            Whether it was started.
        """
        with self._lock:
            session = self._session
            if session is None or session.number is not None:  # The ended run's thread was faster.
                return session is not None
            return self._start_one(session)

    def start_next(self, ending: Phase, *, is_trial: bool, must_stop: bool) -> bool:
        """Start the next trial after a run has ended; after the last one, show its run again.

        Args:
            ending: How the run that was in training has ended.
            is_trial: Whether it was a trial, and not the run whose remedies will be tried.
            must_stop: Whether a person has asked for its end, perhaps while it was measured.

        Returns:
            Whether a trial was started, here or by a page that was faster.
        """
        with self._lock:
            session = self._session
            if session is None:
                return False
            if not is_trial and session.number is not None:
                return True  # A page has started it since this run has ended.
            # A run that could not be saved shows why; its remedies are not tried.
            must_end = must_stop if is_trial else ending == "failed"
            if not must_end and not self._problem and self._start_one(session):
                return True
            self.cancel()
        if is_trial:
            self._show(session.run, self._problem)
        return False

    def _start_one(self, session: _Session) -> bool:
        left = session.numbers
        if left == []:
            return False
        session.number = left.pop(0) if left else 0
        is_started = self._start(self._prepare, session.run.config, self._record)
        if not is_started:
            self.cancel()
        return is_started

    # Both are called in the training thread, while `_session` does not change.

    def _prepare(self) -> tuple[Run, DCGAN, ImageDataset]:
        from dcgan.trials.trial import prepare_trial, start_trials

        session = self._session
        assert session is not None
        try:
            if session.lock is None:
                session.lock = lock_trials(session.run)
            if session.step is None:
                record = start_trials(session.run, session.headline, session.actions)
                session.step, session.numbers = record.step, list(record.open_numbers)
                session.number = session.numbers.pop(0)
            assert session.number is not None
            return prepare_trial(session.run, session.step, session.number)
        except DCGANError as error:
            if session.step is None or isinstance(error, MACHINE_ERRORS):
                self._problem = str(error)
            raise

    def _record(
        self, branch: Run, gan: DCGAN, dataset: ImageDataset, retry: RetryOnDiskError
    ) -> Generator[AnyReport]:
        from dcgan.trials.trial import record_trial

        session = self._session
        assert session is not None
        assert session.step is not None
        assert session.number is not None
        try:
            yield from record_trial(
                session.run, session.step, session.number, branch, gan, dataset, retry
            )
        except (RunError, OutOfMemoryError) as error:  # Would end the next trial too.
            self._problem = str(error)
            raise
