"""Series of runs, such as the trials of a study, and the runner that starts one after the other.

The plan and the results of a series are in files, so they outlive the process. Imports no
Streamlit.
"""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from dashboard.runners.training_types import PrepareRun, TrainRun
from dashboard.snapshots.snapshot import Phase
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DCGANError
from dcgan.recording.disk_retry import DiskRetryPolicy
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN

Running = TypeVar("Running")  # Describes a run in training for pages.


class Series(ABC, Generic[Running]):
    """Runs that train one after the other, until the last of them has ended.

    Attributes:
        config: The settings that the page shows until a run is prepared.
        previous: The run to show after the last one; None to show none.
        has_started: Whether its first run was started.
        problem: The reason why it ends early, as a sentence; "" otherwise.
        resources: What is released at its end, such as the lock of its folder.
    """

    def __init__(self, config: TrainingConfig, previous: Run | None) -> None:
        """Plan nothing yet; see the class for the arguments."""
        self.config, self.previous = config, previous
        self.has_started = False
        self.problem = ""
        self.resources = contextlib.ExitStack()
        self._is_open = False

    @property
    @abstractmethod
    def running(self) -> Running | None:
        """Description of the run in training for pages; None if it is not of the series yet."""

    @abstractmethod
    def select_next(self) -> bool:
        """Select the next run, before the thread starts; return False if none is left."""

    # The training thread calls the methods below.

    @abstractmethod
    def open(self) -> None:
        """Lock the folder, and read or write the plan; called once, before the first run.

        Raises:
            DCGANError: If nothing can be trained.
        """

    @abstractmethod
    def prepare_run(self) -> tuple[Run, DCGAN, ImageDataset]:
        """Make or open the selected run.

        Raises:
            DCGANError: If this run cannot be trained. Then the next one is tried, except after
                errors that `ending_after` names.
        """

    @abstractmethod
    def train_run(
        self, run: Run, gan: DCGAN, dataset: ImageDataset, retry: DiskRetryPolicy
    ) -> Generator[AnyReport]:
        """Train and measure the selected run; errors as in `prepare_run`."""

    def prepare(self) -> tuple[Run, DCGAN, ImageDataset]:
        """Prepare the selected run, and before the first one open the series."""
        if not self._is_open:
            with self.ending_after(DCGANError):
                self.open()
            self._is_open = True
        return self.prepare_run()

    @contextlib.contextmanager
    def ending_after(self, *errors: type[DCGANError]) -> Iterator[None]:
        """End the series after one of these errors: the next run would fail in the same way."""
        try:
            yield
        except errors as error:
            self.problem = str(error)
            raise


class SeriesRunner(Generic[Running]):
    """Starts the runs of one series, then shows the run from before.

    A series is requested by a page. Its first run starts at once, or when the run in training has
    ended; the training thread then starts one run after the other.
    """

    def __init__(
        self,
        lock: threading.RLock,
        start: Callable[[PrepareRun, TrainingConfig, TrainRun], bool],
        show: Callable[[Run | None, str], None],
    ) -> None:
        """Start without a series.

        Args:
            lock: The lock of the snapshot, so that a request and the phase change together.
            start: Starts a run in the training thread; returns False if another run is active.
            show: Shows a run that does not train, or none, with the problem of the series or "";
                called after the last run.
        """
        self._lock, self._start, self._show = lock, start, show
        self._series: Series[Running] | None = None
        self._problem = ""

    @property
    def is_busy(self) -> bool:
        """Whether a series was requested and has not ended."""
        return self._series is not None

    @property
    def has_started(self) -> bool:
        """Whether the first run of a series was started, and the series has not ended."""
        series = self._series
        return series is not None and series.has_started

    @property
    def running(self) -> Running | None:
        """Description of the run in training for pages; None without one."""
        series = self._series
        return None if series is None else series.running

    @property
    def problem(self) -> str:
        """The reason why the last series ended early, as a sentence; "" otherwise."""
        return self._problem

    def clear_problem(self) -> None:
        """Forget the problem after a person has read it."""
        self._problem = ""

    def accept(self, series: Series[Running]) -> bool:
        """Accept a series; `start_requested` or the end of the run in training starts it.

        Returns:
            Whether it was accepted; False if there is one already.
        """
        with self._lock:
            if self._series is not None:
                return False
            self._series, self._problem = series, ""
            return True

    def cancel_request(self) -> None:
        """Forget a series whose first run has not started."""
        with self._lock:
            if not self.has_started:
                self._series = None

    def forget(self) -> None:
        """End the series at any moment, also after an unexpected error or as the process ends."""
        series, self._series = self._series, None
        if series is not None:
            self._problem = series.problem
            series.resources.close()

    def start_requested(self) -> bool:
        """Start the first run of the series. Call it only while no run is active.

        Returns:
            Whether it was started, by this call or by the training thread.
        """
        with self._lock:
            series = self._series
            if series is None or series.has_started:
                return series is not None
            return self._start_run(series)

    def accept_and_start(self, series: Series[Running]) -> bool:
        """Accept a series and start its first run. Call it only while no run is active.

        Returns:
            Whether it was started; False if there is a series already.
        """
        with self._lock:
            return self.accept(series) and self.start_requested()

    def start_next(self, ending: Phase, *, is_own: bool, must_stop: bool) -> bool:
        """Start the next run after a run has ended; after the last one, show the run from before.

        Args:
            ending: How the run that was in training has ended.
            is_own: Whether that run was one of the series.
            must_stop: Whether a person has stopped it, in training or in its measurement.

        Returns:
            Whether a run was started, by this call or by a page.
        """
        with self._lock:
            series = self._series
            if series is None:
                return False
            if series.has_started and not is_own:
                return True  # A page has started the series since that run ended.
            # If the run before the series fails, the page shows its error, and no series starts.
            must_end = must_stop if is_own else ending == "failed"
            if not must_end and not series.problem and self._start_run(series):
                return True
            self.forget()
        if is_own:
            self._show(series.previous, series.problem)
        return False

    def _start_run(self, series: Series[Running]) -> bool:
        if not series.select_next():
            return False
        series.has_started = True
        is_started = self._start(series.prepare, series.config, series.train_run)
        if not is_started:
            self.forget()
        return is_started
