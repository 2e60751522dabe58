"""The verdict of a race: which variant is nearer to real images, and whether seeds explain it.

Imports no Streamlit.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.compare.result import find_chance, format_ratio
from dashboard.compare.result_notes import join_with_and
from dcgan.durations import describe_limit
from dcgan.evaluation.metric_info import format_distance

_LEAST = 1e-6  # Distances of equal pictures are 0, which have no ratio.


@dataclass(frozen=True)
class Racer:
    """The results of a variant.

    Attributes:
        label: Its name.
        distances: Fréchet distance of its run with each seed; all variants have the same seeds.
        step: The smallest step at which one of these runs was measured.
    """

    label: str
    distances: tuple[float, ...]
    step: int

    @property
    def median(self) -> float:
        """The median of its distances."""
        return statistics.median(self.distances)


@dataclass(frozen=True)
class RaceVerdict:
    """The verdict of a race, as plain text.

    Attributes:
        headline: Which variant is nearer, or that there is no difference.
        reason: What chance alone could make, compared with the difference.
        winner: Index of the variant that is nearer than all others beyond chance; None without one.
    """

    headline: str
    reason: str
    winner: int | None = None


@dataclass(frozen=True)
class _Difference:
    """The difference of two variants: ratios of distances, as means of logarithms.

    Attributes:
        ratio: Geometric mean, over the seeds, of the ratio of the distances.
        chance: The ratio that chance can make of that mean.
        stage: When it does, such as " so early in training".
        is_clear: Whether it is beyond chance, with each seed in the same direction.
    """

    ratio: float
    chance: float
    stage: str
    is_clear: bool


def judge_race(racers: Sequence[Racer], seconds: float, real: float, noun: str) -> RaceVerdict:
    """Judge a race.

    Two runs that differ only in their seed have distances that differ by a ratio that was measured
    (`find_chance`). The mean over n seeds differs by its n-th root's root: the logarithm shrinks
    with the square root of n. If the seeds of this race differ more than that, their own spread
    counts.

    Args:
        racers: At least two variants.
        seconds: Training time of each run.
        real: The distance between two sets of real images.
        noun: "digit" or "picture".
    """
    order = sorted(range(len(racers)), key=lambda index: _compute_log_mean(racers[index]))
    first, others = racers[order[0]], [racers[index] for index in order[1:]]
    differences = [_compare(first, other, real) for other in others]
    clear = [other for other, found in zip(others, differences, strict=True) if found.is_clear]
    tied = [first, *(other for other in others if other not in clear)]
    real_images = f"real {noun}s after {describe_limit(seconds)}"
    distances = [format_distance(each.median) for each in tied]
    names = join_with_and([each.label for each in tied])
    if not clear:
        headline = f"No difference beyond what seeds do after {describe_limit(seconds)}: "
        headline += ", ".join(f"{each.label} {format_distance(each.median)}" for each in tied)
        return RaceVerdict(f"{headline}.", _explain(first, others[-1], differences[-1]))
    if len(tied) > 1:
        headline = f"{names} are about equally near to {real_images} ({join_with_and(distances)}); "
        headline += join_with_and(
            [f"{each.label} {format_distance(each.median)}" for each in clear]
        )
        headline += f" {'is' if len(clear) == 1 else 'are'} farther."
        nearest_clear = differences[others.index(clear[0])]
        return RaceVerdict(headline, _explain(first, clear[0], nearest_clear))
    if len(racers) == 2:
        headline = f"{names} is nearer to {real_images}: {distances[0]} instead of "
        headline += f"{format_distance(others[0].median)}."
    else:
        rest = join_with_and([f"{each.label} {format_distance(each.median)}" for each in others])
        headline = f"{names} is nearest to {real_images}: {distances[0]}; {rest}."
    return RaceVerdict(headline, _explain(first, others[0], differences[0]), order[0])


def _compute_log_mean(racer: Racer) -> float:
    return statistics.fmean(math.log(max(distance, _LEAST)) for distance in racer.distances)


def _compare(nearer: Racer, farther: Racer, real: float) -> _Difference:
    logs = [
        math.log(max(far, _LEAST) / max(near, _LEAST))
        for near, far in zip(nearer.distances, farther.distances, strict=True)
    ]
    mean = statistics.fmean(logs)
    known, stage = find_chance(nearer.step, farther.step)
    own_spread = 2 * statistics.stdev(logs) if len(logs) > 1 else 0.0
    bound = max(math.log(known), own_spread) / math.sqrt(len(logs))
    # Below the distance of real images, distances do not rank.
    is_clear = mean > bound and min(logs) > 0 and farther.median > real
    return _Difference(math.exp(mean), math.exp(bound), stage, is_clear)


def _explain(nearer: Racer, farther: Racer, found: _Difference) -> str:
    """Compare the difference of two variants with that which chance makes."""
    num_seeds = len(nearer.distances)
    ratio, chance = format_ratio(found.ratio), f"{found.chance:.2g} times"
    if num_seeds == 1:
        facts = (
            f"The distance of {farther.label} is {ratio} that of {nearer.label}; another seed "
            f"alone can make it {chance}{found.stage}."
        )
        advice = " This is one seed: race with 2 or 3 to be surer."
    else:
        facts = (
            f"The distance of {farther.label} is on average {ratio} that of {nearer.label} with "
            f"the same seed; seeds alone can make the average of {num_seeds} {chance}"
            f"{found.stage}."
        )
        advice = ""
    return f"{'Beyond what seeds do. ' if found.is_clear else ''}{facts}{advice}"
