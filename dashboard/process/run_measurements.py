"""Measurements of runs with 10,000 images, in a thread, so that no page waits for them.

Imports neither Streamlit nor TensorFlow.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard.process import tf_runtime
from dcgan.comparison.kept_measurement import PREPARED_SHARE, write_measurement
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.errors import DCGANError
from dcgan.runs.run_folder import Run

# Measures a run, and reports the share of this work that is done, in [0, 1].
Measure = Callable[[Run, Callable[[float], None]], RunMeasurement]

_UNEXPECTED = "The measurement ended with an unexpected error; the server's log has the details."


@dataclass(frozen=True)
class MeasuringProgress:
    """The progress of some measurements.

    Attributes:
        run: The run that is measured now.
        num_done, num_total: Number of runs that are done, and of all since the thread started.
        share_of_run: Share of the work on this run that is done, in [0, 1].
        is_cancelled: Whether it ends with this run, or before: none of the runs asked about waits.
        seconds_left: Estimated seconds until the last run is measured; None before the first one
            is, whose work on the real images takes longer.
    """

    run: Run
    num_done: int
    num_total: int
    share_of_run: float
    is_cancelled: bool = False
    seconds_left: float | None = None

    @property
    def is_preparing(self) -> bool:
        """Whether the first run waits for the real images to be loaded and measured."""
        return self.num_done == 0 and self.share_of_run < PREPARED_SHARE

    @property
    def share(self) -> float:
        """Share of all work that is done, in [0, 1]."""
        return (self.num_done + self.share_of_run) / self.num_total


class _ShutdownError(Exception):
    """The server shuts down."""


class _CancelledError(Exception):
    """A person has cancelled the measurements."""


class RunMeasurements:
    """The measurements of this process, shared by all tabs; one run is measured at a time."""

    def __init__(self, make_measure: Callable[[], Measure]) -> None:
        """Start no measurement.

        Args:
            make_measure: Returns the function that measures a run, once for each thread.
        """
        self._make_measure = make_measure
        self._lock = threading.Lock()
        self._waiting: list[Run] = []  # The first one is measured now.
        self._num_done = 0
        self._share_of_run = 0.0
        self._begun_at = 0.0  # When the run that is measured now began, or was prepared.
        self._seconds_per_run: float | None = None
        self._last_seconds_per_run: float | None = None  # Also of earlier threads.
        self._is_cancelled = False
        self._problems: dict[Path, str] = {}
        self._thread: threading.Thread | None = None
        self._is_shutting_down = threading.Event()

    def start(self, runs: Sequence[Run]) -> None:
        """Measure runs, and keep each result in its run's folder.

        A waiting run is not repeated. A cancelled measurement goes on if its run is one of them.
        """
        with self._lock:
            if self._waiting and self._waiting[0].path in {run.path for run in runs}:
                self._is_cancelled = False
            waiting = {run.path for run in self._waiting}
            for run in runs:
                self._problems.pop(run.path, None)
                if run.path not in waiting:
                    self._waiting.append(run)
            if self._thread is None and self._waiting:
                self._num_done = 0
                self._seconds_per_run = None
                self._thread = threading.Thread(
                    target=self._work, name="run-measurements", daemon=True
                )
                self._thread.start()

    def cancel(self) -> None:
        """End the measurements of all tabs; results that exist are kept.

        The run that is measured now ends at its next report of progress. If it makes none, its
        result is kept too.
        """
        with self._lock:
            del self._waiting[1:]
            self._is_cancelled = bool(self._waiting)

    def get_progress(self, runs: Collection[Run]) -> MeasuringProgress | None:
        """Return the progress if one of some runs is measured or waits; otherwise None."""
        paths = {run.path for run in runs}
        with self._lock:
            if paths.isdisjoint(run.path for run in self._waiting):
                return None
            num_total = self._num_done + len(self._waiting)
            seconds_left = None
            if self._seconds_per_run is not None:
                done = self._num_done + self._share_of_run
                seconds_left = self._seconds_per_run * (num_total - done)
            return MeasuringProgress(
                self._waiting[0],
                self._num_done,
                num_total,
                self._share_of_run,
                self._is_cancelled and paths.isdisjoint(run.path for run in self._waiting[1:]),
                seconds_left,
            )

    @property
    def seconds_per_run(self) -> float | None:
        """Seconds that the last measured run took, without the real images; None before it."""
        return self._last_seconds_per_run

    def get_problem(self, run: Run) -> str:
        """Return why the last measurement of a run failed, as a sentence; "" if it did not."""
        return self._problems.get(run.path, "")

    def join(self) -> None:
        """Wait until nothing is measured."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def shut_down(self) -> None:
        """End the measurements at the next report of progress, before the process ends."""
        self._is_shutting_down.set()

    def _work(self) -> None:
        measure: Measure | None = None
        is_last = False
        while not is_last:
            run, problem, was_stopped = self._waiting[0], "", False
            try:
                self._report_share(0.0)
                measure = measure or self._make_measure()
                self._report_share(0.0)  # It takes seconds to load TensorFlow.
                write_measurement(run, measure(run, self._report_share))
            except _CancelledError:
                was_stopped = True
            except DCGANError as error:
                problem = str(error)
            except OSError as error:
                problem = (
                    f"It cannot be read ({error.strerror or error}); check the permissions of its "
                    "folder."
                )
            except BaseException as error:
                self._end_all(_UNEXPECTED)
                # While it ends, Python refuses new threads with a RuntimeError.
                is_end = isinstance(error, _ShutdownError | RuntimeError)
                if is_end and self._is_shutting_down.is_set():
                    return
                raise
            is_last = self._end_first(problem, was_stopped=was_stopped)

    def _report_share(self, share: float) -> None:
        if self._is_shutting_down.is_set():
            raise _ShutdownError
        if self._is_cancelled:
            raise _CancelledError
        if self._share_of_run < PREPARED_SHARE <= share and self._num_done == 0:
            self._begun_at = time.monotonic()  # The real images are measured once.
        self._share_of_run = share

    def _end_first(self, problem: str, *, was_stopped: bool) -> bool:
        """Remove the run that was measured; return whether it was the last one.

        A run that was stopped stays if a person has started it again since the cancellation.
        """
        with self._lock:
            if problem:
                self._problems[self._waiting[0].path] = problem
            now = time.monotonic()
            if not problem and not was_stopped:
                self._seconds_per_run = self._last_seconds_per_run = now - self._begun_at
            self._begun_at = now
            if not was_stopped or self._is_cancelled:
                del self._waiting[0]
                self._num_done += 1
            self._share_of_run = 0.0
            self._is_cancelled = False
            if self._waiting:
                return False
            self._thread = None  # The next start makes another thread.
            return True

    def _end_all(self, problem: str) -> None:
        with self._lock:
            self._problems |= {run.path: problem for run in self._waiting}
            self._waiting.clear()
            self._is_cancelled = False
            self._thread = None


@functools.cache
def get_run_measurements() -> RunMeasurements:
    """Return the measurements of this process."""
    return RunMeasurements(_make_measure)


def _make_measure() -> Measure:
    tf_runtime.prepare()
    from dcgan.comparison.measuring import Measurer

    measurer = Measurer()
    return lambda run, report: tf_runtime.run_long_work(measurer.measure, run, report)
