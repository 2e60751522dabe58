"""A public demo: the visitors who wait for their turn, and the one whose run trains.

Each command names the visitor who sends it. It is checked here, because pages only hide commands.
Imports no Streamlit.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dashboard.process.demo_bounds import DemoBounds
from dashboard.process.storage_limits import LimitError, StorageLimits
from dashboard.process.visitor_runs import belongs_to_visitor, delete_old_runs, get_visitor_folder
from dashboard.snapshots.snapshot import Snapshot
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run

_log = logging.getLogger(__name__)

_UPDATE_SECONDS = 1.0  # Between two updates of the queue.
_DELETION_SECONDS = 60.0  # Between two deletions of old runs.
_PREPARING_SECONDS = 10.0  # Assumed time from a run's start to its first step, for estimates.


class VisitorsTrainer(Protocol):
    """The part of a `Trainer` that the demo uses."""

    root: Path
    limits: StorageLimits

    def snapshot(self) -> Snapshot:
        """Return the current state."""
        ...

    def start(self, config: TrainingConfig, root: Path | None = None) -> bool:
        """Start a new run in a folder; return False if another is active."""
        ...

    def stop(self, run: Run | None = None) -> None:
        """Ask the run to save and end."""
        ...


class DemoError(RunError):
    """A visitor's request that is refused; the message is for the visitor."""


@dataclass(frozen=True)
class Place:
    """A visitor's place in the queue.

    Attributes:
        number: 1 for the next one.
        seconds: Estimated time until the training starts.
    """

    number: int
    seconds: float


@dataclass(frozen=True)
class _Request:
    visitor: str
    config: TrainingConfig


