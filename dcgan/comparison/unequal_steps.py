"""Numbers of steps so unequal that they may decide a comparison: the rule, and its words."""

from __future__ import annotations

from collections.abc import Sequence

# From this ratio on. Twice the steps give about half the distance (docs/levers.md), so a quarter
# more gives about the difference of two seeds late in training.
_MIN_RATIO = 1.25
_LONGER_RATIO = 1.5  # From this ratio on, the longer training is the first cause to name.
_NAMED_RATIO = 1.1  # From this ratio on, the steps are named beside a difference of distances.


def are_unequal(steps: Sequence[int]) -> bool:
    """Return whether some numbers of steps, at least one, are too unequal for a fair comparison."""
    return max(steps) >= _MIN_RATIO * min(steps)


def are_worth_naming(steps: Sequence[int]) -> bool:
    """Return whether some numbers of steps, at least one, differ by more than a few steps."""
    return max(steps) >= _NAMED_RATIO * min(steps)


def are_much_longer(steps: Sequence[int]) -> bool:
    """Return whether some runs, at least one, trained so much longer that this may explain all.

    Args:
        steps: The steps of the runs.
    """
    return max(steps) >= _LONGER_RATIO * min(steps)


def describe_busy_computer(
    steps: Sequence[int], again: str = "race again", *, has_winner: bool = True
) -> str:
    """Return the sentences on unequal numbers of steps that runs should have made equally many of.

    Args:
        steps: The steps of runs that trained for the same time, with equally fast steps.
        again: How to repeat them, as the end of a sentence.
        has_winner: Whether a run is called nearest; without one, nothing was decided.
    """
    numbers = f"({min(steps):,} and {max(steps):,})"
    gap = (
        f"The steps were unequal {numbers}, so the busy computer may explain the difference."
        if has_winner
        else f"The steps were unequal {numbers}, because the computer was busy."
    )
    return f"{gap} Close other programs, then {again}."
