"""Waiting for a disk that refuses, for runs in nobody's sight.

It knows no TensorFlow and no screen; whoever trains passes it to `recording.record`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from dcgan.errors import DiskWriteError

# A full disk: how often to try again, and for how long.
_RETRY_SECONDS, _PATIENCE_SECONDS = 10.0, 600.0


def patience(
    interrupted: Sequence[int], tell: Callable[[str], None]
) -> Callable[[DiskWriteError], bool]:
    """Return what waits for a disk that refuses: for minutes, or until the first signal.

    Args:
        interrupted: The signals so far; looked at while it waits.
        tell: Is told, each time, that it waits.
    """
    first: float | None = None  # When it refused first, of the tries in a row.
    last = -math.inf

    def wait(error: DiskWriteError) -> bool:
        nonlocal first, last
        now = time.monotonic()
        if first is None or now - last > 2 * _RETRY_SECONDS:
            first = now
        if now - first > _PATIENCE_SECONDS:
            return False
        tell(f"{error} Training waits and tries again.")
        while not interrupted and time.monotonic() - now < _RETRY_SECONDS:
            time.sleep(0.1)
        last = time.monotonic()
        return not interrupted

    return wait
