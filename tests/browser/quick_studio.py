"""`python -m dashboard` whose open pages ask for news each second.

Otherwise they ask each one to four seconds, which is most of the time that a test waits for.
tests/dashboard/test_watchers.py checks those intervals.
"""

from __future__ import annotations

import math

from dashboard.state import external_runs, watchers

SECONDS = 1.0  # Between two requests of an open page; below that a busy machine only redraws.


def _shorten_intervals() -> None:
    pace = (math.inf, SECONDS)  # At every age of a run.
    watchers._PACES = (pace, pace, pace)
    watchers._WAITING_SECONDS = watchers._IDLE_SECONDS = SECONDS / 2
    watchers._LOOKS_A_SECOND = 2 / SECONDS
    external_runs._ROUND_SECONDS = external_runs._LISTING_SECONDS = SECONDS / 2


if __name__ == "__main__":
    from dashboard.__main__ import main

    _shorten_intervals()
    main(prog_name="python -m dashboard")
