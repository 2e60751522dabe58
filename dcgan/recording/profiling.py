"""A TensorFlow profile of some seconds of a training: the time of each operation.

It is written beside a run's TensorBoard events, whose profile plugin displays it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from dcgan.backend import tf
from dcgan.recording.tensorboard import FOLDER
from dcgan.reports import AnyReport, StepReport

# Chunks of steps before the profile: the first ones trace their graph and fill caches.
_SKIPPED_CHUNKS = 4
_SECONDS = 3.0  # Enough to show the repeated operations; each second takes 10 MB or more.


def add_profile(
    reports: Iterator[AnyReport], folder: Path, report_problem: Callable[[str], None]
) -> Generator[AnyReport]:
    """Yield a training's reports, and write a profile of some seconds of it.

    A failed profile does not stop the training.

    Args:
        reports: From `recorder.record`.
        folder: The run's folder; the profile is written to `tensorboard/plugins/profile` in it.
        report_problem: Called with a sentence if the profile fails.
    """
    num_chunks = 0
    started: float | None = None
    with contextlib.ExitStack() as profiler:
        for report in reports:
            yield report
            if not isinstance(report, StepReport):
                continue
            num_chunks += 1
            if started is None and num_chunks >= _SKIPPED_CHUNKS:
                started = time.monotonic()
                try:
                    tf.profiler.experimental.start(str(folder / FOLDER))
                except tf.errors.OpError as error:
                    report_problem(f"There will be no profile: {error.message}")
                else:
                    profiler.callback(_stop, report_problem)
            elif started is not None and time.monotonic() - started >= _SECONDS:
                profiler.close()


def _stop(report_problem: Callable[[str], None]) -> None:
    try:
        tf.profiler.experimental.stop()
    except tf.errors.OpError as error:  # Such as a full disk.
        report_problem(f"The profile could not be written: {error.message}")
