"""Parts of sentences and tables: quoted titles, articles, lists, numbers, ratios, columns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def quote_title(title: str) -> str:
    """Put a run's title in quotes, so that a comma in it does not seem to end an item of a list."""
    return f"“{title}”"


def capitalize(text: str) -> str:
    """Return a text with a capital first letter; the others stay as they are."""
    return f"{text[:1].upper()}{text[1:]}"


def add_article(digit: int) -> str:
    """Return a digit with its article, such as "an 8"."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def count_steps(num_steps: int) -> str:
    """Return a number of steps in words, such as "1 step" or "1,500 steps"."""
    return "1 step" if num_steps == 1 else f"{num_steps:,} steps"


def join_with_and(texts: Sequence[str]) -> str:
    """Join texts, such as "A, B and C"."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def format_number(value: float, digits: int = 2) -> str:
    """Round to significant digits without an exponent, such as "0.00012", "2.0" or "44,000"."""
    return f"{Decimal(f'{value:.{digits - 1}e}'):,f}"


def format_ratio(ratio: float) -> str:
    """Format a ratio with two significant digits, such as "1.8 times" or "about 1,300 times"."""
    number = format_number(ratio)
    return f"{number} times" if "." in number else f"about {number} times"


def name_middle(count: int) -> str:
    """Return the word for the median of some numbers: of two it is the mean."""
    return "mean" if count == 2 else "median"


def shorten(text: str, max_length: int, mark: str = "…") -> str:
    """Cut a long text after a word, or within a word that is longer than half of the room.

    Some languages write no spaces, so a cut after a word alone could leave nothing.

    Args:
        text: One line.
        max_length: Characters of the result, at least twice those of the mark.
        mark: The end of a text that was cut.
    """
    if len(text) <= max_length:
        return text
    room = max_length - len(mark)
    words = text[: room + 1].rpartition(" ")[0].rstrip()
    return f"{words if 2 * len(words) >= room else text[:room]}{mark}"


def align_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a line of text for each row, with columns of equal width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
