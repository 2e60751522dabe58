"""The effects of remedies: better, worse or not clearly different from the baselines."""

from __future__ import annotations

from typing import Literal

from dcgan.remedies.study import SeedRange, Study

Effect = Literal["better", "worse", "unclear"]


def find_effects(study: Study) -> dict[int, Effect]:
    """Compare the distance of each remedy with the baselines.

    The margin for chance is the ratio of the largest to the smallest baseline distance, over both
    baselines and all seeds of z. A remedy is better if its largest distance, times the margin, is
    below all baseline distances. It is worse if its smallest distance, divided by the margin, is
    above all of them.

    Distances of collapsed runs vary widely: two baselines had 144 and 867, and a good remedy 3. So
    the margin is a ratio, and it is measured; the ratio of `seed_ratio` is for healthy runs.

    Returns:
        The effects by the index of the trial. Empty until both baselines are measured.
    """
    baseline_range = find_baseline_range(study)
    if baseline_range is None:
        return {}
    low, high = baseline_range
    return {
        index: _compare(trial.distance, low, high)
        for index, trial in enumerate(study.trials)
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


def find_best_remedy(study: Study) -> int | None:
    """Return the index of the remedy that helped most, by its mean distance; None without one."""
    helpful = [index for index, effect in find_effects(study).items() if effect == "better"]

    def get_mean_distance(index: int) -> float:
        distance = study.trials[index].distance
        return float("inf") if distance is None else distance.mean

    return min(helpful, key=get_mean_distance, default=None)


def _compare(distance: SeedRange, low: float, high: float) -> Effect:
    if distance.high < compute_threshold(low, high):
        return "better"
    # Multiplied out, because a distance can be 0: distance.low > high * (high / low).
    return "worse" if distance.low * low > high * high else "unclear"
