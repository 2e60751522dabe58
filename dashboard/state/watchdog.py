"""Detection of a training thread that hangs. Imports no Streamlit."""

from __future__ import annotations

import time
from collections.abc import Callable

# Training counts as hung after this silence, or after this multiple of the run's longest silence,
# whichever is longer. Training usually reports twice a second, and once a second in a pause. But a
# step of the largest networks takes minutes, and a supervisor must not restart a healthy server.
_MIN_HUNG_SECONDS = 600.0
_HUNG_RATIO = 20


class Watchdog:
    """Measures how long the training thread has been silent.

    Attributes:
        clock: Returns monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with no silence."""
        self.clock = clock
        self.restart()

    def restart(self) -> None:
        """Forget the previous run."""
        self._last_heartbeat = self.clock()
        self._longest_silence = 0.0
        self._has_stepped = False

    def record_start(self) -> None:
        """Measure silence from now on: the run has been prepared."""
        self._last_heartbeat = self.clock()

    def record_heartbeat(self, *, is_step: bool = False) -> None:
        """Record a heartbeat of the thread; `is_step` if it has trained steps."""
        now = self.clock()
        self._longest_silence = max(self._longest_silence, now - self._last_heartbeat)
        self._last_heartbeat = now
        self._has_stepped |= is_step

    @property
    def silent_seconds(self) -> float:
        """Seconds since the last heartbeat."""
        return self.clock() - self._last_heartbeat

    @property
    def is_hung(self) -> bool:
        """Whether the silence is far longer than any silence before.

        Always False before the first steps: a download, own pictures and the tracing of the largest
        networks have no upper limit of time.
        """
        limit = max(_MIN_HUNG_SECONDS, _HUNG_RATIO * self._longest_silence)
        return self._has_stepped and self.silent_seconds > limit
