"""Count of the tabs that follow training, and their poll interval; imports no Streamlit."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from dashboard.state.snapshot import Snapshot

# Between two looks at the trainer. At a run's beginning much changes each second; later it does
# not, and redrawing takes time that a training on the same machine would have.
_PACES = ((20.0, 1.0), (60.0, 2.0), (math.inf, 4.0))  # Until so many seconds of training.
_WAITING_SECONDS = 1.0  # While a command is being followed.
_IDLE_SECONDS = 3.0  # How soon another tab notices a start.
# All tabs together have the page drawn so often a second at most, as long as none waits too long:
# a browser takes a fifth of a second for it, which it may take from the training.
_LOOKS_A_SECOND = 1.0
_LONGEST_SECONDS = 10.0
_GONE_SECONDS = 12.0  # Whoever has not looked for so long does not watch any more.


class Watchers:
    """Those who look at the trainer, which may be many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Make an empty one; `clock` returns seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}

    def poll_seconds(self, who: str, snapshot: Snapshot) -> float:
        """Return how long to wait until the next look, in seconds.

        Args:
            who: Looks now; the same tab has the same name each time.
            snapshot: What it saw.
        """
        now = self._clock()
        with self._lock:
            self._seen[who] = now
            self._seen = {it: at for it, at in self._seen.items() if now - at <= _GONE_SECONDS}
            num = len(self._seen)
        return max(_pace(snapshot), min(_LONGEST_SECONDS, num / _LOOKS_A_SECOND))

    def count(self) -> int:
        """Return how many look at it."""
        now = self._clock()
        with self._lock:
            return sum(now - at <= _GONE_SECONDS for at in self._seen.values())


def _pace(snapshot: Snapshot) -> float:
    """Return the seconds between two looks of one who watches alone."""
    if not snapshot.is_active:
        return _IDLE_SECONDS
    if snapshot.phase in ("pausing", "stopping"):
        return _WAITING_SECONDS
    seconds = 0.0 if snapshot.last is None else snapshot.last.seconds
    return next(pace for until, pace in _PACES if seconds < until)
