"""The verdict of a race: which variant is nearer to real images, and whether seeds explain it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from dcgan.comparison.certainty import describe_certainty, describe_chance, describe_seed_chance
from dcgan.comparison.ranking import Difference, MeasuredDistances, rank_distances
from dcgan.config.named_datasets import get_picture_noun
from dcgan.durations import describe_limit
from dcgan.evaluation.metric_info import format_distance
from dcgan.sweeps.race import Race
from dcgan.sweeps.race_results import VariantResults, list_variant_results
from dcgan.wording import format_number, format_ratio, join_with_and, quote_title


@dataclass(frozen=True)
class RaceVerdict:
    """The verdict of a race, as plain text.

    Attributes:
        headline: Which variant is nearer, or that there is no difference.
        reason: The difference, compared with the difference that chance alone can make.
        winner: Index of the variant that is nearer than all others beyond chance; None without one.
        is_unfair: Whether there is no verdict because the computer was busy.
    """

    headline: str
    reason: str
    winner: int | None = None
    is_unfair: bool = False


def judge_race(race: Race) -> RaceVerdict | None:
    """Judge a race by the runs that were measured; None if no variants can be compared yet."""
    results = list_variant_results(race)
    if not results:
        return None
    measurement = next(run.measurement for run in race.runs if run.measurement is not None)
    noun = get_picture_noun(race.runs[0].config.dataset)
    real_distance = measurement.real_metrics.get(race.metric, 0.0)
    return judge_variants(results, race.seconds, real_distance, noun, race.metric)


def judge_variants(
    results: Sequence[VariantResults],
    seconds: float,
    real_distance: float,
    noun: str,
    metric: str,
) -> RaceVerdict:
    """Judge the variants of a race by their ranking (`rank_distances`).

    Args:
        results: The results of at least two variants.
        seconds: Training time of each run.
        real_distance: The distance between two sets of real images.
        noun: "digit" or "picture".
        metric: The metric of the distances, one of `main_metric.MAIN_METRICS`.
    """
    ranking = rank_distances(
        [
            MeasuredDistances(variant.distances, variant.steps, variant.speed_settings)
            for variant in results
        ],
        real_distance,
        metric,
    )
    first, *others = (results[index] for index in ranking.order)
    differences = [ranking.differences[index] for index in ranking.order[1:]]
    tied, clear, uncertain = (
        [results[index] for index in indices]
        for indices in (ranking.nearest, ranking.farther, ranking.uncertain)
    )
    real_images = f"real {noun}s after {describe_limit(seconds)}"
    distances = [format_distance(variant.median) for variant in tied]
    names = join_with_and([quote_title(variant.label) for variant in tied])
    uneven = next(
        (
            other
            for other, difference in zip(others, differences, strict=True)
            if difference.is_uneven
        ),
        None,
    )
    if uneven is not None:
        headline = "No verdict, as the computer was busy: "
        headline += join_with_and([_describe(variant) for variant in (first, *others)])
        headline += f" after {describe_limit(seconds)}."
        return RaceVerdict(headline, _explain_steps(first, uneven), is_unfair=True)
    if not clear and others[-1].median <= real_distance:
        headline = f"As near as two sets of real {noun}s after {describe_limit(seconds)}: "
        headline += join_with_and([_describe(variant) for variant in tied])
        reason = (
            f"Two sets of real {noun}s are {format_distance(real_distance)} apart; below that the "
        )
        return RaceVerdict(f"{headline}.", f"{reason}distance does not rank variants.")
    if not clear:
        headline = f"After {describe_limit(seconds)} there is no clear difference: "
        headline += join_with_and([_describe(variant) for variant in tied])
        return RaceVerdict(f"{headline}.", _explain(first, others[-1], differences[-1]))
    nearest_clear = ranking.differences[ranking.farther[0]]
    if len(tied) > 1 or uncertain:
        are_near = "are about equally near" if len(tied) > 1 else "is among the nearest"
        headline = f"{names} {are_near} to {real_images} ({join_with_and(distances)}); "
        headline += join_with_and([_describe(variant) for variant in clear])
        headline += f" {'is' if len(clear) == 1 else 'are'} farther"
        if uncertain:
            headline += f"; {join_with_and([_describe(variant) for variant in uncertain])} "
            headline += f"{'is' if len(uncertain) == 1 else 'are'} too uncertain to rank"
        return RaceVerdict(f"{headline}.", _explain(first, clear[0], nearest_clear))
    if len(results) == 2:
        headline = f"{names} is nearer to {real_images}: {distances[0]} instead of "
        headline += f"{format_distance(others[0].median)}."
    else:
        rest = join_with_and([_describe(variant) for variant in others])
        headline = f"{names} is nearest to {real_images}: {distances[0]}; {rest}."
    return RaceVerdict(headline, _explain(first, others[0], nearest_clear), ranking.order[0])


def _describe(variant: VariantResults) -> str:
    return f"{quote_title(variant.label)} {format_distance(variant.median)}"


def _explain_steps(nearer: VariantResults, farther: VariantResults) -> str:
    near, far = (
        f"{quote_title(variant.label)} made {statistics.fmean(variant.steps):,.0f}"
        for variant in (nearer, farther)
    )
    return (
        f"{near} steps and {far}, though their steps take equally long. Race again while no other "
        "program works hard."
    )


def _explain(nearer: VariantResults, farther: VariantResults, difference: Difference) -> str:
    """Describe how likely the difference is more than chance, and what chance can make."""
    certainty = describe_certainty(difference)
    near, far = quote_title(nearer.label), quote_title(farther.label)
    if len(difference.ratios) == 1:
        advice = "" if difference.is_very_clear else " To be sure, race with 2 or 3 seeds."
        return (
            f"{certainty}: {far} has {format_ratio(*difference.ratios)} the distance of {near}. "
            f"{describe_seed_chance(difference)}{advice}"
        )
    ratios = join_with_and([format_number(ratio) for ratio in difference.ratios])
    facts = f"{certainty}: {far} has {ratios} times the distance of {near}, one for each seed"
    if difference.disagrees:
        return f"{facts}. The seeds disagree too much to tell."
    chance = describe_chance(difference)
    return f"{facts}. Chance: on average, one distance could be up to {chance}."
