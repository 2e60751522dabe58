"""The schedule of a tuning: how many candidates each round has, and how long they train.

The rounds are those of successive halving (Jamieson and Talwalkar, 2016, arXiv:1502.07943): all
candidates train for a short time, and the better half goes on for twice the time. Numbers in,
numbers out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field

# The most combinations of changes that enter the second round.
NUM_COMBINATIONS = 2
# Numbers of single changes, and of seeds with which the best is compared with the default at the
# end. With more time more of them fit.
_SIZES = {12: 3, 8: 2, 4: 2, 2: 1, 1: 0}
# After less training, the order of candidates is mostly chance.
_MIN_SECONDS = 10.0
# With a single change, a tuning in a minute should still be possible.
_SHORTEST_SECONDS = 3.0

_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Costs(BaseModel, frozen=True):
    """Seconds of a run beside its training.

    Attributes:
        new: For a new run: its networks, the graph of its first step and the measurement.
        continued: For a run that goes on from where it is.
    """

    new: _Seconds
    continued: _Seconds


@dataclass(frozen=True)
class RoundPlan:
    """The plan of a round, the control included.

    Attributes:
        weight: Training time of each of its runs in all rounds so far, in units of the first
            round's.
        num_continued: Number of runs that go on.
        num_new: Number of new runs.
        num_kept: Number of candidates beside the control; 0 for the last round, of other seeds.
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
        The rounds in which half of the candidates drop out, until two are left; then the round in
        which the best and the control train with other seeds, if there are enough changes for it.
    """
    num_kept, weight = num_changes, 1
    plans = [RoundPlan(weight, 0, num_changes + 1, num_changes)]
    while num_kept > 2:
        num_kept, weight = math.ceil(num_kept / 2), 2 * weight
        num_new = min(NUM_COMBINATIONS, num_kept // 2) if len(plans) == 1 else 0
        plans.append(RoundPlan(weight, num_kept + 1 - num_new, num_new, num_kept))
    num_seeds = count_final_seeds(num_changes)
    return [*plans, RoundPlan(weight, 0, 2 * num_seeds)] if num_seeds else plans


def count_final_seeds(num_changes: int) -> int:
    """Return with how many other seeds the best and the control train at the end."""
    return next(num for size, num in _SIZES.items() if num_changes >= size)


def choose_num_changes(available: int, costs: Costs, seconds: float) -> int:
    """Choose how many single changes to try in a time; 0 if not even one fits.

    Args:
        available: Number of changes that could be tried.
        costs: Seconds of a run beside its training.
        seconds: Time for all rounds.
    """
    sizes = [size for size in dict.fromkeys(min(size, available) for size in _SIZES) if size]
    for size in sizes:
        least = _MIN_SECONDS if size > 1 else _SHORTEST_SECONDS
        if solve_seconds(list_round_plans(size), costs, seconds) >= least:
            return size
    return 0


def estimate_least_seconds(costs: Costs) -> float:
    """Return the time of the smallest tuning."""
    return 2 * (costs.new + _SHORTEST_SECONDS)


def solve_seconds(
    plans: Sequence[RoundPlan], costs: Costs, seconds_left: float, trained: float = 0.0
) -> float:
    """Find how long the runs of the next round train, so that it and all later ones fit.

    Args:
        plans: The next round and those after it.
        costs: Seconds of a run beside its training.
        seconds_left: Time for these rounds.
        trained: Seconds that the runs that go on have trained before.

    Returns:
        Training seconds of each run, those before included; at least `trained`.
    """
    units = 0  # Of training time, if all later times are multiples of the first one.
    other_seconds = -plans[0].num_continued * trained
    before = 0
    for plan in plans:
        units += plan.num_new * plan.weight + plan.num_continued * (plan.weight - before)
        other_seconds += plan.num_new * costs.new + plan.num_continued * costs.continued
        before = plan.weight
    return max(trained, plans[0].weight * (seconds_left - other_seconds) / units)
