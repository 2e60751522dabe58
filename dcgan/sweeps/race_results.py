"""The results of a race: the measured runs of each variant, and how equally fast they were."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from dcgan.config.setting_info import list_settings_that_affect
from dcgan.sweeps.race import Race

_MAX_SPEED_RATIO = 1.25


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


def find_uneven_speeds(race: Race) -> tuple[float, float] | None:
    """Return the lowest and the highest speed of runs that should be equally fast.

    Returns:
        Images per second; None if they differ by less than a quarter.
    """
    groups: dict[tuple[object, ...], list[float]] = {}
    for run in race.runs:
        if run.measurement is not None:
            key = _get_speed_settings(race, run.variant_index)
            groups.setdefault(key, []).append(run.measurement.images_per_second)
    low, high = max(
        ((min(speeds), max(speeds)) for speeds in groups.values()),
        key=lambda ends: ends[1] / max(ends[0], 1e-6),
        default=(1.0, 1.0),
    )
    return (low, high) if high > _MAX_SPEED_RATIO * low else None


def _get_speed_settings(race: Race, variant_index: int) -> tuple[object, ...]:
    """Return the settings of a variant that affect the speed of a step."""
    config = next(run.config for run in race.runs if run.variant_index == variant_index)
    return tuple(getattr(config, name) for name in list_settings_that_affect("speed"))
