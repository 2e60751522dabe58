"""Runs that other processes train in the folder of this dashboard, read as they grow.

The command line, several workers, another dashboard: all there is of them is what they write. One
thread reads it for all tabs, while somebody watches; pages take what it read last, so that its
numbers keep none of them waiting for a slow disk. Imports no Streamlit.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from dashboard.state.snapshot import ACTIVE, Phase, Snapshot
from dcgan.errors import RunError
from dcgan.reports import SampleReport
from dcgan.runs.history import HistoryFollower
from dcgan.runs.manifest import State
from dcgan.runs.run_folder import Run, open_run

_ROUND_SECONDS = 1.0  # Between two looks at the runs that are followed.
_LISTING_SECONDS = 4.0  # Between two looks for others: one at each folder under the root.
_GONE_SECONDS = 30.0  # Who has not asked for so long does not watch any more; tabs ask every ten.
_OLD_SECONDS = 5.0  # What was read before is of the past, when somebody comes to watch.
_PATIENCE_SECONDS = 2.0  # How long a page waits for a first look at the most.

_PHASES: Mapping[State, Phase] = {
    "running": "running",
    "paused": "paused",
    "stopped": "stopped",
    "finished": "finished",
    "interrupted": "interrupted",
    "failed": "failed",
}

# Tells a file from what it was: its number, size and time of change.
_Mark = tuple[int, int, int]
_MISSING: _Mark = (0, 0, 0)


def _mark(path: Path) -> _Mark:
    """Return the mark of a file or folder; `_MISSING` where there is none.

    Raises:
        OSError: If the disk does not say.
    """
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return _MISSING
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


@dataclass(frozen=True, eq=False)
class ExternalSnapshot:
    """The runs of other processes at one moment.

    Attributes:
        runs: Those in training, the newest first.
        snapshot: Of the run that was asked for; None where it is none, or not read yet.
        problem: Why the folder of the runs cannot be looked at, in a sentence, or empty.
    """

    runs: tuple[Run, ...] = ()
    snapshot: Snapshot | None = None
    problem: str = ""


class _Followed:
    """One run that is read again and again.

    Attributes:
        snapshot: What was read last; None before the first time.
        asked: When somebody last asked for it, in seconds.
    """

    def __init__(self, path: Path, asked: float) -> None:
        self.snapshot: Snapshot | None = None
        self.asked = asked
        self._path = path
        self._config_mark = self._samples_mark = _MISSING
        self._is_shown = False  # Whether the snapshot has all that was read of the history.

    def read(self, number: Callable[[], int]) -> None:
        """Take in what is new; `number` gives the version of a snapshot that differs."""
        try:
            before = self.snapshot
            now = self._read(before)
        except (OSError, RunError) as error:
            if self.snapshot is None:
                return
            before, now = self.snapshot, self._say_why_not(self.snapshot, error)
        if now is not before:
            self.snapshot = replace(now, version=number())

    def _read(self, before: Snapshot | None) -> Snapshot:
        """Return what the folder says now; the very same snapshot if that is nothing new."""
        config_mark, samples_mark = _mark(self._path / "config.json"), self._samples_mark
        if before is None or before.run is None or config_mark != self._config_mark:
            run = open_run(self._path)
            if before is None or before.run is None or before.run.created != run.created:
                self._history = HistoryFollower(run.history.path)
                self._is_shown = False
                samples_mark = _MISSING
                before = Snapshot(run=run, machine="", num_images=run.dataset.num_images)
            now = replace(before, run=run, config=run.config)
        else:
            now, run = before, before.run
        status = run.read_status()
        self._is_shown &= not self._history.read()
        if not self._is_shown:
            now = replace(
                now,
                history=tuple(self._history.steps),
                evaluations=tuple(self._history.evaluations),
                events=tuple(self._history.events),
            )
        mark = _mark(run.path / "samples")
        if mark != samples_mark:
            now = replace(now, sample=_newest_sample(run, now))
        phase = _PHASES[status.state]
        if phase == "running" and not now.history:
            phase = "preparing"
        if phase in ACTIVE and before.phase not in ACTIVE and before.phase != "idle":
            # Somebody goes on with it: what came before is no measure of the speed.
            now = replace(now, num_earlier=len(now.history))
        machine = status.machine or now.machine
        if (phase, status.message, machine) != (now.phase, now.message, now.machine):
            now = replace(now, phase=phase, message=status.message, machine=machine)
        # Not before: where the disk fails on the way, all of it is to be read again.
        self._config_mark, self._samples_mark, self._is_shown = config_mark, mark, True
        return now

    def _say_why_not(self, before: Snapshot, error: OSError | RunError) -> Snapshot:
        """Return what was read last, with a sentence on why there is nothing newer."""
        if isinstance(error, OSError):
            words = (
                f"The run's folder cannot be read ({error.strerror or error}); shown is what was "
                "read before, and it is tried again."
            )
        else:
            words = str(error)
        is_gone = not isinstance(error, OSError) and not _may_be_there(self._path)
        phase: Phase = "interrupted" if is_gone and before.is_active else before.phase
        if (before.message, before.phase) == (words, phase):
            return before
        return replace(before, message=words, phase=phase)


def _may_be_there(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # The disk does not say.
        return True


def _newest_sample(run: Run, now: Snapshot) -> SampleReport | None:
    for step in reversed(run.samples.list_steps()[-3:]):
        try:
            pixels = run.samples.read(step)
        except RunError:
            continue  # Let go of since, or damaged; the one before it will do.
        epoch = run.config.epoch_of(step, run.dataset.num_images)
        return SampleReport(step, epoch, now.last.seconds if now.last else 0.0, pixels)
    return None


@dataclass(frozen=True, eq=False)
class _Listed:
    """A folder under the root, as it was when it was last looked at."""

    mark: _Mark  # Of its status.json.
    run: Run | None
    is_active: bool


class ExternalRuns:
    """Reader of the runs that other processes train under a root, shared by all tabs."""

    def __init__(
        self,
        root: Path,
        own: Callable[[], Snapshot],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make it of a folder of runs; nothing is read before somebody asks.

        Args:
            root: The folder.
            own: Says what this process trains, which is nobody else's.
            clock: Returns seconds.
        """
        self._root = root
        self._own = own
        self._clock = clock
        self._numbers = itertools.count(1)  # One for all, so that no version comes twice.
        self._reading = threading.Lock()  # Held by whoever looks at the disk.
        self._listed: dict[Path, _Listed] = {}
        self._listed_at = -_LISTING_SECONDS
        self._changed = threading.Condition()  # Holds what is below.
        self._runs: tuple[Run, ...] = ()
        self._problem = ""
        self._list_version = 0
        self._followed: dict[str, _Followed] = {}
        self._thread: threading.Thread | None = None
        self._asked = -_GONE_SECONDS
        self._is_wanted = False  # Whether somebody waits for a look.
        self._begun = self._done = 0  # Looks.
        self._begun_at = self._done_at = -_OLD_SECONDS

    def version(self, name: str) -> str:
        """Return another text whenever `observe` has something new to say of a run; never waits."""
        with self._changed:
            followed = self._note(name)
            self._wake()
            snapshot = None if followed is None else followed.snapshot
            return f"{self._list_version}.{0 if snapshot is None else snapshot.version}"

    def observe(self, name: str = "") -> ExternalSnapshot:
        """Return what there is to see.

        Args:
            name: Of the run to follow, a folder under the root; it is read from now on, for as
                long as somebody asks. Empty for none.
        """
        with self._changed:
            # A folder under the root, and no way out of it.
            is_name = Path(name).name == name and not name.startswith(".")
            is_new = bool(name) and is_name and name not in self._followed
            if is_new:
                self._followed[name] = _Followed(self._root / name, self._clock())
            followed = self._note(name)
            now = self._clock()
            is_stuck = self._begun > self._done and now - self._begun_at > _PATIENCE_SECONDS
            if (is_new or now - self._done_at > _OLD_SECONDS) and not is_stuck:
                before, self._is_wanted = self._begun, True
                self._wake()
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._done > before, _PATIENCE_SECONDS)
            else:
                self._wake()
            snapshot = None if followed is None else followed.snapshot
            return ExternalSnapshot(self._runs, snapshot, self._problem)

    def _note(self, name: str) -> _Followed | None:
        self._asked = self._clock()
        followed = self._followed.get(name)
        if followed is not None:
            followed.asked = self._asked
        return followed

    def _wake(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            # A daemon: it writes nothing, and a disk that hangs must not keep the process.
            self._thread = threading.Thread(target=self._work, name="external-runs", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            self.refresh()
            with self._changed:
                if self._clock() - self._asked > _GONE_SECONDS:
                    self._thread = None
                    return
                self._changed.wait_for(lambda: self._is_wanted, _ROUND_SECONDS)

    def refresh(self) -> None:
        """Look at the disk once."""
        with self._reading:
            with self._changed:
                self._begun += 1
                self._begun_at, self._is_wanted = self._clock(), False
                now = self._begun_at
                self._followed = {
                    name: it
                    for name, it in self._followed.items()
                    if now - it.asked < _GONE_SECONDS
                }
                followed = list(self._followed.values())
            if now - self._listed_at >= _LISTING_SECONDS:
                self._listed_at = now
                self._list()
            for one in followed:
                one.read(self._numbers.__next__)
            with self._changed:
                self._done, self._done_at = self._begun, self._clock()
                self._changed.notify_all()

    def _list(self) -> None:
        """Find the runs that others train."""
        before = self._own()
        problem = ""
        try:
            folders = [path for path in self._root.iterdir() if not path.name.startswith(".")]
        except FileNotFoundError:
            folders = []
        except OSError as error:
            folders = list(self._listed)
            problem = (
                f"The folder of the runs cannot be read ({error.strerror or error}); it is tried "
                "again."
            )
        self._listed = {path: self._look_at(path, self._listed.get(path)) for path in folders}
        found = [it.run for it in self._listed.values() if it.run is not None and it.is_active]
        owners = (before, self._own())
        known = {run.path for run in self._runs}
        is_beginning = any(own.is_active and own.run is None for own in owners)
        runs = sorted(
            (
                run
                for run in found
                if not any(own.trains(run) for own in owners)
                # One that begins here has a folder before anything says so.
                and (not is_beginning or run.path in known)
            ),
            key=lambda run: (run.created, run.name),
            reverse=True,
        )
        with self._changed:
            if [run.path for run in runs] != [run.path for run in self._runs] or (
                problem != self._problem
            ):
                self._runs, self._problem = tuple(runs), problem
                self._list_version = next(self._numbers)

    def _look_at(self, path: Path, before: _Listed | None) -> _Listed:
        """Look at a folder; one whose status is what it was and that had ended costs a `stat`."""
        try:
            mark = _mark(path / "status.json")
            if mark == _MISSING:
                return _Listed(mark, None, is_active=False)
            if before is not None and before.mark == mark:
                if before.run is None or not before.is_active:
                    return before
                run = before.run
            else:
                run = open_run(path)
            return _Listed(mark, run, is_active=run.read_status().state in ("running", "paused"))
        except RunError:  # Damaged: the Runs page reports it.
            return _Listed(mark, None, is_active=False)
        except OSError:  # The disk does not say now; what is followed says it in words.
            return before or _Listed(_MISSING, None, is_active=False)
