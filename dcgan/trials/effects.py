"""The effects of trials: which remedies helped, by more than chance."""

from __future__ import annotations

from typing import Literal

from dcgan.trials.records import Figure, TrialRecord

Effect = Literal["better", "worse", "unclear"]


def find_effects(record: TrialRecord) -> dict[int, Effect]:
    """Compare the Fréchet distance of each remedy with that of doing nothing.

    A remedy is better if its distance is below those of doing nothing by more than these differ
    among themselves, counting every training and every seed of z; and worse likewise.

    Returns:
        The effects by the number of the trial; none before both trainings of doing nothing are
        measured, as only these show what is chance.
    """
    distances = {
        number: trial.result.figures["frechet_distance"]
        for number, trial in enumerate(record.trials)
        if trial.result is not None and "frechet_distance" in trial.result.figures
    }
    idle = {number: it for number, it in distances.items() if _is_idle(record, number)}
    if {record.trials[number].kind for number in idle} != {"nothing", "repeated"}:
        return {}
    low, high = min(it.low for it in idle.values()), max(it.high for it in idle.values())
    return {
        number: _compare(distance, low, high)
        for number, distance in distances.items()
        if number not in idle
    }


def find_best(record: TrialRecord) -> int | None:
    """Return the number of the remedy with the smallest distance that helped, if there is one."""
    helpful = [number for number, effect in find_effects(record).items() if effect == "better"]

    def distance(number: int) -> float:
        result = record.trials[number].result
        return float("inf") if result is None else result.figures["frechet_distance"].value

    return min(helpful, key=distance, default=None)


def _is_idle(record: TrialRecord, number: int) -> bool:
    return record.trials[number].kind in ("nothing", "repeated")


def _compare(distance: Figure, low: float, high: float) -> Effect:
    chance = high - low
    if distance.high < low - chance:
        return "better"
    return "worse" if distance.low > high + chance else "unclear"
