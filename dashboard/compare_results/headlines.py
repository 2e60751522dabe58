"""The headlines of a comparison: the nearest runs, and how far the others are.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.compared_runs import ComparedRun, are_quick
from dcgan.evaluation.main_metric import get_distance
from dcgan.evaluation.metric_info import format_distance
from dcgan.wording import join_with_and, quote_title

_MAX_NAMED = 2  # Runs of a long list that are named.


def describe_probable_order(
    best: Sequence[ComparedRun], rest: Sequence[ComparedRun], noun: str
) -> str:
    """Return a headline of a few runs whose order is probable, but not by distance alone.

    Args:
        best: The probably nearest runs.
        rest: All others, the nearest first.
        noun: "digit" or "picture".
    """
    titles = join_with_and([quote_title(compared_run.title) for compared_run in best])
    distances = _name_distances(best)
    if len(best) > 1:
        farther = _list_distances(rest, is_named=True)
        return f"{titles} are probably nearest to real {noun}s: {distances}, against {farther}."
    degree = "nearest" if len(rest) > 1 else "nearer"
    farther = _list_distances(rest)
    return f"{titles} is probably {degree} to real {noun}s: {distances} against {farther}."


def list_ranks(
    best: Sequence[ComparedRun],
    worse: Sequence[ComparedRun],
    uncertain: Sequence[ComparedRun],
    noun: str,
    is_probable: bool,
) -> str:
    """Return a headline of many runs, such as "Nearest to …: “A”; the other 4 are farther."."""
    degree = "About equally near" if len(best) > 1 else "Nearest"
    if is_probable:
        degree = "Probably nearest"
    by = " by quick distance" if are_quick(best) else ""
    headline = f"{degree} to real {noun}s{by}: {_list_some(best)}"
    if worse and uncertain:
        headline += f"; {_count(worse)} farther, {_count(uncertain)} too early in training to rank"
    elif worse:
        headline += f"; the other {_count(worse)} farther" if len(worse) > 1 else ""
        headline += f"; {quote_title(worse[0].title)} is farther" if len(worse) == 1 else ""
    own = list_own_behind_included(best, [*worse, *uncertain])
    if own:
        headline += f". Nearest of your own: {_list_some(own[:1])}"
    return f"{headline}."


def list_own_behind_included(
    best: Sequence[ComparedRun], others: Sequence[ComparedRun]
) -> list[ComparedRun]:
    """Return a person's runs, the nearest first, if only included runs are best; otherwise [].

    Args:
        best: The nearest runs.
        others: All other runs that were measured.
    """
    if not all(compared_run.run.is_read_only for compared_run in best):
        return []
    own = [compared_run for compared_run in others if not compared_run.run.is_read_only]
    return sorted(own, key=lambda compared_run: compared_run.distance)


def _count(runs: Sequence[ComparedRun]) -> str:
    return f"{len(runs)} {'is' if len(runs) == 1 else 'are'}"


def _list_some(runs: Sequence[ComparedRun]) -> str:
    """List runs with their distances; of many, the first ones and the number of the others."""
    texts = [
        f"{quote_title(compared_run.title)} ({format_distance(compared_run.distance)})"
        for compared_run in runs
    ]
    if len(runs) > _MAX_NAMED + 1:
        more = f"{len(runs) - _MAX_NAMED} more (up to {format_distance(runs[-1].distance)})"
        texts = [*texts[:_MAX_NAMED], more]
    return join_with_and(texts)


def describe_order(
    best: Sequence[ComparedRun],
    others: Sequence[ComparedRun],
    uncertain: Sequence[ComparedRun],
    noun: str,
) -> str:
    """Return a headline of a few runs: the nearest, and the distances of the others.

    Args:
        best: The nearest runs; chance alone may decide their order.
        others: The farther ones, the nearest first.
        uncertain: Runs that trained too little to be ranked.
        noun: "digit" or "picture".
    """
    titles = join_with_and([quote_title(compared_run.title) for compared_run in best])
    distances = _name_distances(best)
    if not others:
        return f"{titles} are about equally near to real {noun}s ({distances})."
    farther = _list_distances(others, is_named=len(best) > 1 or bool(uncertain))
    if uncertain:
        names = join_with_and(
            [
                f"{quote_title(compared_run.title)} ({format_distance(compared_run.distance)})"
                for compared_run in uncertain
            ]
        )
        farther += (
            f"; {names} {'is' if len(uncertain) == 1 else 'are'} too early in training to rank"
        )
    if len(best) > 1:
        return f"{titles} are about equally near to real {noun}s: {distances}, against {farther}."
    degree = "nearest" if len(others) > 1 else "nearer"
    return f"{titles} is {degree} to real {noun}s: {distances} against {farther}."


def describe_busy_tie(runs: Sequence[ComparedRun]) -> str:
    """Return the headline of runs of which only the unequal steps explain the order."""
    distances = _list_some(runs)
    by = " by quick distance" if are_quick(runs) else ""
    return f"No verdict{by}, as the computer was busy: {distances}."


def list_unranked(compared: Sequence[ComparedRun]) -> str:
    """Return a sentence with the quick distances beside the precise ones; "" without any."""
    found = {each.title: each.unranked for each in compared if each.unranked}
    if len(found) > _MAX_NAMED:
        return f"Not ranked: {len(found)} runs with only a quick distance."
    texts = [
        f"{quote_title(title)} (quick distance {format_distance(get_distance(report))})"
        for title, report in found.items()
    ]
    return f"Not ranked: {join_with_and(texts)}." if texts else ""


def _name_distances(runs: Sequence[ComparedRun]) -> str:
    """List the distances of runs, such as "5.00 and 5.50"; "quick distances" before quick ones."""
    distances = join_with_and([format_distance(compared_run.distance) for compared_run in runs])
    if not are_quick(runs):
        return distances
    return f"quick distance{'s' if len(runs) > 1 else ''} {distances}"


def _list_distances(others: Sequence[ComparedRun], *, is_named: bool = False) -> str:
    """List the distances of the farther runs, nearest first; several runs are always named."""
    distances = [format_distance(compared_run.distance) for compared_run in others]
    if len(others) == 1 and not is_named:
        return distances[0]
    named = [
        f"{distance} of {quote_title(compared_run.title)}"
        for distance, compared_run in zip(distances, others, strict=True)
    ]
    return join_with_and(named)
