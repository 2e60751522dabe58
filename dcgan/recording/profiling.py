"""A TensorFlow profile of a training: what each operation of a few seconds took.

It stands beside a run's TensorBoard events, whose profile plugin shows it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from dcgan.backend import tf
from dcgan.recording.tensorboard import FOLDER
from dcgan.reports import AnyReport, StepReport

# Chunks of steps to let pass, as the first trace their graph and fill caches.
_SKIPPED = 4
_SECONDS = 3.0  # A profile is 10 MB or more a second: enough to see what repeats.


def profiled(
    reports: Iterator[AnyReport], run: Path, tell: Callable[[str], None]
) -> Generator[AnyReport]:
    """Pass a training's reports on, and write a profile of some seconds of it meanwhile.

    A profile that cannot be made costs nothing but itself.

    Args:
        reports: As of `recording.record`.
        run: The run's folder; the profile goes to `tensorboard/plugins/profile` in it.
        tell: Is told why there is none, in a sentence.
    """
    num_steps = 0
    began: float | None = None
    with contextlib.ExitStack() as profiler:
        for report in reports:
            yield report
            if not isinstance(report, StepReport):
                continue
            num_steps += 1
            if began is None and num_steps >= _SKIPPED:
                began = time.monotonic()
                try:
                    tf.profiler.experimental.start(str(run / FOLDER))
                except tf.errors.OpError as error:
                    tell(f"There will be no profile: {error.message}")
                else:
                    profiler.callback(_stop, tell)
            elif began is not None and time.monotonic() - began >= _SECONDS:
                profiler.close()


def _stop(tell: Callable[[str], None]) -> None:
    try:
        tf.profiler.experimental.stop()
    except tf.errors.OpError as error:  # A full disk, for one.
        tell(f"The profile could not be written: {error.message}")
