"""Equal training time for runs that are compared, however long the graph of each took to build."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable

from dcgan.recording.disk_retry import DiskRetryPolicy, retry_write
from dcgan.reports import AnyReport, StepReport
from dcgan.runs.run_folder import Run


def limit_time_from_first_step(
    reports: Iterable[AnyReport], run: Run, seconds: float, retry: DiskRetryPolicy
) -> Generator[AnyReport]:
    """Set a run's time limit when its first step is done.

    The first step also builds the graph, which takes longer on a busy machine. Counted from the
    start, a run whose graph was built slowly would train less than the others.

    Args:
        reports: From `record`.
        run: The run in training.
        seconds: Training time after the first step.
        retry: Decides whether to try a failed write again.

    Yields:
        The reports.
    """
    has_limit = False
    for report in reports:
        if isinstance(report, StepReport) and not has_limit:
            has_limit = True
            # Rounded up to milliseconds, because people read it.
            end = math.ceil(1000 * (report.seconds + seconds)) / 1000
            retry_write(retry, run.change_config, run.config.replace(max_seconds=end))
        yield report
