"""The snapshot of a run that another process trains, read from the run's folder.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dashboard.process.file_cache import MISSING, read_stamp
from dashboard.snapshots.snapshot import ACTIVE, Phase, Snapshot
from dcgan.errors import RunError
from dcgan.reports import SampleReport, StepReport
from dcgan.runs.history import HistoryFollower
from dcgan.runs.manifest import MANIFEST_NAME, Status
from dcgan.runs.run_folder import Run, open_run


class FollowedRun:
    """A run whose folder is read repeatedly while another process trains it.

    Attributes:
        snapshot: The newest snapshot of the run; None before the first successful `read`.
    """

    def __init__(self, path: Path) -> None:
        """Store the run's folder without reading it."""
        self.snapshot: Snapshot | None = None
        self._path = path
        self._config_stamp = self._samples_stamp = MISSING
        self._is_history_shown = False  # Whether the snapshot has all of `_history`.

    def read(self, next_version: Callable[[], int]) -> None:
        """Update the snapshot from the run's folder.

        If the folder cannot be read, the snapshot keeps its values and gets a message.

        Args:
            next_version: Returns the version of a new snapshot; called only after a change.
        """
        previous = self.snapshot
        try:
            snapshot = self._read_folder(previous)
        except (OSError, RunError) as error:
            if previous is None:
                return
            snapshot = self._add_problem(previous, error)
        if snapshot is not previous:
            self.snapshot = replace(snapshot, version=next_version())

    def _read_folder(self, previous: Snapshot | None) -> Snapshot:
        """Return a snapshot of the folder; `previous` itself if nothing has changed."""
        config_stamp = read_stamp(self._path / MANIFEST_NAME)
        if previous is None or previous.run is None or config_stamp != self._config_stamp:
            snapshot, run = self._open(previous)
        else:
            snapshot, run = previous, previous.run
        status = run.read_status()
        self._is_history_shown &= not self._history.read()
        if not self._is_history_shown:
            snapshot = replace(
                snapshot,
                history=tuple(self._history.steps),
                evaluations=tuple(self._history.evaluations),
                events=tuple(self._history.events),
            )
        samples_stamp = read_stamp(run.path / "samples")
        if samples_stamp != self._samples_stamp:
            snapshot = replace(snapshot, sample=read_newest_sample(run, snapshot.last))
        # Set at the end: if the disk fails before, the next call reads everything again.
        self._config_stamp, self._samples_stamp = config_stamp, samples_stamp
        self._is_history_shown = True
        return _add_status(snapshot, status)

    def _open(self, previous: Snapshot | None) -> tuple[Snapshot, Run]:
        """Return a snapshot with the run's current settings, and the run.

        If the folder now holds another run, all other values of the snapshot are empty.
        """
        run = open_run(self._path)
        if previous is None or previous.run is None or previous.run.created != run.created:
            self._history = HistoryFollower(run.history.path)
            self._is_history_shown = False
            self._samples_stamp = MISSING
            previous = Snapshot(machine="", num_images=run.dataset.num_images)
        return replace(previous, run=run, config=run.config), run

    def _add_problem(self, previous: Snapshot, error: OSError | RunError) -> Snapshot:
        """Return the previous snapshot with a message: the reason why there is no newer one."""
        phase, message = previous.phase, str(error)
        if isinstance(error, OSError):
            message = (
                f"The run's folder cannot be read ({error.strerror or error}). The page shows "
                "what was read before; the server tries again."
            )
        elif previous.is_active and not _may_exist(self._path):
            phase = "interrupted"
        return _change(previous, phase, message, previous.machine)


def read_snapshot(path: Path) -> Snapshot | None:
    """Return a snapshot of the run in a folder; None if it cannot be read."""
    run = FollowedRun(path)
    run.read(next_version=lambda: 1)
    return run.snapshot


def _add_status(snapshot: Snapshot, status: Status) -> Snapshot:
    phase: Phase = status.state
    if phase == "running" and not snapshot.history:
        phase = "preparing"
    if phase in ACTIVE and not snapshot.is_active and snapshot.phase != "idle":
        # A process has continued the run: earlier reports do not count for its speed.
        snapshot = replace(snapshot, num_earlier=len(snapshot.history))
    return _change(snapshot, phase, status.message, status.machine or snapshot.machine)


def _change(snapshot: Snapshot, phase: Phase, message: str, machine: str | None) -> Snapshot:
    """Return the snapshot with these values; the given object if it has them already."""
    if (phase, message, machine) == (snapshot.phase, snapshot.message, snapshot.machine):
        return snapshot
    return replace(snapshot, phase=phase, message=message, machine=machine)


def _may_exist(folder: Path) -> bool:
    """Return whether a folder exists, or the disk cannot be read."""
    try:
        return folder.is_dir()
    except OSError:
        return True


def read_newest_sample(run: Run, last: StepReport | None) -> SampleReport | None:
    """Return the newest of the last three sample grids that can be read; None if none can.

    Args:
        run: The run.
        last: The newest step report, whose time the sample gets.
    """
    for step in reversed(run.samples.list_steps()[-3:]):
        try:
            pixels = run.samples.read(step)
        except RunError:
            continue  # Damaged or deleted: take the one before it.
        epoch = run.config.compute_epoch(step, run.dataset.num_images)
        return SampleReport(step, epoch, last.seconds if last else 0.0, pixels)
    return None
