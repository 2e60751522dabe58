"""Runs that trained for the same time: their steps should be equal if a step takes equally long.

Imports no Streamlit.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from dashboard.charts.compared_runs import ComparedRun
from dashboard.charts.trained_time import has_limit_of_race
from dcgan.comparison.unequal_steps import are_unequal
from dcgan.config.setting_info import list_settings_that_affect
from dcgan.wording import quote_title

# Fewer reports make no median that one slow step does not decide.
_MIN_REPORTS = 20


def find_time_limit(compared_run: ComparedRun) -> float | None:
    """Return the time limit that a run has reached, in seconds; None without one.

    A race counts it from the first step on.
    """
    if has_limit_of_race(compared_run):
        return compared_run.race_seconds
    limit, history = compared_run.run.config.max_seconds, compared_run.record.history
    has_reached_it = limit is not None and bool(history) and history[-1].seconds >= limit
    return limit if has_reached_it else None


def trained_for_equal_time(measured: Sequence[ComparedRun]) -> bool:
    """Return whether all runs ended at the same time limit."""
    limits = set(map(find_time_limit, measured))
    return len(limits) == 1 and None not in limits


def find_busy_steps(measured: Sequence[ComparedRun]) -> tuple[int, ...]:
    """Return the steps of runs that should have made equally many, if they are unequal; else ()."""
    speed_settings = set(map(get_speed_settings, measured))
    steps = tuple(compared_run.result.step for compared_run in measured)
    is_unequal = len(speed_settings) == 1 and None not in speed_settings and are_unequal(steps)
    return steps if is_unequal else ()


def describe_speeds(measured: Sequence[ComparedRun]) -> str:
    """Describe runs that a busy computer has slowed down; "" without any.

    Runs with the same time limit whose steps should take equally long have about the same speed.
    """
    by_settings: dict[tuple[object, ...], list[ComparedRun]] = {}
    for each in measured:
        if (settings := get_speed_settings(each)) is not None:
            by_settings.setdefault(settings, []).append(each)
    for runs in by_settings.values():
        speeds = {each.title: speed for each in runs if (speed := _find_speed(each)) > 0}
        if len(speeds) < 2:
            continue
        fastest, slowest = max(speeds, key=speeds.__getitem__), min(speeds, key=speeds.__getitem__)
        numbers = round(speeds[fastest]), round(speeds[slowest])
        if min(numbers) > 0 and are_unequal(numbers):
            return (
                f"{quote_title(slowest)} trained on {numbers[1]:,} pictures/s and "
                f"{quote_title(fastest)} on {numbers[0]:,}, though their steps should take "
                "equally long, so other programs kept the computer busy."
            )
    return ""


def _find_speed(compared_run: ComparedRun) -> float:
    """Return the median speed of a run in images/s, without the first step; 0 if unknown."""
    history = compared_run.record.history[1:]  # The first step builds the networks.
    speeds = [report.images_per_second for report in history]
    return statistics.median(speeds) if len(speeds) >= _MIN_REPORTS else 0.0


def get_speed_settings(compared_run: ComparedRun) -> tuple[object, ...] | None:
    """Return values that are equal for runs that should have made equally many steps.

    Returns:
        The time limit that the run has reached and its settings that affect the speed of a step;
        None without such a limit.
    """
    limit = find_time_limit(compared_run)
    if limit is None:
        return None
    config = compared_run.run.config
    speed_settings = (getattr(config, name) for name in list_settings_that_affect("speed"))
    return (limit, *speed_settings)