class Demo:
    """The visitors of a public demo, one of whom trains at a time.

    Attributes:
        bounds: The settings that a visitor may train with, and how many runs are kept.
    """

    def __init__(
        self,
        trainer: VisitorsTrainer,
        bounds: DemoBounds,
        is_connected: Callable[[str], bool] = lambda session: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create the demo without visitors and without a thread.

        Args:
            trainer: The trainer of this process.
            bounds: The bounds of the demo.
            is_connected: Returns whether the page of a session has a connection.
            clock: Returns monotonic seconds.
        """
        self.bounds = bounds
        self._is_connected = is_connected
        self._trainer = trainer
        self._clock = clock
        # Held while a run starts or stops, so that a command for one run never reaches the next.
        self._lock = threading.RLock()
        self._waiting: list[_Request] = []
        self._current: _Request | None = None
        self._began_at = 0.0  # Start of the current run, by `clock`.
        self._visitors: dict[str, str] = {}  # Visitor of each session.
        # When each visitor who waits or trains last had a connection, by `clock`.
        self._seen_at: dict[str, float] = {}
        self._deleted_at = clock() - _DELETION_SECONDS
        self._problem = ""
        self._is_closed = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def num_waiting(self) -> int:
        """Number of visitors in the queue."""
        return len(self._waiting)

    @property
    def problem(self) -> str:
        """A sentence that explains why no run can start, or ""."""
        return self._problem

    @property
    def is_alive(self) -> bool:
        """Whether the thread of the queue runs, or was not started yet."""
        return self._thread is None or self._thread.is_alive()

    def owns(self, visitor: str, run: Run) -> bool:
        """Return whether a run belongs to a visitor."""
        return belongs_to_visitor(run.path, visitor)

    def is_training(self, visitor: str) -> bool:
        """Return whether the run in training belongs to a visitor, also before it has a folder."""
        with self._lock:
            return (
                self._current is not None
                and self._current.visitor == visitor
                and self._trainer.snapshot().is_active
            )

    def find_place(self, visitor: str) -> Place | None:
        """Return a visitor's place in the queue; None for one who does not wait."""
        with self._lock:
            for num_ahead, request in enumerate(self._waiting):
                if request.visitor == visitor:
                    return Place(num_ahead + 1, self._estimate_wait(num_ahead))
            return None

    def estimate_wait(self) -> float:
        """Estimate the seconds until a new visitor could train; 0 if at once."""
        with self._lock:
            return self._estimate_wait(len(self._waiting))

    def _estimate_wait(self, num_ahead: int) -> float:
        snapshot = self._trainer.snapshot()
        seconds_per_run = self.bounds.seconds + _PREPARING_SECONDS
        seconds_left = 0.0
        if snapshot.is_active:
            estimate = snapshot.seconds_left
            seconds_left = seconds_per_run if estimate is None else estimate
        return seconds_left + num_ahead * seconds_per_run

    def record_session(self, visitor: str, session: str) -> None:
        """Record that a session belongs to a visitor, who may have several sessions."""
        with self._lock:
            self._visitors[session] = visitor

    def request(self, visitor: str, config: TrainingConfig) -> None:
        """Start a visitor's run, or put it into the queue; does nothing if the visitor waits.

        Raises:
            ConfigError: If the settings are not allowed.
            DemoError: If the visitor trains already, the queue is full, or the disk is full.
        """
        self.bounds.check(config)
        with self._lock:
            if self.find_place(visitor) is not None:
                return
            if self.is_training(visitor):
                raise DemoError("Your run is still training.")
            if len(self._waiting) >= self.bounds.max_waiting:
                raise DemoError(
                    f"{len(self._waiting)} visitors are waiting, and the queue is full: try again "
                    "in some minutes."
                )
            self._waiting.append(_Request(visitor, config))
            self._seen_at[visitor] = self._clock()
            self._problem = ""  # There may be room again.
            self._advance_queue()
            if self._problem:
                raise DemoError(self._problem)

    def leave(self, visitor: str) -> None:
        """Remove a visitor from the queue."""
        with self._lock:
            self._waiting = [request for request in self._waiting if request.visitor != visitor]

    def stop(self, visitor: str, run: Run) -> None:
        """Stop a visitor's run; does nothing if it no longer trains or is another visitor's."""
        with self._lock:
            if self.owns(visitor, run) and self._trainer.snapshot().trains(run):
                self._trainer.stop(run)

    def update(self) -> None:
        """Advance the queue; once a minute, also delete old runs and look for room.

        Only the thread of the queue calls it: a deletion may take long, and pages do not wait.
        """
        self._advance_queue()
        now = self._clock()
        if now - self._deleted_at >= _DELETION_SECONDS:
            self._deleted_at = now
            self._delete_old_runs()
            self._look_for_room()

    def _advance_queue(self) -> None:
        """Remove visitors who have gone, stop a run that takes too long, and start the next one."""
        with self._lock:
            now = self._clock()
            self._record_presence(now)
            self._waiting = [
                request for request in self._waiting if not self._has_gone(request.visitor, now)
            ]
            if self._trainer.snapshot().is_active:
                self._check_current(now)
            else:
                self._current = None
                self._start_next(now)
            self._forget_visitors()

    def _list_requests(self) -> list[_Request]:
        """Return the requests of the visitors who wait and of the one who trains."""
        return [*self._waiting, *([] if self._current is None else [self._current])]

    def _record_presence(self, now: float) -> None:
        for request in self._list_requests():
            if self._is_present(request.visitor):
                self._seen_at[request.visitor] = now

    def _has_gone(self, visitor: str, now: float) -> bool:
        return now - self._seen_at.get(visitor, now) > self.bounds.gone_seconds

    def _forget_visitors(self) -> None:
        """Forget the visitors who neither wait nor train nor have a connection."""
        visitors = {request.visitor for request in self._list_requests()}
        self._seen_at = {
            visitor: at for visitor, at in self._seen_at.items() if visitor in visitors
        }
        self._visitors = {
            session: visitor
            for session, visitor in self._visitors.items()
            if visitor in visitors or self._is_connected(session)
        }

    def _is_present(self, visitor: str) -> bool:
        return any(
            owner == visitor and self._is_connected(session)
            for session, owner in self._visitors.items()
        )

    def _check_current(self, now: float) -> None:
        is_late = now - self._began_at > self.bounds.max_wall_seconds
        has_gone = self._current is not None and self._has_gone(self._current.visitor, now)
        if self._trainer.snapshot().phase != "stopping" and (
            is_late or (has_gone and self._waiting)
        ):
            self._trainer.stop()

    def _start_next(self, now: float) -> None:
        # Visitors without a connection keep their places for `gone_seconds` and are passed over.
        request = next(
            (request for request in self._waiting if self._is_present(request.visitor)), None
        )
        if request is None or self._is_closed.is_set():
            return
        folder = get_visitor_folder(self._trainer.root, request.visitor)
        try:
            is_started = self._trainer.start(request.config, root=folder)
        except LimitError as error:
            _log.error("No visitor can train: %s", error)
            self._problem = "The server has no room for another run now. Try again later."
            self._waiting.clear()
            return
        if is_started:
            self._problem = ""
            self._waiting.remove(request)
            self._current, self._began_at = request, now

    def _delete_old_runs(self) -> None:
        snapshot = self._trainer.snapshot()
        run = snapshot.run if snapshot.is_active else None
        delete_old_runs(
            self._trainer.root,
            time.time() - self.bounds.keep_seconds,
            self.bounds.max_kept,
            self.bounds.max_kept_per_visitor,
            None if run is None else run.path,
        )

    def _look_for_room(self) -> None:
        """Clear the problem if there is room for a run again."""
        if self._problem:
            with contextlib.suppress(LimitError):
                self._trainer.limits.check_room_for_run(self._trainer.root)
                self._problem = ""

    def close(self) -> None:
        """Start no more runs, because the process ends."""
        with self._lock:
            self._is_closed.set()
            self._waiting.clear()

    def start_thread(self, is_connected: Callable[[str], bool]) -> None:
        """Call `update` every second in a thread until `close` is called.

        Args:
            is_connected: Returns whether the page of a session has a connection.
        """
        self._is_connected = is_connected

        def update_forever() -> None:
            while not self._is_closed.wait(_UPDATE_SECONDS):
                try:
                    self.update()
                except OSError:  # The disk may work again at the next update.
                    _log.exception("The demo's queue could not be updated.")

        # A daemon thread: it writes no file, so the process may end at any moment.
        self._thread = threading.Thread(target=update_forever, name="demo", daemon=True)
        self._thread.start()
