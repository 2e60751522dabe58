"""Durations as text, for every page, file and message."""

from __future__ import annotations


def describe_seconds(seconds: float) -> str:
    """Format a duration in one or two units: "42 s", "3 min 20 s", "11 min", "2 h 5 min".

    Seconds are left out from 10 minutes on.
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def describe_roughly(seconds: float) -> str:
    """Format an estimated duration with one unit: "about 40 s", "about 2 min", "about 3 h"."""
    return f"about {round_duration(seconds)}"


def round_duration(seconds: float) -> str:
    """Format a duration with one unit: "40 s", "2 min", "3 h"; seconds are multiples of five."""
    if seconds < 57.5:
        return f"{5 * max(1, round(seconds / 5))} s"
    if seconds < 5400:
        return f"{max(1, round(seconds / 60))} min"
    return f"{round(seconds / 3600)} h"


def describe_limit(seconds: float) -> str:
    """Format a chosen duration without rounding it: "25 min", "605 s", "0.5 s".

    Above ten minutes, only a run that was continued has a limit with a fraction of a second: the
    time trained before plus the chosen time. `describe_seconds` formats such a limit.
    """
    is_whole = seconds % 1 == 0
    is_in_units = seconds % 60 == 0 or (is_whole if seconds < 600 else not is_whole)
    return describe_seconds(seconds) if is_in_units else f"{seconds:.12g} s"
