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
from dashboard.compare_results.causes import describe_causes
from dashboard.compare_results.explanations import (
    Explanation,
    describe_scale,
    explain_chance_in,
    explain_unranked,
    list_settings_in,
)
from dashboard.compare_results.headlines import (
    describe_busy_tie,
    describe_order,
    describe_probable_order,
    list_own_behind_included,
    list_ranks,
    list_unranked,
)
from dashboard.compare_results.limited_time import find_busy_steps, get_speed_settings
from dashboard.compare_results.measurements import have_equal_scale
from dashboard.compare_results.repeats import are_repeats, describe_repeats, explain_repeats
from dashboard.compare_results.variety import (
    describe_advantage,
    describe_variety,
    draws_better,
    is_probably_nearer,
    list_metrics_in,
)
from dcgan.comparison.certainty import describe_certainty, describe_chance, describe_seed_chance
from dcgan.comparison.ranking import Difference, MeasuredDistances, rank_distances
from dcgan.comparison.unequal_steps import describe_busy_computer
from dcgan.evaluation.metric_info import format_distance
from dcgan.wording import format_ratio, join_with_and, quote_title

_ADVICE = " To be sure, train each once more with another seed."
MAX_IN_SENTENCE = 3  # Of more runs the headline names the nearest, and the cards are sorted.


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
    """Compare the newest distances of runs to real images; name those that are not ranked."""
    result, unranked = _rank_runs(compared), list_unranked(compared)
    return replace(result, headline=f"{result.headline} {unranked}") if unranked else result


def _rank_runs(compared: Sequence[ComparedRun]) -> Result:
    metric = find_metric(compared)
    measured_runs = sorted(
        select_measured(compared), key=lambda compared_run: compared_run.distance
    )
    missing = tuple(
        explain_unranked(compared_run.title, compared_run.unranked, measured_runs)
        if compared_run.unranked
        else _explain_missing_distance(compared_run, metric)
        for compared_run in compared
        if not compared_run.is_measured
    )
    if not measured_runs:
        return Result("There is no result to compare yet.", missing)
    if not have_equal_scale(measured_runs):
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
        label = label_curve(metric, measured_runs)
        title = quote_title(measured_runs[0].title)
        headline = f"{title}: {label[0].lower()}{label[1:]} {distance}."
        return Result(headline, (scale, *missing))
    ranking = rank_distances(
        [
            MeasuredDistances(
                (compared_run.distance,),
                (compared_run.result.step,),
                get_speed_settings(compared_run),
            )
            for compared_run in measured_runs
        ],
        real_distance,
        metric,
    )
    if are_repeats(measured_runs):
        chance = explain_repeats(measured_runs, ranking.differences[len(measured_runs) - 1])
        causes = describe_causes(
            measured_runs,
            is_clear=False,
            are_named=False,
            busy_steps=find_busy_steps(measured_runs),
        )
        headline = describe_repeats(measured_runs, noun)
        return Result(headline, (scale, chance, causes, *missing))
    nearest, others, uncertain = (
        [measured_runs[index] for index in indices]
        for indices in (ranking.nearest, ranking.farther, ranking.uncertain)
    )
    behind = [
        compared_run
        for compared_run in nearest
        if any(is_probably_nearer(other, compared_run, real_distance) for other in nearest)
    ]
    best = [compared_run for compared_run in nearest if compared_run not in behind]
    are_many = len(measured_runs) > MAX_IN_SENTENCE
    worse = [*behind, *others]
    # The runs that "How sure" compares.
    pair = [best[0], worse[0]] if worse else best
    busy_steps = find_busy_steps(pair)
    if worse and pair[0].result.step <= pair[1].result.step:
        busy_steps = ()  # Nearer with fewer steps.
    are_uneven = not worse and any(each.is_uneven for each in ranking.differences.values())
    lead = ""
    if are_many:
        headline = list_ranks(best, [*behind, *others], uncertain, noun, bool(behind))
    elif behind:
        rest = [compared_run for compared_run in measured_runs if compared_run not in best]
        headline = describe_probable_order(best, rest, noun)
    else:
        lead = _describe_lead(best, noun)
        headline = describe_order(best, others, uncertain, noun)
        if lead and not others:  # Otherwise the headline would be too long.
            headline = f"{headline[:-1]}; {lead}."
    if behind:
        difference = ranking.differences[measured_runs.index(behind[0])]
        sureness = _describe_probability(
            best, behind, difference, real_distance, noun, is_short=are_many
        )
        place = "probably nearest" if len(best) == 1 else "probably among the nearest"
    else:
        difference = ranking.differences[(ranking.farther or ranking.nearest[-1:])[0]]
        sureness = (
            _describe_briefly(best, others, difference, real_distance, noun)
            if are_many
            else _describe_sureness(best, others, difference, real_distance, noun, lead)
        )
        is_alone = len(best) == 1 and not uncertain
        place = "nearest" if is_alone else "among the nearest"
    if are_uneven:
        headline = describe_busy_tie(measured_runs)
        sureness = "The additional steps explain the lead."
    if busy_steps:
        sureness = (
            f"{describe_busy_computer(busy_steps, 'Train again')} {_drop_certainty(sureness)}"
        )
    explanations = (
        scale,
        Explanation(
            "How sure",
            sureness,
            list_settings_in(sureness),
            list_metrics_in(sureness),
            explain_chance_in(sureness, metric),
        ),
        *describe_variety(measured_runs, () if behind or lead else best, real_distance, noun),
        describe_causes(
            pair,
            is_clear=bool(worse),
            are_named=len(measured_runs) > 2,
            busy_steps=busy_steps,
        ),
        *_compare_own(list_own_behind_included(best, [*worse, *uncertain])),
        *missing,
    )
    names = frozenset(compared_run.run.name for compared_run in best if worse)
    return Result(headline, explanations, names, place if names else "")


