"""Suggestions of options in place of one that does not exist."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

_MAX_SUGGESTED = 3
# Smallest ratio of equal letters at which a name counts as misspelled; `difflib` uses 0.6, at which
# "--lr" is like "--color".
_MIN_RATIO = 0.75
_SHORT = {"lr": ("learning", "rate"), "bs": ("batch", "size")}
_UNLIKE = 9  # The rank of options that are not alike.


def suggest_options(wrong: str, options: Sequence[str]) -> list[str]:
    """Return up to three options that may be meant, the most likely one first.

    A name that is spelled differently comes before one that has words in common, such as
    "--dropout" for "--discriminator-dropout" or "--generator-learning-rate" for "--lr".

    Args:
        wrong: The option that was given.
        options: The names of all options.
    """
    ranked = sorted(options, key=lambda option: (_rank(wrong, option), -_compare(wrong, option)))
    if not ranked or (best := _rank(wrong, ranked[0])) == _UNLIKE:
        return []
    return [option for option in ranked if _rank(wrong, option) == best][:_MAX_SUGGESTED]


def describe_suggestions(wrong: str, options: Sequence[str], kind: str = "option") -> str:
    """Return a sentence that says that there is no such option, and which may be meant.

    Args:
        wrong: The option, or the command, that was given.
        options: The names that exist.
        kind: Word for them in the sentence.
    """
    suggested = suggest_options(wrong, options)
    hint = f"did you mean {' or '.join(suggested)}?" if suggested else "--help lists all."
    return f"No such {kind} {wrong}; {hint}"


def _rank(wrong: str, option: str) -> int:
    """Return how an option is like a wrong one: 0 is likeliest, `_UNLIKE` is not alike."""
    given, own = _split(wrong), _split(option)
    pairs = list(zip(given, own, strict=False))
    if "".join(given) == "".join(own):
        return 0
    if len(given) == len(own) and all(_compare(*pair) >= _MIN_RATIO for pair in pairs):
        return 1
    if set(own) <= set(given) or set(given) <= set(own) or _is_part(given, own):
        return 2
    if _compare(wrong, option) >= _MIN_RATIO:
        return 3
    return 4 if set(given) & set(own) else _UNLIKE


def _is_part(given: Sequence[str], own: Sequence[str]) -> bool:
    """Return whether one name is a part of another; one or two letters are parts of too many."""
    part = "".join(given)
    return len(part) > 2 and part in "".join(own)


def _split(option: str) -> list[str]:
    words = option.lstrip("-").replace("_", "-").lower().split("-")
    return [part for word in words for part in _SHORT.get(word, (word,))]


def _compare(wrong: str, option: str) -> float:
    return SequenceMatcher(None, wrong, option).ratio()
