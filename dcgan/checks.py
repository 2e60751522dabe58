"""Checks of arguments that more than one module makes."""

from __future__ import annotations

import operator


def whole_number(name: str, value: int, minimum: int) -> int:
    """Take a whole number, also a NumPy one, or say which argument is not.

    Raises:
        ValueError: If it is no whole number, or below the minimum.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, got {value!r}.") from None
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {number}.")
    return number
