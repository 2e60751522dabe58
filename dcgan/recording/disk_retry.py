"""Retries of writes that fail, such as on a full disk.

A `DiskRetryPolicy` decides whether to try again; `recording.recorder.record` takes one. This module
needs no TensorFlow.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from dcgan.errors import DiskWriteError

# Seconds between two attempts, and from the first failed attempt to the last.
_RETRY_SECONDS, _MAX_RETRY_SECONDS = 10.0, 600.0

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# Gets the error of a failed write, may wait, and returns whether to try again.
DiskRetryPolicy = Callable[[DiskWriteError], bool]


def give_up_at_once(error: DiskWriteError) -> bool:
    """Never wait. `retry_write` still makes one last attempt."""
    return False


def retry_write(
    retry: DiskRetryPolicy,
    write: Callable[_Arguments, _Result],
    *arguments: _Arguments.args,
    **named: _Arguments.kwargs,
) -> _Result:
    """Call a function that writes; call it again after each disk error while `retry` returns True.

    Once `retry` returns False, the function is called a last time. While `retry` waited, a person
    may have freed space before asking to stop; then the last checkpoint can still be saved.

    Args:
        retry: Called with the error of each failed write.
        write: The function.
        *arguments, **named: Its arguments.

    Raises:
        DiskWriteError: If the last call fails too.
    """
    while True:
        try:
            return write(*arguments, **named)
        except DiskWriteError as error:
            if not retry(error):
                return write(*arguments, **named)


def build_disk_retry(
    received_signals: Sequence[int], report: Callable[[str], None]
) -> DiskRetryPolicy:
    """Build a policy that retries every 10 seconds for 10 minutes, or until the first signal.

    Args:
        received_signals: The signals received so far, a list that a signal handler extends.
        report: Called with a sentence before each wait.
    """
    first_failure: float | None = None  # Time at which the current series of failures began.
    last_failure = -math.inf

    def wait(error: DiskWriteError) -> bool:
        nonlocal first_failure, last_failure
        now = time.monotonic()
        if first_failure is None or now - last_failure > 2 * _RETRY_SECONDS:
            first_failure = now
        if now - first_failure > _MAX_RETRY_SECONDS:
            return False
        report(f"{error} Training waits and tries again.")
        while not received_signals and time.monotonic() - now < _RETRY_SECONDS:
            time.sleep(0.1)
        last_failure = time.monotonic()
        return not received_signals

    return wait
