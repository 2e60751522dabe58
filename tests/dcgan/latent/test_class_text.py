"""A text whose characters are classes."""

from __future__ import annotations

import pytest

from dcgan.errors import ConfigError
from dcgan.latent.class_text import MAX_CHARACTERS, find_class, parse_class_text, suggest_next_text

DIGITS = tuple("0123456789")


def test_each_character_becomes_the_index_of_its_class() -> None:
    assert parse_class_text("2026", DIGITS) == [2, 0, 2, 6]
    assert parse_class_text("ba", ("a", "b")) == [1, 0]
    assert parse_class_text("", DIGITS) == []


def test_an_unknown_class_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"This run draws 3, 8 only; '7' can't be drawn\."):
        parse_class_text("37", ("3", "8"))
    with pytest.raises(ConfigError) as caught:
        parse_class_text("12 Mai 2004", DIGITS)
    assert str(caught.value) == (
        "This run draws the digits 0 to 9 only; a space, 'M', 'a' and 'i' can't be drawn."
    )
    with pytest.raises(ConfigError, match=r"18, 19, …\.$"):
        find_class("x", tuple(map(str, range(30))))


def test_a_text_is_at_most_as_long_as_a_strip() -> None:
    assert len(parse_class_text("1" * MAX_CHARACTERS, DIGITS)) == MAX_CHARACTERS
    with pytest.raises(ConfigError, match="has 25 characters; expected at most 24"):
        parse_class_text("1" * 25, DIGITS)


@pytest.mark.parametrize(
    ("text", "names", "following"),
    [
        ("2026", DIGITS, "2027"),
        ("0099", DIGITS, "0100"),
        ("98", DIGITS, "99"),
        ("99", DIGITS, "00"),
        ("9", DIGITS, "0"),
        ("01", ("0", "1"), "10"),
        ("1", ("0", "1"), "0"),
        ("0110", ("0", "1"), "0111"),
        ("0101", ("0", "1", "2"), "0102"),
        ("38", ("3", "8"), "83"),
        ("abc", tuple("abcdefghij"), "cba"),
        ("7", ("7",), ""),
    ],
)
def test_the_next_text_is_another_one_that_the_run_can_write(
    text: str, names: tuple[str, ...], following: str
) -> None:
    assert suggest_next_text(text, names) == following
