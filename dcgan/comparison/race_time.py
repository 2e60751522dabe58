"""The training time of a run as its race counts it. Imports no TensorFlow."""

from __future__ import annotations

from dcgan.durations import describe_limit, describe_seconds


def describe_raced(seconds: float, first: float, limit: float | None, chosen: float) -> str:
    """Format the training time of a run as its race counts it: from its first step on.

    The first step builds the networks, and the last one ends a moment after the time of the race.

    Args:
        seconds: Training time of the run in seconds, from its start.
        first: That of its first step.
        limit: Its time limit in seconds; another one than that of the race if it was continued.
        chosen: Training time of the race in seconds.
    """
    counted = max(0.0, seconds - first)
    if counted >= chosen and limit is not None and is_limit_of_race(limit, first, chosen):
        return describe_limit(chosen)
    return describe_seconds(counted)


def is_limit_of_race(limit: float, first: float, chosen: float) -> bool:
    """Return whether a time limit is that of a race, up to tenths of a second.

    Args:
        limit: Time limit of a run in seconds, from its start.
        first, chosen: As in `describe_raced`.
    """
    return round(limit - first, 1) == chosen
