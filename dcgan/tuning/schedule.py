"""The schedule of a tuning: how many candidates each round has, and how long they train.

The rounds are successive halving (Jamieson and Talwalkar, 2016, arXiv:1502.07943): all candidates
train for a short time, and the better half continues for twice the time. This module computes with
numbers only and trains nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field

MAX_COMBINATIONS = 2  # Combinations of changes that enter the second round.
# Possible numbers of single changes, each with the number of seeds with which the best candidate
# and the control are compared at the end.
_FINAL_SEEDS = {12: 3, 8: 2, 4: 2, 2: 1, 1: 0}
_MIN_SECONDS = 10.0  # After less training, the order of candidates is mostly chance.
_MIN_SECONDS_OF_ONE = 3.0  # With a single change, so that a tuning in a minute is possible.

_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Costs(BaseModel, frozen=True):
    """Seconds of a run beside its training.

    Attributes:
        new: For a new run: the networks, the graph of the first step and the measurement.
        continued: For a run that continues from its last round.
    """

    new: _Seconds
    continued: _Seconds


@dataclass(frozen=True)
class RoundPlan:
    """The plan of a round, the control included.

    Attributes:
        weight: Training time of each run up to the end of this round, in multiples of the time of
            the first round.
        num_continued: Number of runs that continue from an earlier round.
        num_new: Number of new runs.
        num_kept: Number of candidates beside the control; 0 for the final round, which has other
            seeds.
    """

    weight: int
    num_continued: int
    num_new: int
    num_kept: int = 0


def list_round_plans(num_changes: int) -> list[RoundPlan]:
    """List the rounds of a tuning.

    Args:
        num_changes: Number of single changes that are tried, at least 1.

    Returns:
        The rounds in which half of the candidates drop out, until two are left; then, if there are
        enough changes, the final round in which the best candidate and the control train with other
        seeds.
    """
    num_kept, weight = num_changes, 1
    plans = [RoundPlan(weight, 0, num_changes + 1, num_changes)]
    while num_kept > 2:
        num_kept, weight = math.ceil(num_kept / 2), 2 * weight
        num_new = min(MAX_COMBINATIONS, num_kept // 2) if len(plans) == 1 else 0
        plans.append(RoundPlan(weight, num_kept + 1 - num_new, num_new, num_kept))
    num_seeds = count_final_seeds(num_changes)
    return [*plans, RoundPlan(weight, 0, 2 * num_seeds)] if num_seeds else plans


def count_final_seeds(num_changes: int) -> int:
    """Return the number of other seeds with which the best and the control train at the end."""
    return next(num for size, num in _FINAL_SEEDS.items() if num_changes >= size)


def choose_num_changes(num_available: int, costs: Costs, seconds: float) -> int:
    """Choose the number of single changes to try in a time; 0 if not even one fits.

    Args:
        num_available: Number of changes that could be tried.
        costs: Seconds of a run beside its training.
        seconds: Time for all rounds.
    """
    sizes = dict.fromkeys(min(size, num_available) for size in _FINAL_SEEDS)
    for size in filter(None, sizes):
        min_seconds = _MIN_SECONDS if size > 1 else _MIN_SECONDS_OF_ONE
        if solve_seconds(list_round_plans(size), costs, seconds) >= min_seconds:
            return size
    return 0


def estimate_min_seconds(costs: Costs) -> float:
    """Return the time of the smallest tuning: one change and the control."""
    return 2 * (costs.new + _MIN_SECONDS_OF_ONE)


def solve_seconds(
    plans: Sequence[RoundPlan], costs: Costs, seconds_left: float, trained: float = 0.0
) -> float:
    """Find the training time of the next round's runs with which all rounds fit into the time.

    Args:
        plans: The next round and all later rounds.
        costs: Seconds of a run beside its training.
        seconds_left: Time for these rounds.
        trained: Seconds that the continued runs have trained before.

    Returns:
        Training seconds of each run up to the end of the next round; at least `trained`.
    """
    units = 0  # Training time of all rounds, in multiples of the time of the first round.
    other_seconds = -plans[0].num_continued * trained
    before = 0
    for plan in plans:
        units += plan.num_new * plan.weight + plan.num_continued * (plan.weight - before)
        other_seconds += plan.num_new * costs.new + plan.num_continued * costs.continued
        before = plan.weight
    return max(trained, plans[0].weight * (seconds_left - other_seconds) / units)
