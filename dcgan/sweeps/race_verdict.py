"""The verdict of a race: which variant is nearer to real images, and whether seeds explain it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from dcgan.config.named_datasets import get_picture_noun
from dcgan.diagnosis.seed_ratio import describe_stage, find_seed_ratio
from dcgan.durations import describe_limit
from dcgan.evaluation.metric_info import format_distance
from dcgan.sweeps.race import Race
from dcgan.sweeps.race_results import VariantResults, list_variant_results
from dcgan.wording import format_ratio, join_with_and, quote_title

_LEAST = 1e-6  # Distances of equal pictures are 0, which have no ratio.


@dataclass(frozen=True)
class RaceVerdict:
    """The verdict of a race, as plain text.

    Attributes:
        headline: Which variant is nearer, or that there is no difference.
        reason: What chance alone could make, compared with the difference.
        winner: Index of the variant that is nearer than all others beyond chance; None without one.
        is_unfair: Whether there is no verdict because the computer was busy.
    """

    headline: str
    reason: str
    winner: int | None = None
    is_unfair: bool = False


@dataclass(frozen=True)
class _Difference:
    """The difference of two variants.

    Attributes:
        ratios: The distance of the farther one divided by that of the nearer one, for each seed.
        chance: The largest geometric mean of these ratios that chance can make.
        stage: When it does, such as " so early in training".
        is_clear: Whether it is beyond chance, with each seed in the same direction.
        is_uneven: Whether it would be, if the farther one had not made fewer steps by chance.
        disagrees: Whether it is not clear because the seeds disagree.
    """

    ratios: tuple[float, ...]
    chance: float
    stage: str
    is_clear: bool
    is_uneven: bool
    disagrees: bool


def judge_race(race: Race) -> RaceVerdict | None:
    """Judge a race by the runs that were measured; None if no variants can be compared yet."""
    results = list_variant_results(race)
    if not results:
        return None
    measured = next(run.measurement for run in race.runs if run.measurement is not None)
    noun = get_picture_noun(race.runs[0].config.dataset)
    real = measured.real_metrics.get("frechet_distance", 0.0)
    return judge_variants(results, race.seconds, real, noun)


def judge_variants(
    results: Sequence[VariantResults], seconds: float, real: float, noun: str
) -> RaceVerdict:
    """Judge the variants of a race.

    The distances of two runs that differ only in their seed have a ratio that was measured
    (`find_seed_ratio`). Averaged over n seeds, the logarithm of that ratio is smaller by √n. If the
    seeds of this race differ more than that, their own spread counts.

    On a busy computer runs that should be equally fast make more or fewer steps. As the distance
    falls about as the steps rise (docs/levers.md), a lead in steps is taken off the difference.

    Args:
        results: Those of at least two variants.
        seconds: Training time of each run.
        real: The distance between two sets of real images.
        noun: "digit" or "picture".
    """
    order = sorted(range(len(results)), key=lambda index: _compute_log_mean(results[index]))
    first, others = results[order[0]], [results[index] for index in order[1:]]
    differences = [_compare(first, other, real) for other in others]
    clear = [other for other, found in zip(others, differences, strict=True) if found.is_clear]
    tied = [first, *(other for other in others if other not in clear)]
    real_images = f"real {noun}s after {describe_limit(seconds)}"
    distances = [format_distance(each.median) for each in tied]
    names = join_with_and([quote_title(each.label) for each in tied])
    uneven = next(
        (other for other, found in zip(others, differences, strict=True) if found.is_uneven), None
    )
    if uneven is not None:
        headline = "No verdict, as the computer was busy: "
        headline += join_with_and([_describe(each) for each in (first, *others)])
        headline += f" after {describe_limit(seconds)}."
        return RaceVerdict(headline, _explain_steps(first, uneven), is_unfair=True)
    if not clear and others[-1].median <= real:
        headline = f"As near as real {noun}s to each other after {describe_limit(seconds)}: "
        headline += join_with_and([_describe(each) for each in tied])
        reason = f"Two sets of real {noun}s are {format_distance(real)} apart; below that the "
        return RaceVerdict(f"{headline}.", f"{reason}distance does not rank settings.")
    if not clear:
        headline = f"After {describe_limit(seconds)} there is no clear difference: "
        headline += join_with_and([_describe(each) for each in tied])
        return RaceVerdict(f"{headline}.", _explain(first, others[-1], differences[-1]))
    if len(tied) > 1:
        headline = f"{names} are about equally near to {real_images} ({join_with_and(distances)}); "
        headline += join_with_and([_describe(each) for each in clear])
        headline += f" {'is' if len(clear) == 1 else 'are'} farther."
        nearest_clear = differences[others.index(clear[0])]
        return RaceVerdict(headline, _explain(first, clear[0], nearest_clear))
    if len(results) == 2:
        headline = f"{names} is nearer to {real_images}: {distances[0]} instead of "
        headline += f"{format_distance(others[0].median)}."
    else:
        rest = join_with_and([_describe(each) for each in others])
        headline = f"{names} is nearest to {real_images}: {distances[0]}; {rest}."
    return RaceVerdict(headline, _explain(first, others[0], differences[0]), order[0])


def _describe(variant: VariantResults) -> str:
    return f"{quote_title(variant.label)} {format_distance(variant.median)}"


def _compute_log_mean(variant: VariantResults) -> float:
    return statistics.fmean(math.log(max(distance, _LEAST)) for distance in variant.distances)


def _compare(nearer: VariantResults, farther: VariantResults, real: float) -> _Difference:
    logs = [
        math.log(max(far, _LEAST) / max(near, _LEAST))
        for near, far in zip(nearer.distances, farther.distances, strict=True)
    ]
    steps = min(nearer.steps), min(farther.steps)
    known = find_seed_ratio(*steps)
    own_spread = 2 * statistics.stdev(logs) if len(logs) > 1 else 0.0
    bound = max(math.log(known), own_spread) / math.sqrt(len(logs))
    leads = [0.0] * len(logs)
    if nearer.speed == farther.speed:
        leads = [
            max(0.0, math.log(near / far))
            for near, far in zip(nearer.steps, farther.steps, strict=True)
        ]

    def is_beyond(logs: Sequence[float]) -> bool:
        # Below the distance of real images, distances do not rank.
        return statistics.fmean(logs) > bound and min(logs) > 0 and farther.median > real

    is_clear = is_beyond([log - lead for log, lead in zip(logs, leads, strict=True)])
    return _Difference(
        tuple(map(math.exp, logs)),
        math.exp(bound),
        describe_stage(*steps),
        is_clear,
        is_uneven=not is_clear and is_beyond(logs),
        disagrees=not is_clear and (min(logs) < 0 or own_spread > math.log(known)),
    )


def _explain_steps(nearer: VariantResults, farther: VariantResults) -> str:
    near, far = (
        f"{quote_title(each.label)} made {statistics.fmean(each.steps):,.0f}"
        for each in (nearer, farther)
    )
    return (
        f"{near} steps and {far}, though their steps take equally long. Race again while no other "
        "program works hard."
    )


def _explain(nearer: VariantResults, farther: VariantResults, found: _Difference) -> str:
    """Compare the difference of two variants with that which chance makes."""
    near, far = quote_title(nearer.label), quote_title(farther.label)
    beyond = "This is more than chance. " if found.is_clear else ""
    chance = f"{found.chance:.2g} times{found.stage}"
    if len(found.ratios) == 1:
        return (
            f"{beyond}The distance of {far} is {format_ratio(*found.ratios)} that of {near}; "
            f"another seed alone can make it {chance}. This is one seed: race with 2 or 3 to be "
            "more certain."
        )
    ratios = join_with_and([f"{ratio:.2g}" for ratio in found.ratios])
    facts = f"With the same seed the distance of {far} is {ratios} times that of {near}"
    if found.disagrees:
        return f"{facts}: the seeds disagree too much to tell."
    return (
        f"{beyond}{facts}; with {len(found.ratios)} seeds, chance alone can make the average "
        f"{chance}."
    )
