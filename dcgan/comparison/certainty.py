"""Words for the certainty of a difference, for all sentences that report a ranking."""

from __future__ import annotations

from dcgan.comparison.ranking import Difference
from dcgan.wording import format_number


def describe_certainty(difference: Difference) -> str:
    """Return "Very likely", "Likely" or "Too close to call"."""
    if not difference.is_clear:
        return "Too close to call"
    return "Very likely" if difference.is_very_clear else "Likely"


def describe_chance(difference: Difference) -> str:
    """Return the largest ratio of distances by chance, such as "1.2 times as large"."""
    return f"{format_number(difference.chance_ratio)} times as large{difference.chance_reason}"


def describe_seed_chance(difference: Difference) -> str:
    """Return the sentence on the difference that another seed can make to one run."""
    return f"Another seed alone can make a distance up to {describe_chance(difference)}."
