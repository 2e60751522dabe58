"""The verdict of a race: which variant is nearer to real images, and whether seeds explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dcgan.comparison.certainty import describe_certainty, describe_chance, describe_seed_chance
from dcgan.comparison.ranking import Difference, MeasuredDistances, Ranking, rank_distances
from dcgan.comparison.unequal_steps import describe_busy_computer
from dcgan.config.named_datasets import get_picture_noun
from dcgan.durations import describe_limit
from dcgan.evaluation.metric_info import format_distance
from dcgan.sweeps.race import Race
from dcgan.sweeps.race_results import (
    VariantResults,
    find_unequal_steps,
    list_variant_results,
)
from dcgan.wording import format_number, format_ratio, join_with_and, quote_title

_MAX_NAMED = 2  # Variants behind the nearest one that a headline names.
_MORE_SEEDS = " To be sure, race with 2 or 3 seeds."


@dataclass(frozen=True)
class RaceVerdict:
    """The verdict of a race, as plain text.

    Attributes:
        headline: Which variant is nearer, or that there is no difference.
        reason: The difference, compared with the difference that chance alone can make.
        winner: Index of the variant that is nearer than all others beyond chance; None without one.
        caution: Why the race may have been unfair, and what to do; "" if it was fair.
        unequal_steps: The numbers of steps in `caution`; empty if the race was fair.
    """

    headline: str
    reason: str
    winner: int | None = None
    caution: str = ""
    unequal_steps: tuple[int, ...] = ()


def judge_race(race: Race, *, is_doubtful: bool = False) -> RaceVerdict | None:
    """Judge a race by the runs that were measured; None if no variants can be compared yet.

    Args:
        race: The race.
        is_doubtful: Whether other programs changed the speed of its runs, though their steps do
            not show it. As with unequal steps, no difference is then called likely.
    """
    results = list_variant_results(race)
    if not results:
        return None
    measurement = next(run.measurement for run in race.runs if run.measurement is not None)
    noun = get_picture_noun(race.runs[0].config.dataset)
    real_distance = measurement.real_metrics.get(race.metric, 0.0)
    verdict = judge_variants(
        results, race.seconds, real_distance, noun, race.metric, is_doubtful=is_doubtful
    )
    if race.num_seeds > 1:  # It has more seeds already, of which some are not measured yet.
        return replace(verdict, reason=verdict.reason.removesuffix(_MORE_SEEDS))
    return verdict


def judge_variants(
    results: Sequence[VariantResults],
    seconds: float,
    real_distance: float,
    noun: str,
    metric: str,
    *,
    is_doubtful: bool = False,
) -> RaceVerdict:
    """Judge the variants of a race by their ranking (`rank_distances`).

    Args:
        results: The results of at least two variants.
        seconds: Training time of each run.
        real_distance: The distance between two sets of real images.
        noun: "digit" or "picture".
        metric: The metric of the distances, one of `main_metric.MAIN_METRICS`.
        is_doubtful: As for `judge_race`.
    """
    ranking = rank_distances(
        [
            MeasuredDistances(variant.distances, variant.steps, variant.speed_settings)
            for variant in results
        ],
        real_distance,
        metric,
    )
    has_winner = len(ranking.nearest) == 1 and not ranking.uncertain
    steps = find_unequal_steps(results, ranking.order[0] if has_winner else None)
    caution = describe_busy_computer(steps, has_winner=has_winner) if steps else ""
    verdict = _judge_ranking(
        results, ranking, seconds, real_distance, noun, is_doubtful=is_doubtful or bool(steps)
    )
    return replace(
        verdict,
        caution=caution or verdict.caution,
        unequal_steps=steps or verdict.unequal_steps,
    )


def _judge_ranking(
    results: Sequence[VariantResults],
    ranking: Ranking,
    seconds: float,
    real_distance: float,
    noun: str,
    *,
    is_doubtful: bool,
) -> RaceVerdict:
    """Judge the variants; in a doubtful race, no difference is called likely."""
    first, *others = (results[index] for index in ranking.order)
    differences = [ranking.differences[index] for index in ranking.order[1:]]
    clear = [results[index] for index in ranking.farther]
    for other, difference in zip(others, differences, strict=True):
        if difference.is_uneven:
            return _judge_uneven(first, other, others, seconds)
    if not clear:
        tied = [results[index] for index in ranking.nearest]
        if others[-1].median <= real_distance:
            headline = f"As near as two sets of real {noun}s after {describe_limit(seconds)}"
            reason = (
                f"Two sets of real {noun}s are {format_distance(real_distance)} apart; below that "
                "the distance does not rank settings."
            )
        else:
            headline = f"After {describe_limit(seconds)} there is no clear difference"
            reason = _explain(first, others[-1], differences[-1], is_doubtful)
        return RaceVerdict(f"{headline}: {_list(tied)}.", reason)
    real_images = f"real {noun}s after {describe_limit(seconds)}"
    reason = _explain(first, clear[0], ranking.differences[ranking.farther[0]], is_doubtful)
    if len(ranking.nearest) > 1 or ranking.uncertain:
        return RaceVerdict(_describe_groups(results, ranking, real_images), reason)
    first_is = f"{quote_title(first.label)} {'came' if is_doubtful else 'is'}"
    headline = _describe_winner(first, others, first_is, real_images)
    return RaceVerdict(headline, reason, ranking.order[0])


def _judge_uneven(
    first: VariantResults, uneven: VariantResults, others: Sequence[VariantResults], seconds: float
) -> RaceVerdict:
    """Judge a race in which additional steps explain the lead of the first over another variant."""
    distances = _list((first, *others))
    near, far = quote_title(first.label), quote_title(uneven.label)
    steps = (*first.steps, *uneven.steps)
    return RaceVerdict(
        f"No verdict, as the computer was busy: {distances} after {describe_limit(seconds)}.",
        f"The additional steps of {near} explain its lead over {far}.",
        caution=describe_busy_computer(steps, has_winner=False),
        unequal_steps=steps,
    )


def _describe_groups(results: Sequence[VariantResults], ranking: Ranking, real_images: str) -> str:
    """Describe the variants that are nearest, those that are farther, and the uncertain ones."""
    tied, clear, uncertain = (
        [results[index] for index in indices]
        for indices in (ranking.nearest, ranking.farther, ranking.uncertain)
    )
    names = join_with_and([quote_title(variant.label) for variant in tied])
    distances = join_with_and([format_distance(variant.median) for variant in tied])
    are_near = "are about equally near" if len(tied) > 1 else "is among the nearest"
    headline = f"{names} {are_near} to {real_images} ({distances}); "
    headline += f"{_list(clear)} {'is' if len(clear) == 1 else 'are'} farther"
    if uncertain:
        headline += f"; {_list(uncertain)} "
        headline += f"{'is' if len(uncertain) == 1 else 'are'} too uncertain to rank"
    return f"{headline}."


def _describe_winner(
    first: VariantResults, others: Sequence[VariantResults], first_is: str, real_images: str
) -> str:
    """Describe the nearest variant and the distances of the others.

    Args:
        first: The nearest variant.
        others: The others, the nearest first.
        first_is: The beginning of the sentence, such as "“A” is".
        real_images: "real digits after 1 min".
    """
    distance = format_distance(first.median)
    if len(others) == 1:
        rest = format_distance(others[0].median)
        return f"{first_is} nearer to {real_images}: {distance} instead of {rest}."
    rest = _list(others)
    if len(others) > _MAX_NAMED:  # The cards name them.
        ends = (format_distance(variant.median) for variant in (others[0], others[-1]))
        rest = f"the others are {' to '.join(ends)} away"
    return f"{first_is} nearest to {real_images}: {distance}; {rest}."


def _list(variants: Sequence[VariantResults]) -> str:
    return join_with_and([_describe(variant) for variant in variants])


def _describe(variant: VariantResults) -> str:
    return f"{quote_title(variant.label)} {format_distance(variant.median)}"


def _describe_ratio(ratio: float) -> str:
    return "nearly" if format_number(ratio) == "1.0" else format_ratio(ratio)


def _explain(
    nearer: VariantResults, farther: VariantResults, difference: Difference, is_doubtful: bool
) -> str:
    """Describe how likely the difference is more than chance, and what chance can make."""
    certainty = "" if is_doubtful else f"{describe_certainty(difference)}: "
    near, far = quote_title(nearer.label), quote_title(farther.label)
    if len(difference.ratios) == 1:
        is_sure = difference.is_very_clear or is_doubtful
        advice = "" if is_sure else _MORE_SEEDS
        return (
            f"{certainty}{far} has {_describe_ratio(*difference.ratios)} the distance of {near}. "
            f"{describe_seed_chance(difference)}{advice}"
        )
    ratios = [format_number(ratio) for ratio in difference.ratios]
    shown, seeds = f"{join_with_and(ratios)} times", ", one for each seed"
    if len(set(ratios)) == 1:
        shown, seeds = _describe_ratio(difference.ratios[0]), " with each seed"
    facts = f"{certainty}{far} has {shown} the distance of {near}{seeds}"
    if difference.disagrees:
        return f"{facts}. The seeds differ too much for an answer."
    chance = describe_chance(difference)
    num_seeds = len(difference.ratios)
    return f"{facts}. With {num_seeds} seeds each, chance alone can make a distance up to {chance}."
