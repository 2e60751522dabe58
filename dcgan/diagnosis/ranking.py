"""The ranking of runs by Fréchet distance: which are nearest to real images beyond chance.

Numbers in, numbers out; a comparison and the verdict of a race each put them into words.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dcgan.diagnosis.seed_ratio import describe_stage, find_seed_ratio

_LEAST = 1e-6  # Equal pictures have distance 0, and a ratio cannot be computed from 0.


@dataclass(frozen=True)
class MeasuredDistances:
    """The distances of a run, or of runs that differ only in their seed.

    Attributes:
        distances: One for each seed; all that are ranked have the same seeds.
        steps: The steps at which they were measured.
        speed: What the speed of a step depends on, if all were trained for the same time; equal
            ones should make equally many steps. None otherwise.
    """

    distances: tuple[float, ...]
    steps: tuple[int, ...]
    speed: tuple[object, ...] | None = None


@dataclass(frozen=True)
class Difference:
    """The difference of two distances.

    Attributes:
        ratios: The farther distance divided by the nearer one, for each seed.
        chance_ratio: The largest geometric mean of these ratios that chance can make.
        chance_reason: Why it is so large, such as " so early in training"; "" if it is not.
        is_clear: Whether it is larger than chance, and all seeds agree on the direction.
        is_uneven: Whether the difference is clear only because the farther run made fewer steps.
        disagrees: Whether it is not clear because the seeds disagree.
    """

    ratios: tuple[float, ...]
    chance_ratio: float
    chance_reason: str
    is_clear: bool
    is_uneven: bool
    disagrees: bool


@dataclass(frozen=True)
class Ranking:
    """The order of distances, and how certain it is. Numbers are indices into `measured`.

    Attributes:
        order: All, the nearest first.
        nearest: The first one, and those tied with it: the differences may be chance.
        farther: Those that are clearly farther than the first one: more than chance.
        uncertain: Those behind one of `farther` that may still be behind by chance: they were
            measured earlier in training, or their seeds disagree.
        differences: For each of the others, its difference from the first one.
    """

    order: tuple[int, ...]
    nearest: tuple[int, ...]
    farther: tuple[int, ...]
    uncertain: tuple[int, ...]
    differences: Mapping[int, Difference]


def rank_distances(measured: Sequence[MeasuredDistances], real_distance: float) -> Ranking:
    """Rank distances to real images.

    The distances of two runs that differ only in their seed have a ratio that was measured
    (`find_seed_ratio`). Averaged over n seeds, the logarithm of that ratio is smaller by √n. If
    these seeds differ more than that, their own spread counts.

    On a busy computer runs that should be equally fast make more or fewer steps. As the distance
    falls about as the steps rise (docs/levers.md), a lead in steps is taken off the difference.

    Args:
        measured: At least one.
        real_distance: The distance between two sets of real images; distances below it do not rank.
    """
    order = sorted(range(len(measured)), key=lambda index: _compute_log_mean(measured[index]))
    first, *others = order
    differences = {
        other: _compare(measured[first], measured[other], real_distance) for other in others
    }
    farther = tuple(other for other in others if differences[other].is_clear)
    end = order.index(farther[0]) if farther else len(order)
    uncertain = tuple(other for other in order[end:] if other not in farther)
    return Ranking(tuple(order), tuple(order[:end]), farther, uncertain, differences)


def _compute_log_mean(measured: MeasuredDistances) -> float:
    return statistics.fmean(math.log(max(distance, _LEAST)) for distance in measured.distances)


def _compare(
    nearer: MeasuredDistances, farther: MeasuredDistances, real_distance: float
) -> Difference:
    ratios = [
        max(far, _LEAST) / max(near, _LEAST)
        for near, far in zip(nearer.distances, farther.distances, strict=True)
    ]
    logs = [math.log(ratio) for ratio in ratios]
    steps = min(nearer.steps), min(farther.steps)
    seed_ratio = find_seed_ratio(*steps)
    own_ratio = math.exp(2 * statistics.stdev(logs)) if len(logs) > 1 else 1.0
    chance_ratio = max(seed_ratio, own_ratio) ** (1 / math.sqrt(len(logs)))
    leads = [0.0] * len(logs)
    if nearer.speed is not None and nearer.speed == farther.speed:
        leads = [
            max(0.0, math.log(near / far))
            for near, far in zip(nearer.steps, farther.steps, strict=True)
        ]

    def is_beyond_chance(logs: Sequence[float]) -> bool:
        is_large = statistics.fmean(logs) > math.log(chance_ratio) and min(logs) > 0
        return is_large and statistics.median(farther.distances) > real_distance

    is_clear = is_beyond_chance([log - lead for log, lead in zip(logs, leads, strict=True)])
    return Difference(
        tuple(ratios),
        chance_ratio,
        describe_stage(*steps),
        is_clear,
        is_uneven=not is_clear and is_beyond_chance(logs),
        disagrees=not is_clear and (min(logs) < 0 or own_ratio > seed_ratio),
    )
