"""The runs that other processes train under the root of this dashboard.

Such processes are the command line, the workers of a distributed run and other dashboards. One
thread reads the files that they write, for all tabs, while somebody watches. Pages get the result
of the last read, so that a slow disk does not block them. Imports no Streamlit.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashboard.process.visitor_runs import list_visitor_folders
from dashboard.snapshots.active_runs import ActiveRuns
from dashboard.snapshots.followed_run import FollowedRun
from dashboard.snapshots.snapshot import Snapshot
from dcgan.installation import list_included_runs
from dcgan.runs.run_folder import Run

_READ_SECONDS = 1.0  # Between two reads of the followed runs.
_SEARCH_SECONDS = 4.0  # Between two searches for active runs, which look at every folder.
# A run or list that no tab has requested for this time has no watcher. An open tab sends a request
# at least every 10 s.
_UNWATCHED_SECONDS = 30.0
_MAX_AGE_SECONDS = 5.0  # If the last read is older, `observe` waits for a new one.
_MAX_WAIT_SECONDS = 2.0  # How long `observe` waits at most.


@dataclass(frozen=True, eq=False)
class ExternalSnapshot:
    """The runs of other processes at one moment.

    Attributes:
        runs: The runs in training or paused, newest first.
        snapshot: Snapshot of the requested run; None if there is no such run, or if it was not read
            yet.
        problem: A sentence that explains why the folder of the runs cannot be read, or "".
    """

    runs: tuple[Run, ...] = ()
    snapshot: Snapshot | None = None
    problem: str = ""


class ExternalRuns:
    """The reader of the runs that other processes train under a root, shared by all tabs."""

    def __init__(
        self,
        root: Path,
        get_own_snapshot: Callable[[], Snapshot],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Store the root; nothing is read before the first call of `observe` or `get_version`.

        Args:
            root: The folder of the runs.
            get_own_snapshot: Returns the snapshot of this process's run, which is left out.
            clock: Returns monotonic seconds.
        """
        self._root = root
        self._get_own_snapshot = get_own_snapshot
        self._clock = clock
        # The list and all snapshots share one sequence, so that no version occurs twice.
        self._next_version = itertools.count(1).__next__
        self._disk_lock = threading.Lock()  # Held by the thread that reads the disk.
        self._active_runs = ActiveRuns(root)
        self._searched_at = -_SEARCH_SECONDS
        # Guards all attributes below. Never held while the disk is read, so that pages do not wait.
        self._changed = threading.Condition()
        self._runs: tuple[Run, ...] = ()
        self._problem = ""
        self._list_version = 0
        self._watched: dict[str, float] = {}  # Time of the last request for a run, by its name.
        self._followed: dict[str, FollowedRun] = {}  # The watched runs that were found, by name.
        self._thread: threading.Thread | None = None
        self._requested_at = -_UNWATCHED_SECONDS  # Time of the last request of any page.
        self._is_read_requested = False
        self._num_started = self._num_finished = 0  # Reads of the disk.
        self._started_at = self._finished_at = -_MAX_AGE_SECONDS  # Times of the last read.

    def get_version(self, run_name: str) -> str:
        """Return a text that changes whenever the result of `observe` does; never waits.

        Args:
            run_name: Name of the run; "" for only the list of active runs.
        """
        with self._changed:
            self._record_watcher(run_name)
            self._ensure_thread()
            snapshot = self._get_snapshot(run_name)
            return f"{self._list_version}.{0 if snapshot is None else snapshot.version}"

    def observe(self, run_name: str = "") -> ExternalSnapshot:
        """Return the result of the last read; wait for a new one if it is missing or old.

        Args:
            run_name: Name of the run to follow: of its folder under the root, or of an included
                run. The run is read until no page has requested it for 30 s. "" to follow none.
        """
        with self._changed:
            is_folder_name = Path(run_name).name == run_name and not run_name.startswith(".")
            is_new = bool(run_name) and is_folder_name and run_name not in self._watched
            now = self._clock()
            if is_new:
                self._watched[run_name] = now
            self._record_watcher(run_name)
            is_reading = self._num_started > self._num_finished
            is_stuck = is_reading and now - self._started_at > _MAX_WAIT_SECONDS
            if (is_new or now - self._finished_at > _MAX_AGE_SECONDS) and not is_stuck:
                num_started, self._is_read_requested = self._num_started, True
                self._ensure_thread()
                self._changed.notify_all()
                # A read that has already started may not include the run.
                self._changed.wait_for(lambda: self._num_finished > num_started, _MAX_WAIT_SECONDS)
            else:
                self._ensure_thread()
            return ExternalSnapshot(self._runs, self._get_snapshot(run_name), self._problem)

    def _find_folder(self, run_name: str) -> Path:
        """Return a run's folder: under the root, or else of an included run or a visitor's run."""
        folder = self._root / run_name
        others = (
            *list_included_runs(),
            *(visitor_folder / run_name for visitor_folder in list_visitor_folders(self._root)),
        )
        found = (path for path in others if path.name == run_name and path.is_dir())
        return folder if folder.is_dir() else next(found, folder)

    def _record_watcher(self, run_name: str) -> None:
        """Record a request for the list of active runs, and for a run if it is watched."""
        self._requested_at = self._clock()
        if run_name in self._watched:
            self._watched[run_name] = self._requested_at

    def _get_snapshot(self, run_name: str) -> Snapshot | None:
        followed = self._followed.get(run_name)
        return None if followed is None else followed.snapshot

    def _ensure_thread(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            # A daemon thread: it writes nothing, and a disk that hangs must not delay the end of
            # the process.
            self._thread = threading.Thread(
                target=self._read_while_watched, name="external-runs", daemon=True
            )
            self._thread.start()

    def _read_while_watched(self) -> None:
        while True:
            self.refresh()
            with self._changed:
                if self._clock() - self._requested_at > _UNWATCHED_SECONDS:
                    self._thread = None
                    return
                self._changed.wait_for(lambda: self._is_read_requested, _READ_SECONDS)

    def refresh(self) -> None:
        """Read the followed runs once, and the list of active runs if it is due."""
        with self._disk_lock:
            with self._changed:
                self._num_started += 1
                now = self._started_at = self._clock()
                self._is_read_requested = False
                self._watched = {
                    run_name: requested_at
                    for run_name, requested_at in self._watched.items()
                    if now - requested_at < _UNWATCHED_SECONDS
                }
                self._followed = {
                    run_name: followed
                    for run_name, followed in self._followed.items()
                    if run_name in self._watched
                }
                run_names = list(self._watched)
            if now - self._searched_at >= _SEARCH_SECONDS:
                self._searched_at = now
                self._update_list()
            for run_name in run_names:
                self._read_run(run_name)
            with self._changed:
                self._num_finished, self._finished_at = self._num_started, self._clock()
                self._changed.notify_all()

    def _read_run(self, run_name: str) -> None:
        """Read a watched run; find its folder first if it is not followed yet."""
        if run_name not in self._followed:
            try:
                followed = FollowedRun(self._find_folder(run_name))
            except OSError:  # The next read tries again.
                return
            with self._changed:
                self._followed[run_name] = followed
        self._followed[run_name].read(self._next_version)

    def _update_list(self) -> None:
        """Search for active runs, without the run of this process."""
        before = self._get_own_snapshot()
        active_runs, problem = self._active_runs.search()
        own_snapshots = (before, self._get_own_snapshot())  # It may change during the search.
        # A run that starts here has a folder before the trainer's snapshot names the run.
        is_starting = any(own.is_active and own.run is None for own in own_snapshots)
        listed = {_identify(run) for run in self._runs}
        runs = [
            run
            for run in active_runs
            if not any(own.trains(run) for own in own_snapshots)
            and (not is_starting or _identify(run) in listed)
        ]
        runs.sort(key=lambda run: (run.created, run.name), reverse=True)
        with self._changed:
            is_same_list = list(map(_identify, runs)) == list(map(_identify, self._runs))
            if not is_same_list or problem != self._problem:
                self._runs, self._problem = tuple(runs), problem
                self._list_version = self._next_version()


def _identify(run: Run) -> tuple[Path, str]:
    """Return a key of a run; a run that replaces another one in its folder has another key."""
    return run.path, run.created
