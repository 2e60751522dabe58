"""The tabs that follow training: their number and redraw interval; imports no Streamlit."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from dashboard.snapshots.snapshot import Snapshot

# Pairs of training time and redraw interval, in seconds: an interval applies up to its training
# time. The pictures change fast at the start of a run, and each redraw takes processor time from
# training on the same machine.
_INTERVALS = ((20.0, 1.0), (60.0, 2.0), (math.inf, 4.0))
_PREPARING_SECONDS = 0.25  # Prepared networks draw their first grid after about this time.
_COMMAND_SECONDS = 1.0  # While the trainer carries out a command.
_IDLE_SECONDS = 3.0  # Delay until another tab notices a start.
# Limit for all tabs together; four times as many while a run is prepared. A redraw takes 0.2 s of
# the browser's processor time, which may be on the machine that trains.
_MAX_REDRAWS_PER_SECOND = 1.0
_MAX_INTERVAL_SECONDS = 10.0
_SHARING_SECONDS = 12.0  # Tabs that were redrawn within this time share the redraws.
# A tab without a redraw for this time is closed. An open tab is redrawn at least every 30 s; see
# `LONGEST_SECONDS` in `frontend/page/news.js`.
_CLOSED_SECONDS = 35.0


class Watchers:
    """The tabs that follow training."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without tabs; `clock` returns monotonic seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._redrawn_at: dict[str, float] = {}  # Time of the last redraw of each tab.

    def record_redraw(self, tab: str, snapshot: Snapshot) -> float:
        """Record that a tab is redrawn; return the shortest time until its next redraw, in seconds.

        Args:
            tab: Id of the tab.
            snapshot: The snapshot that the tab shows.
        """
        now = self._clock()
        with self._lock:
            self._redrawn_at[tab] = now
            self._redrawn_at = {
                tab: at for tab, at in self._redrawn_at.items() if now - at <= _CLOSED_SECONDS
            }
            num_sharing = sum(now - at <= _SHARING_SECONDS for at in self._redrawn_at.values())
        interval = _choose_interval(snapshot)
        shared = num_sharing * min(interval, 1 / _MAX_REDRAWS_PER_SECOND)
        return max(interval, min(_MAX_INTERVAL_SECONDS, shared))

    def count(self) -> int:
        """Return the number of open tabs."""
        now = self._clock()
        with self._lock:
            return sum(now - at <= _CLOSED_SECONDS for at in self._redrawn_at.values())


def _choose_interval(snapshot: Snapshot) -> float:
    """Return the redraw interval of a single tab, in seconds."""
    if not snapshot.is_active:
        return _IDLE_SECONDS
    if snapshot.phase == "preparing":
        return _PREPARING_SECONDS
    if snapshot.phase in ("pausing", "stopping"):
        return _COMMAND_SECONDS
    seconds = 0.0 if snapshot.last is None else snapshot.last.seconds
    return next(interval for until, interval in _INTERVALS if seconds < until)
