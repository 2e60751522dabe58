"""The variety and the look of runs' pictures, where their distances to real images are too close.

Recall and precision are reported beside the distances; they never rank runs. Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.explanations import Explanation
from dashboard.compare_results.measurements import explain_precise, find_source
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.comparison.seed_ratio import find_seed_share
from dcgan.evaluation.metric_info import format_distance, format_metric
from dcgan.evaluation.metrics import is_clearly_above
from dcgan.reports import EvaluationReport
from dcgan.wording import join_with_and, quote_title

RECALL, PRECISION = "recall", "precision"
_METRICS = (RECALL, PRECISION)
_MIN_RECALL = 0.01  # Pictures of noise reach none of the real ones: nothing to compare.


def describe_lead(tied: Sequence[ComparedRun], noun: str) -> str:
    """Describe which of two runs draws better: "“A” draws more … than “B”: 95% against 87% …".

    Args:
        tied: The runs.
        noun: "digit" or "picture".

    Returns:
        The description; "" if neither draws better, or there are not two.
    """
    if len(tied) != 2:
        return ""
    for winner, loser in (tied, tied[::-1]):
        metrics = _list_advantages(winner, loser)
        if metrics and not _list_advantages(loser, winner):
            texts = [
                f"{_format(winner, metric)} against {_format(loser, metric)} ({metric})"
                for metric in metrics
            ]
            advantages = {
                RECALL: f"more of the variety of real {noun}s",
                PRECISION: f"more {noun}s that look real",
            }
            what = join_with_and([advantages[metric] for metric in metrics])
            titles = quote_title(winner.title), quote_title(loser.title)
            return f"{titles[0]} draws {what} than {titles[1]}: {join_with_and(texts)}"
    return ""


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
    details = "The distances are too close to rank the runs."
    if len(below) > 1:
        details = f"Below {format_distance(real_distance)} the distance does not rank runs."
    runs.sort(key=lambda compared_run: _get(compared_run, RECALL), reverse=True)
    first = runs[0]
    if _get(first, RECALL) < _MIN_RECALL:
        return ()
    less = [compared_run for compared_run in runs if _is_above(first, compared_run, RECALL)]
    most = [compared_run for compared_run in runs if compared_run not in less]
    if less and len(most) == 1:
        values = _list_of(less, RECALL)
        text = f"{quote_title(first.title)} varies most ({RECALL}): {_format(first, RECALL)} "
        text += f"against {values}."
    else:
        text = f"{_list_values(most, RECALL)} vary about equally ({RECALL})"
        text += f", {_list_values(less, RECALL)} less." if less else "."
        steps = [_get_source(each, RECALL).step for each in runs]
        points = 100 * find_seed_share(min(steps), max(steps))
        text += f" Another seed alone can change it by up to {points:.0f} points."
    sharper = [compared_run for compared_run in less if _is_above(compared_run, first, PRECISION)]
    if sharper:
        details += (
            f" Fewer {noun}s of {quote_title(first.title)} look real ({PRECISION}): "
            f"{_format(first, PRECISION)} against {_list_of(sharper, PRECISION)}."
        )
    if note := explain_precise(runs, RECALL, noun):
        text += f" {note}"
    metrics = tuple(metric for metric in _METRICS if f"({metric})" in f"{text} {details}")
    return (Explanation("Variety", text, metrics=metrics, details=details),)


def _list_advantages(first: ComparedRun, second: ComparedRun) -> list[str]:
    return [metric for metric in _METRICS if _is_above(first, second, metric)]


def _is_above(first: ComparedRun, second: ComparedRun, metric: str) -> bool:
    """Return whether a run's metric is above another's by more than chance."""
    if not (_has(first, metric) and _has(second, metric)):
        return False
    shares = _get(first, metric), _get(second, metric)
    chance = find_seed_share(_get_source(first, metric).step, _get_source(second, metric).step)
    is_beyond_seeds = shares[0] - shares[1] > chance
    return is_beyond_seeds and is_clearly_above(*shares, _get_source(first, metric).num_images)


def _has(compared_run: ComparedRun, metric: str) -> bool:
    return find_source(compared_run, metric) is not None


def _get(compared_run: ComparedRun, metric: str) -> float:
    return _get_source(compared_run, metric).metrics[metric]


def _get_source(compared_run: ComparedRun, metric: str) -> EvaluationReport | RunMeasurement:
    source = find_source(compared_run, metric)
    assert source is not None, f"{compared_run.title} has no value of {metric}."
    return source


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


def _list_of(runs: Sequence[ComparedRun], metric: str) -> str:
    """List values with their runs, such as "90.0% of “A” and 91.0% of “B”"."""
    return join_with_and(
        [
            f"{_format(compared_run, metric)} of {quote_title(compared_run.title)}"
            for compared_run in runs
        ]
    )
