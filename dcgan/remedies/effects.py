"""The effects of remedies: better, worse or not clearly different from the baselines."""

from __future__ import annotations

from typing import Literal

from dcgan.remedies.study import SeedRange, Study

Effect = Literal["better", "worse", "unclear"]


def find_effects(study: Study) -> dict[int, Effect]:
    """Compare the Fréchet distance of each remedy with the baselines.

    The margin for chance is the ratio of the largest to the smallest baseline distance, over both
    baselines and all seeds of z. A remedy is better if its largest distance, times the margin, is
    below all baseline distances; it is worse if its smallest distance, divided by the margin, is
    above them all. Ratios are used because two baselines that stay collapsed can have the distances
    144 and 867, and a good remedy 3; so the margin is measured and not that of `seed_ratio`, which
    is for healthy runs.

    Returns:
        The effects by the number of the trial. Empty until both baselines are measured.
    """
    baseline_range = find_baseline_range(study)
    if baseline_range is None:
        return {}
    low, high = baseline_range
    return {
        number: _compare(trial.distance, low, high)
        for number, trial in enumerate(study.trials)
        if trial.distance is not None and not trial.is_baseline
    }


def find_baseline_range(study: Study) -> tuple[float, float] | None:
    """Return the smallest and the largest distance of the baselines; None until both have one."""
    baselines = [trial.distance for trial in study.trials if trial.is_baseline]
    measured = [distance for distance in baselines if distance is not None]
    if len(measured) < 2:
        return None
    return min(distance.low for distance in measured), max(distance.high for distance in measured)


def compute_threshold(low: float, high: float) -> float:
    """Return the distance below which a remedy is better than the baselines.

    Args:
        low, high: The smallest and the largest distance of the baselines; both can be 0.
    """
    return low / high * low if high else 0.0


def find_best(study: Study) -> int | None:
    """Return the number of the remedy with the smallest distance that helped, if there is one."""
    helpful = [number for number, effect in find_effects(study).items() if effect == "better"]

    def get_mean(number: int) -> float:
        distance = study.trials[number].distance
        return float("inf") if distance is None else distance.mean

    return min(helpful, key=get_mean, default=None)


def _compare(distance: SeedRange, low: float, high: float) -> Effect:
    if distance.high < compute_threshold(low, high):
        return "better"
    # Multiplied out, because a distance can be 0: distance.low > high * (high / low).
    return "worse" if distance.low * low > high * high else "unclear"
