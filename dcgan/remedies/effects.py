"""The effects of remedies: which of them helped, by more than chance."""

from __future__ import annotations

from typing import Literal

from dcgan.remedies.study import SeedRange, Study

Effect = Literal["better", "worse", "unclear"]


def find_effects(study: Study) -> dict[int, Effect]:
    """Compare the Fréchet distance of each remedy with the baselines.

    Chance is the ratio of the largest to the smallest baseline distance, over both trainings and
    all seeds of z. A remedy is better if its largest distance is smaller than all of these by more
    than that ratio, and worse if its smallest is larger than all by more than that. Ratios, because
    two baselines that stay collapsed can have 144 and 867, where a good remedy has 3.

    Returns:
        The effects by the number of the trial. Empty until both baselines are measured.
    """
    chance = find_chance(study)
    if chance is None:
        return {}
    low, high = chance
    return {
        number: _compare(trial.distance, low, high)
        for number, trial in enumerate(study.trials)
        if trial.distance is not None and not trial.is_baseline
    }


def find_chance(study: Study) -> tuple[float, float] | None:
    """Return the smallest and the largest distance without a change; None before both are there."""
    baselines = [trial.distance for trial in study.trials if trial.is_baseline]
    measured = [distance for distance in baselines if distance is not None]
    if len(measured) < 2:
        return None
    return min(distance.low for distance in measured), max(distance.high for distance in measured)


def find_best(study: Study) -> int | None:
    """Return the number of the remedy with the smallest distance that helped, if there is one."""
    helpful = [number for number, effect in find_effects(study).items() if effect == "better"]

    def get_mean(number: int) -> float:
        distance = study.trials[number].distance
        return float("inf") if distance is None else distance.mean

    return min(helpful, key=get_mean, default=None)


def _compare(distance: SeedRange, low: float, high: float) -> Effect:
    if distance.high * high < low * low:  # high / low < low / distance.high
        return "better"
    return "worse" if distance.low * low > high * high else "unclear"
