"""The time that compared runs trained, as a race counts it. Imports no Streamlit."""

from __future__ import annotations

from dashboard.charts.compared_runs import ComparedRun
from dcgan.comparison.race_time import describe_raced
from dcgan.durations import describe_seconds


def find_clock_start(compared_run: ComparedRun) -> float:
    """Return the seconds of a run that its race does not count; 0 for a run of no race.

    These are the seconds of its first step, which builds the networks.
    """
    history = compared_run.record.history
    return history[0].seconds if history and compared_run.race_seconds is not None else 0.0


def find_limit_after_first_step(compared_run: ComparedRun) -> float | None:
    """Return a run's time limit from its first step on, in tenths of a second; None without one."""
    limit, history = compared_run.run.config.max_seconds, compared_run.record.history
    return None if limit is None or not history else round(limit - history[0].seconds, 1)


def has_limit_of_race(compared_run: ComparedRun) -> bool:
    """Return whether a run has the limit of its race: one that was continued has another."""
    chosen = compared_run.race_seconds
    return chosen is not None and find_limit_after_first_step(compared_run) == chosen


def describe_time_trained(compared_run: ComparedRun) -> str:
    """Return how long a run trained, as text; "" before its first step.

    A run of a race trained for the time of the race: its last step ends a moment later.
    """
    history = compared_run.record.history
    if not history:
        return ""
    chosen, seconds = compared_run.race_seconds, history[-1].seconds
    if chosen is None:
        return describe_seconds(seconds)
    return describe_raced(seconds, history[0].seconds, compared_run.run.config.max_seconds, chosen)
