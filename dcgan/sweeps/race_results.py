"""The results of a race: the measured runs of each variant, and whether their steps were equal."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from dcgan.comparison.unequal_steps import are_unequal
from dcgan.config.setting_info import list_settings_that_affect
from dcgan.sweeps.race import Race


@dataclass(frozen=True)
class VariantResults:
    """The results of a variant.

    Attributes:
        label: Its name.
        distances: Distance to real images of its run with each seed; all variants have the same
            seeds.
        steps: The steps that each of these runs made.
        speed_settings: The settings that affect the speed of a step; with equal ones, runs should
            be equally fast.
    """

    label: str
    distances: tuple[float, ...]
    steps: tuple[int, ...]
    speed_settings: tuple[object, ...] = ()

    @property
    def median(self) -> float:
        """The median of its distances."""
        return statistics.median(self.distances)


def list_variant_results(race: Race) -> list[VariantResults]:
    """Return the results of all variants with the seeds with which all of them were measured.

    Returns:
        One for each variant; empty if there is no such seed.
    """
    measurements = {
        (run.variant_index, run.config.seed): run.measurement
        for run in race.runs
        if run.measurement is not None
    }
    indices = range(len(race.variant_labels))
    seeds = [
        seed
        for seed in dict.fromkeys(run.config.seed for run in race.runs)
        if all((index, seed) in measurements for index in indices)
    ]
    return [
        VariantResults(
            race.variant_labels[index],
            tuple(measurements[index, seed].metrics[race.metric] for seed in seeds),
            tuple(measurements[index, seed].step for seed in seeds),
            _get_speed_settings(race, index),
        )
        for index in indices
        if seeds
    ]


def find_unequal_steps(
    results: Sequence[VariantResults], winner: int | None = None
) -> tuple[int, ...]:
    """Return unequal numbers of steps of two runs that should have made equally many.

    These are runs with one seed whose settings do not change the speed of a step. Between others,
    the number of steps is part of a variant's result.

    Args:
        results: The results of the variants, all with the same seeds.
        winner: Index of the variant that won; None without one. Only its additional steps count,
            as a variant that wins with fewer steps would win with more of them too.

    Returns:
        The most unequal pair; empty if no pair is unequal.
    """
    pairs = [
        (more, fewer)
        for index, variant in enumerate(results)
        for other in results
        if winner in (None, index) and other.speed_settings == variant.speed_settings
        for more, fewer in zip(variant.steps, other.steps, strict=True)
        if more > fewer and are_unequal((more, fewer))
    ]
    return max(pairs, key=lambda pair: pair[0] / pair[1], default=())


def _get_speed_settings(race: Race, variant_index: int) -> tuple[object, ...]:
    """Return the settings of a variant that affect the speed of a step."""
    config = next(run.config for run in race.runs if run.variant_index == variant_index)
    return tuple(getattr(config, name) for name in list_settings_that_affect("speed"))
