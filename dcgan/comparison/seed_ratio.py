"""The largest ratio of two Fréchet distances that a different seed alone can cause."""

from __future__ import annotations

EARLY_STEP = 1500  # Before this step, training is early.
# The largest ratio of two distances that a different seed alone can cause, by the number of runs
# that were measured early in training. If both are late, they are a tenth to a fifth apart
# (docs/levers.md); if both are early, a factor of 1.7 (docs/experiments.md). If one run is early
# and the other late: exp(sqrt((ln(1.2)^2 + ln(1.7)^2) / 2)).
_RATIOS = (1.2, 1.5, 1.7)
_STAGES = ("", " while one of them is so early in training", " so early in training")


def find_seed_ratio(first_step: int, second_step: int) -> float:
    """Return the largest ratio of two distances that a different seed alone can cause; at least 1.

    Args:
        first_step, second_step: The steps at which the distances were measured.
    """
    return _RATIOS[_count_early(first_step, second_step)]


def describe_stage(first_step: int, second_step: int) -> str:
    """Return the end of a sentence that explains a large `find_seed_ratio`; "" for late steps."""
    return _STAGES[_count_early(first_step, second_step)]


def _count_early(*steps: int) -> int:
    return sum(step < EARLY_STEP for step in steps)
