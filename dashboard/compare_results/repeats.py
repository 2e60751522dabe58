"""Repeats: runs with the same settings and other seeds. None of them wins.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.compared_runs import ComparedRun, are_quick
from dashboard.compare_results.comparison_table import list_differing_learning_settings
from dashboard.compare_results.explanations import Explanation, explain_chance_in, list_settings_in
from dashboard.compare_results.limited_time import find_busy_steps, trained_for_equal_time
from dcgan.comparison.certainty import describe_seed_chance
from dcgan.comparison.ranking import Difference
from dcgan.comparison.unequal_steps import are_much_longer, are_unequal, describe_busy_computer
from dcgan.evaluation.metric_info import format_distance
from dcgan.wording import format_ratio, join_with_and, quote_title

_MAX_NAMED = 3  # Repeats that the headline names.


def are_repeats(measured: Sequence[ComparedRun]) -> bool:
    """Return whether runs have the same settings except for their seeds.

    Runs of unequal length are repeats only if they trained for the same time.
    """
    settings = list_differing_learning_settings([compared_run.run for compared_run in measured])
    steps = [compared_run.result.step for compared_run in measured]
    return (
        settings == ["seed"]
        and not any(compared_run.record.changes for compared_run in measured)
        and (not are_much_longer(steps) or trained_for_equal_time(measured))
    )


def describe_repeats(repeats: Sequence[ComparedRun], noun: str) -> str:
    """Return the headline of repeats.

    Args:
        repeats: The runs, the nearest to real images first; at least two.
        noun: "digit" or "picture".
    """
    distances = [format_distance(repeat.distance) for repeat in repeats]
    kind = "quick distances" if are_quick(repeats) else "distances"
    if len(repeats) > _MAX_NAMED:
        return (
            f"The same settings with {len(repeats)} seeds: {kind} to real {noun}s from "
            f"{distances[0]} to {distances[-1]}."
        )
    titles = join_with_and([quote_title(repeat.title) for repeat in repeats])
    return (
        f"{titles} have the same settings, with other seeds: {kind} to real {noun}s "
        f"{join_with_and(distances)}."
    )


def explain_repeats(repeats: Sequence[ComparedRun], difference: Difference) -> Explanation:
    """Explain how far repeats are apart.

    Args:
        repeats: The runs, the nearest to real images first; at least two.
        difference: Between the first and the last of them.
    """
    steps = [repeat.result.step for repeat in repeats]
    reason = "chance, and the unequal lengths of training" if are_unequal(steps) else "chance"
    first, last = quote_title(repeats[0].title), quote_title(repeats[-1].title)
    text = (
        f"{last} has {format_ratio(*difference.ratios)} the distance of {first}. No setting "
        f"explains it; it is {reason}. {describe_seed_chance(difference)}"
    )
    if busy_steps := find_busy_steps(repeats):
        text += f" {describe_busy_computer(busy_steps, 'Train again')}"
    details = explain_chance_in(text, repeats[0].metric)
    return Explanation("How far apart", text, list_settings_in(text), details=details)
