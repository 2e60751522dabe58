"""The result of a comparison in sentences: which run is nearest to real images, and what differs.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dashboard.charts.compared_runs import (
    ComparedRun,
    find_metric,
    get_common_noun,
    label_curve,
    select_measured,
)
from dashboard.charts.curve_notes import explain_missing_curve
from dashboard.compare_results.explanations import (
    Explanation,
    describe_scale,
    explain_placed,
    explain_unranked,
)
from dashboard.compare_results.headlines import (
    describe_answer,
    describe_standing,
    list_quick,
    list_unranked,
    name_nearest,
)
from dashboard.compare_results.measurements import have_equal_scale
from dashboard.compare_results.own_runs import explain_own_runs
from dashboard.compare_results.standing import are_unfinished, rank_runs
from dashboard.compare_results.sureness import (
    describe_others,
    explain_speeds,
    explain_sureness,
)
from dashboard.compare_results.unranked import list_close, list_farther, list_nearer
from dashboard.compare_results.variety import describe_lead, describe_variety
from dcgan.evaluation.metric_info import format_distance
from dcgan.wording import quote_title


@dataclass(frozen=True)
class Result:
    """The result of a comparison.

    Attributes:
        headline: A sentence, or a label with a number, on which run is nearest to real images, as
            plain text; with all runs and their distances, so it may be long.
        explanations: The number, each other run beside the nearest one, the certainty, and the
            runs that were not measured.
        best: Names of the nearest runs, if another one is farther by more than chance: always the
            runs with the smallest distances. Distances below that of real images are not ranked.
        place: The place of the best runs, such as "nearest"; "" without any.
        not_ranked: Names of the runs whose quick distance has no place among precise ones.
        answer: The same in a short sentence for a heading, with how sure it is; "" if the headline
            is short.
        is_doubted: Whether the sentences doubt the race of the runs because of a busy computer.
    """

    headline: str
    explanations: tuple[Explanation, ...] = ()
    best: frozenset[str] = frozenset()
    place: str = ""
    not_ranked: frozenset[str] = frozenset()
    answer: str = ""
    is_doubted: bool = False


def compare_runs(compared: Sequence[ComparedRun]) -> Result:
    """Compare the newest distances of runs to real images; name those that are not ranked."""
    measured = sorted(select_measured(compared), key=lambda compared_run: compared_run.distance)
    result = _compare_measured(compared, measured)
    if len(measured) < 2 or not have_equal_scale(measured):
        return result
    standing = rank_runs(measured, measured[0].result.real_metrics[measured[0].metric])
    noun = get_common_noun(measured)
    if farther := list_farther(compared, standing):
        are = "is" if len(farther) == 1 else "are"
        result = replace(result, headline=f"{result.headline} {list_quick(farther)} {are} farther.")
        if not standing.farther:
            so_far = " so far" if are_unfinished(compared) else ""
            place = f"among the nearest{so_far}"
            best = frozenset(each.run.name for each in measured)
            answer = name_nearest(measured, noun)
            result = replace(result, best=best, place=place, answer=answer)
    if nearer := list_nearer(compared, standing):
        is_one = len(nearer) == 1
        start = f"{list_quick(nearer)} {'is' if is_one else 'are'} nearest to real {noun}s."
        result = replace(
            result,
            headline=f"{start} Of the others: {result.headline}",
            best=frozenset(each.run.name for each in nearer),
            place="nearest" if is_one else "among the nearest",
            answer=name_nearest(nearer, noun),
        )
    close = list_close(compared, standing)
    if unranked := list_unranked(close):
        result = replace(result, headline=f"{result.headline} {unranked}")
    placed = explain_placed([*nearer, *farther], noun)
    explanations = *result.explanations, *placed, *explain_unranked(close, measured)
    not_ranked = frozenset(each.run.name for each in close)
    return replace(result, explanations=explanations, not_ranked=not_ranked)


def _compare_measured(compared: Sequence[ComparedRun], measured: Sequence[ComparedRun]) -> Result:
    metric = find_metric(compared)
    missing = tuple(
        _explain_missing_distance(compared_run, metric)
        for compared_run in compared
        if not (compared_run.is_measured or compared_run.unranked)
    )
    if not measured:
        return Result("There is no result to compare yet.", missing)
    if not have_equal_scale(measured):
        return Result(
            "These runs were measured with different pictures, so their results cannot be "
            "compared.",
            missing,
        )
    noun = get_common_noun(measured)
    real_distance = measured[0].result.real_metrics[metric]
    scale = describe_scale(measured, real_distance, noun)
    if len(measured) == 1:
        distance = format_distance(measured[0].distance)
        label = label_curve(metric, measured)
        title = quote_title(measured[0].title)
        headline = f"{title}: {label[0].lower()}{label[1:]} {distance}."
        return Result(headline, (scale, *missing))
    standing = rank_runs(measured, real_distance)
    lead = "" if standing.farther else describe_lead(measured, noun)
    place = "nearest" if len(standing.nearest) == 1 else "among the nearest"
    is_unfinished = are_unfinished(compared)
    place += " so far" if is_unfinished else ""
    return Result(
        describe_standing(standing, noun, lead, is_unfinished=is_unfinished),
        (
            scale,
            *describe_others(standing, noun),
            *explain_sureness(standing),
            *explain_speeds(measured),
            *describe_variety(measured, standing.nearest, real_distance, noun),
            *explain_own_runs(standing),
            *missing,
        ),
        frozenset(each.run.name for each in standing.nearest if standing.farther),
        place if standing.farther else "",
        answer=describe_answer(standing, noun, is_unfinished=is_unfinished),
    )


def _explain_missing_distance(compared_run: ComparedRun, metric: str) -> Explanation:
    reason = explain_missing_curve(compared_run.run, compared_run.record, metric)
    return Explanation("Not measured", f"{quote_title(compared_run.title)}: {reason}.")
