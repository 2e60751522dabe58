"""A text whose characters are classes, such as "2026" for a generator of digits."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.errors import ConfigError

MAX_CHARACTERS = 24
_MAX_LISTED_NAMES = 20  # Names in an error.


def can_be_typed(class_names: Sequence[str]) -> bool:
    """Return whether each class name is one character, so that a text can be made of classes."""
    return all(len(name) == 1 for name in class_names)


def parse_class_text(text: str, class_names: Sequence[str]) -> list[int]:
    """Return the class of each character.

    Args:
        text: At most `MAX_CHARACTERS` characters, each the whole name of a class.
        class_names: The names of the classes.

    Returns:
        Indices in `class_names`; none for an empty text.

    Raises:
        ConfigError: If a character is not a class, or there are too many characters; the message
            names the known classes.
    """
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(
            f"The text has {len(text)} characters; expected at most {MAX_CHARACTERS}."
        )
    if unknown := [letter for letter in dict.fromkeys(text) if letter not in class_names]:
        quoted = ["a space" if letter == " " else repr(letter) for letter in unknown]
        *others, last = quoted
        listed = f"{', '.join(others)} and {last}" if others else last
        raise ConfigError(
            f"This run draws {_list_names(class_names)} only; {listed} can't be drawn."
        )
    return [class_names.index(character) for character in text]


def suggest_next_text(text: str, class_names: Sequence[str]) -> str:
    """Return another text of the same length that a run can write.

    The text is the next number, or else the text backwards, or else the next class of each
    character: the first of these that is possible and different.

    Args:
        text: The text, whose characters are names of classes that `can_be_typed`.
        class_names: The names of all classes.

    Returns:
        The text; "" if the run has only one class.
    """
    number = str(int(text) + 1).zfill(len(text)) if text.isdecimal() else ""
    if len(number) == len(text) and set(number) <= set(class_names):
        return number
    if text != text[::-1]:
        return text[::-1]
    following = "".join(
        class_names[(class_names.index(character) + 1) % len(class_names)] for character in text
    )
    return following if following != text else ""


def find_class(name: str, class_names: Sequence[str]) -> int:
    """Return the index of a class by its name.

    Raises:
        ConfigError: If there is no such class; names the known ones.
    """
    if name not in class_names:
        raise ConfigError(f"--class: got {name!r}; this run knows {_list_names(class_names)}.")
    return class_names.index(name)


def _list_names(class_names: Sequence[str]) -> str:
    if list(class_names) == list("0123456789"):
        return "the digits 0 to 9"
    more = ", …" if len(class_names) > _MAX_LISTED_NAMES else ""
    return ", ".join(class_names[:_MAX_LISTED_NAMES]) + more
