"""Words for the certainty of a difference, for all sentences that report a ranking."""

from __future__ import annotations

from dcgan.comparison.ranking import Difference
from dcgan.wording import format_number


def describe_certainty(difference: Difference) -> str:
    """Return "Very likely", "Likely" or "Too close to call"."""
    if not difference.is_clear:
        return "Too close to call"
    return "Very likely" if difference.is_very_clear else "Likely"


def describe_chance(difference: Difference, other: str = "") -> str:
    """Return the largest ratio that chance can make, such as "1.8 times so early in training".

    Args:
        difference: The difference.
        other: What the ratio is a multiple of, such as " the other"; may be empty.
    """
    return f"{format_number(difference.chance_ratio)} times{other}{difference.chance_reason}"
