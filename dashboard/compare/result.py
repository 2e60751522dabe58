"""The result of a comparison in sentences: which run is nearest to real images, and what differs.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.records import (
    ComparedRun,
    explain_missing_curve,
    find_metric,
    get_common_noun,
    is_comparable,
    select_measured,
)
from dashboard.compare.explanations import (
    PRECISION,
    RECALL,
    Explanation,
    describe_causes,
    describe_scale,
    describe_variety,
)
from dcgan.comparison.certainty import describe_certainty, describe_chance
from dcgan.comparison.ranking import Difference, MeasuredDistances, rank_distances
from dcgan.evaluation.metric_info import format_distance, format_metric
from dcgan.evaluation.metrics import is_clearly_above
from dcgan.wording import format_ratio, join_with_and, quote_title

# Metrics that decide if the distances do not, and what a run with a higher value draws.
_ADVANTAGES = {RECALL: "more of their variety", PRECISION: "more that look real"}
_MAX_NAMED = 2  # Farther runs that the headline names.


@dataclass(frozen=True)
class Result:
    """The result of a comparison.

    Attributes:
        headline: A sentence, or a label with a number, on which run is nearest to real images, as
            plain text.
        explanations: The certainty, what differs, and the runs that were not measured.
        best: Names of the runs that are better than another one by more than chance, and not worse
            than any. Distances below the distance of real images are not ranked.
        place: The place of the best runs, such as "nearest"; "" without any.
    """

    headline: str
    explanations: tuple[Explanation, ...] = ()
    best: frozenset[str] = frozenset()
    place: str = ""


def compare_runs(compared: Sequence[ComparedRun]) -> Result:
    """Compare the newest distances of runs to real images."""
    metric = find_metric(compared)
    measured_runs = sorted(
        select_measured(compared), key=lambda compared_run: compared_run.distance
    )
    missing = tuple(
        _explain_missing_distance(compared_run, metric)
        for compared_run in compared
        if not compared_run.is_measured
    )
    if not measured_runs:
        return Result("There is no result to compare yet.", missing)
    if not is_comparable(measured_runs, metric):
        return Result(
            "These runs were measured with different pictures, so their results cannot be "
            "compared.",
            missing,
        )
    noun = get_common_noun(measured_runs)
    real_distance = measured_runs[0].result.real_metrics[metric]
    scale = describe_scale(measured_runs, real_distance, noun)
    if len(measured_runs) == 1:
        distance = format_distance(measured_runs[0].distance)
        headline = f"{quote_title(measured_runs[0].title)}: distance to real {noun}s {distance}."
        return Result(headline, (scale, *missing))
    ranking = rank_distances(
        [
            MeasuredDistances(
                (compared_run.distance,),
                (compared_run.result.step,),
            )
            for compared_run in measured_runs
        ],
        real_distance,
        metric,
    )
    best, others, uncertain = (
        [measured_runs[index] for index in indices]
        for indices in (ranking.nearest, ranking.farther, ranking.uncertain)
    )
    leader = _find_leader(best) if len(best) > 1 else None
    # Below the distance of real images, distances do not rank runs.
    is_leader_nearest = leader is best[0] and best[-1].distance >= real_distance
    if leader is None or not is_leader_nearest:
        headline = _describe_order(best, others, uncertain, noun)
        lead = "" if leader is None else _describe_lead(leader, best)
        if lead and not others:  # Otherwise the headline would be too long.
            headline = f"{headline[:-1]}; {lead}."
        difference = ranking.differences[(ranking.farther or ranking.nearest[-1:])[0]]
        sureness = _describe_sureness(best, others, difference, real_distance, noun, lead)
        is_alone = len(best) == 1 and not uncertain
        winners, place = best if others else [], "nearest" if is_alone else "among the nearest"
    else:
        headline = _describe_probable_order(leader, measured_runs, noun)
        chance = describe_chance(ranking.differences[ranking.nearest[1]], " the other")
        sureness = (
            f"Probably: {_describe_lead(leader, best)}. By distance alone it would be too close to "
            f"call: another seed can make one up to {chance}."
        )
        winners, place = [leader], "probably nearest"
    explanations = (
        scale,
        Explanation("How sure", sureness),
        *describe_variety(measured_runs, best if leader is None else (), real_distance, noun),
        describe_causes([*best, *others], is_clear=bool(others) or is_leader_nearest),
        *missing,
    )
    names = frozenset(compared_run.run.name for compared_run in winners)
    return Result(headline, explanations, names, place if names else "")


def _explain_missing_distance(compared_run: ComparedRun, metric: str) -> Explanation:
    reason = explain_missing_curve(compared_run.run, compared_run.record, metric)
    return Explanation("Not measured", f"{quote_title(compared_run.title)}: {reason}.")


def _find_leader(tied: Sequence[ComparedRun]) -> ComparedRun | None:
    """Return the run whose recall or precision leads all others, and neither is behind; or None."""

    def leads(candidate: ComparedRun, other: ComparedRun) -> bool:
        return _is_above(candidate, other) and not _is_above(other, candidate)

    return next(
        (
            candidate
            for candidate in tied
            if all(leads(candidate, other) for other in tied if other is not candidate)
        ),
        None,
    )


def _is_above(first: ComparedRun, second: ComparedRun) -> bool:
    """Return whether a run's recall or precision is above another's by more than chance."""
    report, other = (compared_run.record.newest_evaluation for compared_run in (first, second))
    return any(
        is_clearly_above(report.metrics[metric], other.metrics[metric], report.num_images)
        for metric in _ADVANTAGES
        if metric in report.metrics and metric in other.metrics
    )


def _describe_lead(leader: ComparedRun, tied: Sequence[ComparedRun]) -> str:
    """Describe by which metrics a run leads the others, such as "A draws more of their …"."""
    advantages = []
    num_images = leader.record.newest_evaluation.num_images
    for metric, advantage in _ADVANTAGES.items():
        best, *others = (
            compared_run.record.newest_evaluation.metrics.get(metric)
            for compared_run in sorted(tied, key=lambda compared_run: compared_run is not leader)
        )
        known = [value for value in others if value is not None]
        if best is not None and known and is_clearly_above(best, max(known), num_images):
            against = join_with_and([format_metric(metric, value) for value in known])
            advantages.append(
                f"{advantage} ({metric} {format_metric(metric, best)} against {against})"
            )
    over_each = f"{' or '.join(_ADVANTAGES.values())} than each of the others"
    return f"{quote_title(leader.title)} draws {join_with_and(advantages) or over_each}"


def _describe_probable_order(
    leader: ComparedRun, measured_runs: Sequence[ComparedRun], noun: str
) -> str:
    degree = "nearest" if len(measured_runs) > 2 else "nearer"
    distance = format_distance(leader.distance)
    return (
        f"{quote_title(leader.title)} is probably {degree} to real {noun}s: {distance} against "
        f"{_list_distances(measured_runs[1:])}."
    )


def _describe_order(
    best: Sequence[ComparedRun],
    others: Sequence[ComparedRun],
    uncertain: Sequence[ComparedRun],
    noun: str,
) -> str:
    titles = join_with_and([quote_title(compared_run.title) for compared_run in best])
    distances = join_with_and([format_distance(compared_run.distance) for compared_run in best])
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


def _list_distances(others: Sequence[ComparedRun], *, is_named: bool = False) -> str:
    """List the distances of the farther runs, nearest first; several runs are always named."""
    distances = [format_distance(compared_run.distance) for compared_run in others]
    if len(others) == 1 and not is_named:
        return distances[0]
    if len(others) > _MAX_NAMED:
        return f"{distances[0]} to {distances[-1]} of the {len(others)} others"
    named = [
        f"{distance} of {quote_title(compared_run.title)}"
        for distance, compared_run in zip(distances, others, strict=True)
    ]
    return join_with_and(named)


def _describe_sureness(
    best: Sequence[ComparedRun],
    others: Sequence[ComparedRun],
    difference: Difference,
    real_distance: float,
    noun: str,
    lead: str,
) -> str:
    """Compare the difference of distances with a difference that chance alone can make.

    Args:
        best: The nearest runs; chance alone may decide their order.
        others: The farther ones.
        difference: Between the nearest run and the first clearly farther one. If none is clearly
            farther, between the nearest run and the last tied one.
        real_distance: The distance between two sets of real images.
        noun: "digit" or "picture".
        lead: How one of several nearest runs leads the others, such as `_describe_lead` returns;
            "" if none does.
    """
    (ratio,) = difference.ratios
    alone = f"another seed alone can make it up to {describe_chance(difference)}"
    if not others:
        if best[-1].distance <= real_distance:
            return f"Too close to call: nearer than two sets of real {noun}s are to each other."
        return f"Too close to call: one distance is {format_ratio(ratio)} the other, and {alone}."
    is_sure = difference.is_very_clear
    answer = describe_certainty(difference)
    first, worse = (quote_title(compared_run.title) for compared_run in (best[0], others[0]))
    if len(best) > 1:
        # The headline names all of them, so a person would read a short answer as their order.
        titles = join_with_and([quote_title(compared_run.title) for compared_run in best])
        but = f", but {lead}" if lead else ""
        answer = f"{titles} are too close to call{but}. {answer} {worse} is worse"
        comparison = f"its distance is {format_ratio(ratio)} the distance of {first}"
    else:
        comparison = f"{worse} has {format_ratio(ratio)} the distance of {first}"
    advice = "" if is_sure else " To be sure, train each once more with another seed."
    return f"{answer}: {comparison}, and {alone}.{advice}"
