"""The ranking of runs by their distance: the runs that are nearer to real images beyond chance.

This module computes numbers only. `certainty` has the words for a difference; the page that
compares runs, `sweeps.race_verdict` and `tuning.result` have the sentences.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dcgan.comparison.seed_ratio import describe_stage, find_seed_ratio
from dcgan.evaluation.metric_info import format_distance

VERY_CLEAR_FACTOR = 5 / 3  # A difference is very clear from this multiple of chance on.
_MIN_DISTANCE = 1e-6  # Equal pictures have distance 0, and a ratio cannot be computed from 0.


@dataclass(frozen=True)
class MeasuredDistances:
    """The distances of a run, or of runs that differ only in their seed.

    Attributes:
        distances: A distance for each seed; all runs of a ranking have the same seeds.
        steps: The step at which each distance was measured.
        speed_settings: Values of the settings that affect the speed of a step, for runs that
            trained for the same time: runs with equal values should make equally many steps. None
            for other runs.
    """

    distances: tuple[float, ...]
    steps: tuple[int, ...]
    speed_settings: tuple[object, ...] | None = None


@dataclass(frozen=True)
class Difference:
    """The difference of two distances.

    Attributes:
        ratios: The farther distance divided by the nearer one, for each seed; of the rounded
            numbers that people read, so that they can check the division.
        chance_ratio: The largest geometric mean of `ratios` that chance can make.
        chance_reason: Reason why `chance_ratio` is large, such as few steps, as the end of a
            sentence; "" if it is not large.
        is_clear: Whether the difference is larger than chance, and all seeds agree on its sign.
        is_very_clear: Whether it is also much larger than chance.
        is_uneven: Whether the difference is clear only because the farther run made fewer steps.
        disagrees: Whether the difference is not clear because the seeds disagree.
    """

    ratios: tuple[float, ...]
    chance_ratio: float
    chance_reason: str
    is_clear: bool
    is_very_clear: bool
    is_uneven: bool
    disagrees: bool


@dataclass(frozen=True)
class Ranking:
    """The order of some runs by their distances, and how certain it is.

    Runs are given by their indices in the argument of `rank_distances`.

    Attributes:
        order: All runs, the nearest first.
        nearest: The first run, and the runs whose difference from it may be chance.
        farther: The runs that are farther than the first one by more than chance.
        uncertain: The runs behind one of `farther` whose difference from the first may still be
            chance, because they were measured earlier in training or their seeds disagree.
        differences: The difference of each other run from the first one.
    """

    order: tuple[int, ...]
    nearest: tuple[int, ...]
    farther: tuple[int, ...]
    uncertain: tuple[int, ...]
    differences: Mapping[int, Difference]


def rank_distances(
    measured: Sequence[MeasuredDistances], smallest_ranked: float, metric: str
) -> Ranking:
    """Rank distances to real images.

    Two runs that differ only in their seed have different distances; `find_seed_ratio` gives the
    largest ratio that was measured. The logarithm of this ratio, averaged over n seeds, is smaller
    by a factor of √n. If the ratios of these runs vary more than that, their own spread counts.

    On a busy computer, runs that should be equally fast make more or fewer steps. Twice the steps
    give about half the distance (docs/levers.md), so a lead in steps is divided out of the ratio.

    Args:
        measured: The runs; at least one.
        smallest_ranked: Distances up to this one do not rank: that between two sets of real images,
            or the limit of quick distances.
        metric: The metric of the distances, one of `main_metric.MAIN_METRICS`.
    """
    order = sorted(range(len(measured)), key=lambda index: _compute_log_mean(measured[index]))
    first, *others = order
    differences = {
        other: _compare(measured[first], measured[other], smallest_ranked, metric)
        for other in others
    }
    farther = tuple(other for other in others if differences[other].is_clear)
    end = order.index(farther[0]) if farther else len(order)
    uncertain = tuple(other for other in order[end:] if other not in farther)
    return Ranking(tuple(order), tuple(order[:end]), farther, uncertain, differences)


def _compute_log_mean(measured: MeasuredDistances) -> float:
    return statistics.fmean(
        math.log(max(distance, _MIN_DISTANCE)) for distance in measured.distances
    )


def _round_as_shown(distance: float) -> float:
    """Round a distance to the number that people read; one that would be 0 stays as it is."""
    return float(format_distance(distance).replace(",", "")) or distance


def _compare(
    nearer: MeasuredDistances, farther: MeasuredDistances, smallest_ranked: float, metric: str
) -> Difference:
    ratios = [
        max(_round_as_shown(far), _MIN_DISTANCE) / max(_round_as_shown(near), _MIN_DISTANCE)
        for near, far in zip(nearer.distances, farther.distances, strict=True)
    ]
    logs = [math.log(ratio) for ratio in ratios]
    steps = min(nearer.steps), min(farther.steps)
    seed_ratio = find_seed_ratio(*steps, metric)
    own_ratio = math.exp(2 * statistics.stdev(logs)) if len(logs) > 1 else 1.0
    chance_ratio = max(seed_ratio, own_ratio) ** (1 / math.sqrt(len(logs)))
    lead = 0.0
    if nearer.speed_settings is not None and nearer.speed_settings == farther.speed_settings:
        # Over all seeds, as a run that was slow with one seed may have been fast with another.
        leads = (
            math.log(near / far) for near, far in zip(nearer.steps, farther.steps, strict=True)
        )
        lead = max(0.0, statistics.fmean(leads))

    def is_beyond_chance(logs: Sequence[float], factor: float = 1.0) -> bool:
        is_large = statistics.fmean(logs) > math.log(factor * chance_ratio) and min(logs) > 0
        return is_large and statistics.median(farther.distances) > smallest_ranked

    fair_logs = [log - lead for log in logs]
    is_clear = is_beyond_chance(fair_logs)
    return Difference(
        tuple(ratios),
        chance_ratio,
        ", because these seeds differ so much"
        if own_ratio > seed_ratio
        else describe_stage(*steps, metric),
        is_clear,
        is_very_clear=is_beyond_chance(fair_logs, VERY_CLEAR_FACTOR),
        is_uneven=not is_clear and is_beyond_chance(logs),
        disagrees=not is_clear and (min(logs) < 0 or own_ratio > seed_ratio),
    )
