"""The variety and the look of runs' pictures, where their distances to real images are too close.

Recall and precision then decide as for a pair, whichever other runs are compared. Imports no
Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.records import ComparedRun
from dashboard.compare.explanations import Explanation
from dcgan.evaluation.metric_info import format_distance, format_metric
from dcgan.evaluation.metrics import is_clearly_above
from dcgan.wording import join_with_and, quote_title

RECALL, PRECISION = "recall", "precision"
_METRICS = (RECALL, PRECISION)


def draws_better(first: ComparedRun, second: ComparedRun) -> bool:
    """Return whether a run's recall or precision is above another's, and neither is below it."""
    return bool(_list_advantages(first, second)) and not _list_advantages(second, first)


def is_probably_nearer(first: ComparedRun, second: ComparedRun, real_distance: float) -> bool:
    """Return whether a run draws better than another with a distance too close to rank.

    Below the distance of two sets of real images, no distance is nearer than another.
    """
    is_ahead = first.distance <= second.distance and second.distance >= real_distance
    return is_ahead and draws_better(first, second)


def describe_advantage(winner: ComparedRun, others: Sequence[ComparedRun], noun: str) -> str:
    """Describe what a run draws better, such as "“A” draws more … (recall 95%) than “B” (87%)".

    Args:
        winner: A run that draws better than each of the others.
        others: The other runs.
        noun: "digit" or "picture".
    """
    advantages = {
        RECALL: f"more of the variety of real {noun}s",
        PRECISION: f"more {noun}s that look real",
    }
    texts = []
    for metric, advantage in advantages.items():
        losers = [
            f"{quote_title(compared_run.title)} ({_format(compared_run, metric)})"
            for compared_run in others
            if _is_above(winner, compared_run, metric)
        ]
        if losers:
            value = f"{metric} {_format(winner, metric)}"
            texts.append(f"{advantage} ({value}) than {join_with_and(losers)}")
    return f"{quote_title(winner.title)} draws {join_with_and(texts)}"


def describe_variety(
    measured: Sequence[ComparedRun],
    tied: Sequence[ComparedRun],
    real_distance: float,
    noun: str,
) -> tuple[Explanation, ...]:
    """Compare how much of the variety runs draw, if their distances do not rank them.

    Args:
        measured: The runs, the nearest to real images first.
        tied: The runs whose distances are too close to rank, if nothing else ranks them.
        real_distance: The distance between two sets of real images.
        noun: "digit" or "picture".

    Returns:
        One explanation; none if no two runs are tied or below `real_distance`.
    """
    below = [compared_run for compared_run in measured if compared_run.distance < real_distance]
    runs = [
        compared_run
        for compared_run in (below if len(below) > 1 else tied)
        if _has(compared_run, RECALL)
    ]
    if len(runs) < 2:
        return ()
    reason = "The distances are too close to rank"
    if len(below) > 1:
        reason = f"Below {format_distance(real_distance)} the distance does not rank runs"
    runs.sort(key=lambda compared_run: _get(compared_run, RECALL), reverse=True)
    first = runs[0]
    less = [compared_run for compared_run in runs if _is_above(first, compared_run, RECALL)]
    most = [compared_run for compared_run in runs if compared_run not in less]
    if not less:
        text = f"{reason}, and the recall is about equal too: {_list_values(most, RECALL)}."
    elif len(most) > 1:
        text = (
            f"{reason}, but the recall does: {_list_values(most, RECALL)} are about equal; "
            f"{_list_values(less, RECALL)} {'draws' if len(less) == 1 else 'draw'} less of the "
            f"variety of real {noun}s than {quote_title(first.title)}."
        )
    else:
        text = (
            f"{reason}, but the recall does: {quote_title(first.title)} draws more of the variety "
            f"of real {noun}s: {_list_values(runs, RECALL)}."
        )
    sharper = [compared_run for compared_run in less if _is_above(compared_run, first, PRECISION)]
    if sharper:
        text += (
            f" Fewer {noun}s of {quote_title(first.title)} look real: "
            f"precision {_list_values([first, *sharper], PRECISION)}."
        )
    return (Explanation("Variety", text),)


def _list_advantages(first: ComparedRun, second: ComparedRun) -> list[str]:
    return [metric for metric in _METRICS if _is_above(first, second, metric)]


def _is_above(first: ComparedRun, second: ComparedRun, metric: str) -> bool:
    """Return whether a run's metric is above another's by more than chance."""
    return (
        _has(first, metric)
        and _has(second, metric)
        and is_clearly_above(
            _get(first, metric),
            _get(second, metric),
            first.record.newest_evaluation.num_images,
        )
    )


def _has(compared_run: ComparedRun, metric: str) -> bool:
    evaluations = compared_run.record.evaluations_since_change
    return bool(evaluations) and metric in evaluations[-1].metrics


def _get(compared_run: ComparedRun, metric: str) -> float:
    return compared_run.record.newest_evaluation.metrics[metric]


def _format(compared_run: ComparedRun, metric: str) -> str:
    return format_metric(metric, _get(compared_run, metric))


def _list_values(runs: Sequence[ComparedRun], metric: str) -> str:
    """List runs with their values, such as "“A” 87.6% and “B” 87.5%"."""
    return join_with_and(
        [
            f"{quote_title(compared_run.title)} {_format(compared_run, metric)}"
            for compared_run in runs
        ]
    )
