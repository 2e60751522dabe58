"""Count of the tabs that follow training, and their poll interval; imports no Streamlit."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from dashboard.snapshots.snapshot import Snapshot

# Poll intervals, each up to a training time. Much changes at the start of a run; later it does not,
# and redrawing takes processor time from training on the same machine.
_INTERVALS = ((20.0, 1.0), (60.0, 2.0), (math.inf, 4.0))
_PREPARING_SECONDS = 0.25  # Prepared networks make their first grid and step in that time.
_COMMAND_SECONDS = 1.0  # While the trainer carries out a command.
_IDLE_SECONDS = 3.0  # Delay until another tab notices a start.
# All tabs together poll at most this often, and four times as often while a run begins. A browser
# takes 0.2 s to redraw, which it may take from training on the same machine.
_MAX_POLLS_PER_SECOND = 1.0
_MAX_INTERVAL_SECONDS = 10.0
_GONE_SECONDS = 12.0  # A tab that has not polled for this long is closed.


class Watchers:
    """The tabs that follow training."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without tabs; `clock` returns monotonic seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._polled_at: dict[str, float] = {}  # By tab.

    def poll_seconds(self, tab: str, snapshot: Snapshot) -> float:
        """Record a poll, and return the seconds until the tab's next one.

        Args:
            tab: Identifies the tab that polls.
            snapshot: The snapshot that it gets.
        """
        now = self._clock()
        with self._lock:
            self._polled_at[tab] = now
            self._polled_at = {
                tab: at for tab, at in self._polled_at.items() if now - at <= _GONE_SECONDS
            }
            num_tabs = len(self._polled_at)
        interval = _choose_interval(snapshot)
        shared = num_tabs * min(interval, 1 / _MAX_POLLS_PER_SECOND)
        return max(interval, min(_MAX_INTERVAL_SECONDS, shared))

    def count(self) -> int:
        """Return the number of open tabs."""
        now = self._clock()
        with self._lock:
            return sum(now - at <= _GONE_SECONDS for at in self._polled_at.values())


def _choose_interval(snapshot: Snapshot) -> float:
    """Return the poll interval of a single tab, in seconds."""
    if not snapshot.is_active:
        return _IDLE_SECONDS
    if snapshot.phase == "preparing":
        return _PREPARING_SECONDS
    if snapshot.phase in ("pausing", "stopping"):
        return _COMMAND_SECONDS
    seconds = 0.0 if snapshot.last is None else snapshot.last.seconds
    return next(interval for until, interval in _INTERVALS if seconds < until)
