"""A text whose characters are classes, such as "2026" for a generator of digits."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.errors import ConfigError

MAX_CHARACTERS = 24
_MAX_NAMED = 20  # Names in an error.


def parse_class_text(text: str, class_names: Sequence[str]) -> list[int]:
    """Return the class of each character.

    Args:
        text: At most `MAX_CHARACTERS` characters, each the whole name of a class.
        class_names: The names of the classes.

    Returns:
        Indices in `class_names`; none for an empty text.

    Raises:
        ConfigError: If a character is no class, or there are too many; names the known classes.
    """
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(
            f"The text has {len(text)} characters; expected at most {MAX_CHARACTERS}."
        )
    if unknown := [letter for letter in dict.fromkeys(text) if letter not in class_names]:
        quoted = ["a space" if letter == " " else repr(letter) for letter in unknown]
        named = " and ".join([*([", ".join(quoted[:-1])] if quoted[1:] else []), quoted[-1]])
        raise ConfigError(
            f"This run draws {_list_names(class_names)} only; {named} can't be drawn."
        )
    return [class_names.index(character) for character in text]


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
    more = ", …" if len(class_names) > _MAX_NAMED else ""
    return ", ".join(class_names[:_MAX_NAMED]) + more