def _compare_own(own: Sequence[ComparedRun]) -> tuple[Explanation, ...]:
    """Compare a person's runs behind an included one; () without two of them."""
    if len(own) < 2:
        return ()
    result = compare_runs(own)
    _, sureness, *_, causes = result.explanations
    text = f"{result.headline} {causes.text}"
    settings = (*sureness.settings, *causes.settings)
    return (Explanation("Your own runs", text, settings, sureness.metrics, sureness.text),)


def _drop_certainty(sureness: str) -> str:
    """Return a sentence on certainty without "Likely", which a busy computer makes doubtful."""
    for word in ("Very likely: ", "Likely: "):
        if sureness.startswith(word):
            return sureness.removeprefix(word).removesuffix(_ADVICE)
    return sureness


def _explain_missing_distance(compared_run: ComparedRun, metric: str) -> Explanation:
    reason = explain_missing_curve(compared_run.run, compared_run.record, metric)
    return Explanation("Not measured", f"{quote_title(compared_run.title)}: {reason}.")


def _describe_lead(tied: Sequence[ComparedRun], noun: str) -> str:
    """Describe which of two runs draws better; "" if neither does, or there are not two."""
    if len(tied) != 2:
        return ""
    first, second = tied
    for leader, other in ((first, second), (second, first)):
        if draws_better(leader, other):
            return describe_advantage(leader, [other], noun)
    return ""


def _describe_probability(
    best: Sequence[ComparedRun],
    behind: Sequence[ComparedRun],
    difference: Difference,
    real_distance: float,
    noun: str,
    *,
    is_short: bool,
) -> str:
    """Describe how the nearest runs draw better than those with a distance too close to rank.

    Args:
        best: The nearest runs.
        behind: The runs behind, of which each is probably farther than one of `best`.
        difference: The difference of the distances of the first of `best` and of `behind`.
        real_distance: The distance between two sets of real images.
        noun: "digit" or "picture".
        is_short: Whether one sentence is enough.
    """
    leads, left = [], list(behind)
    for winner in [*best, *behind]:
        losers = [
            compared_run
            for compared_run in left
            if is_probably_nearer(winner, compared_run, real_distance)
        ]
        left = [compared_run for compared_run in left if compared_run not in losers]
        if losers:
            leads.append(describe_advantage(winner, losers, noun))
    if is_short:
        return f"Probably: by distance alone it would be too close to call, but {'; '.join(leads)}."
    if len(best) > 1:
        titles = join_with_and([quote_title(compared_run.title) for compared_run in best])
        leads.append(f"{titles} are too close to call")
    return (
        f"Probably: {'; '.join(leads)}. By distance alone it would be too close to call. "
        f"{describe_seed_chance(difference)}"
    )


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
        lead: How one of two nearest runs draws better, from `_describe_lead`; "" if none does.
    """
    (ratio,) = difference.ratios
    chance = describe_seed_chance(difference)
    if not others:
        if best[-1].distance <= real_distance:
            return f"Too close to call: nearer than two sets of real {noun}s are to each other."
        return f"Too close to call: one distance is {format_ratio(ratio)} the other. {chance}"
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
    advice = "" if is_sure or are_repeats([best[0], others[0]]) else _ADVICE
    return f"{answer}: {comparison}. {chance}{advice}"


def _describe_briefly(
    best: Sequence[ComparedRun],
    others: Sequence[ComparedRun],
    difference: Difference,
    real_distance: float,
    noun: str,
) -> str:
    """Describe the same as `_describe_sureness` in one sentence, for many runs."""
    far = (others or best[-1:])[0]
    if not others and far.distance <= real_distance:
        return f"Too close to call: all are nearer than two sets of real {noun}s are to each other."
    first, farther = (quote_title(compared_run.title) for compared_run in (best[0], far))
    return (
        f"{describe_certainty(difference)}: {farther} has {format_ratio(*difference.ratios)} the "
        f"distance of {first}, and another seed alone can make a distance up "
        f"to {describe_chance(difference)}."
    )
