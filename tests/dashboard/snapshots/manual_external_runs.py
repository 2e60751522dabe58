"""A reader of other processes' runs that reads the disk when a test asks, and a clock for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashboard.snapshots.external_runs import ExternalRuns
from dashboard.snapshots.snapshot import Snapshot


class ManualClock:
    """Monotonic seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class ManualExternalRuns(ExternalRuns):
    """Reads the disk in the calling thread, without another thread."""

    def __init__(self, root: Path, get_own_snapshot: Callable[[], Snapshot] = Snapshot) -> None:
        self.clock = ManualClock()
        super().__init__(root, get_own_snapshot, self.clock)

    def _ensure_thread(self) -> None:
        if self._is_read_requested:
            self._changed.release()
            self.refresh()
            self._changed.acquire()

    def read(self, name: str = "first") -> Snapshot:
        """Return the snapshot of a run four seconds later."""
        self.observe(name)
        self.clock.now += 4
        self.refresh()
        found = self.observe(name).snapshot
        assert found is not None
        return found

    def list_names(self) -> list[str]:
        """Return the names of the active runs four seconds later."""
        self.clock.now += 4
        self.refresh()
        return [run.name for run in self.observe().runs]
