"""Parts of the sentences that compare runs: quoted titles, lists and ratios."""

from __future__ import annotations

from collections.abc import Sequence


def quote_title(title: str) -> str:
    """Put a run's title in quotes, so that a comma in it does not look like that of a list."""
    return f"“{title}”"


def join_with_and(texts: Sequence[str]) -> str:
    """Join texts, such as "A, B and C"."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def format_ratio(ratio: float) -> str:
    """Format a ratio with two significant digits, such as "1.8 times" or "about 1,300 times"."""
    return f"{ratio:.1f} times" if ratio < 10 else f"about {float(f'{ratio:.2g}'):,.0f} times"
