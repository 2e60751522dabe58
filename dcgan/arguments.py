"""Checks of arguments that several rooms share."""

from __future__ import annotations

import operator


def check_whole_number(name: str, value: int, minimum: int) -> int:
    """Return a whole number, which may be a NumPy one, as an int.

    Args:
        name: Name of the argument in errors.
        value: The number.
        minimum: Smallest allowed number.

    Raises:
        ValueError: If it is not a whole number, or below the minimum.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, got {value!r}.") from None
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {number}.")
    return number
