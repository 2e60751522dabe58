"""The parts of sentences that compare runs."""

from __future__ import annotations

import math

import pytest

from dcgan.wording import (
    add_article,
    align_columns,
    format_number,
    format_ratio,
    join_with_and,
    shorten,
)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 2, "0.0"),
        (0.00012, 2, "0.00012"),
        (2.0, 2, "2.0"),
        (9.94, 2, "9.9"),
        (9.96, 2, "10"),
        (9.96, 3, "9.96"),
        (5000.0, 3, "5,000"),
        (44000.0, 2, "44,000"),
        (44123.0, 4, "44,120"),
        (1.7e8, 2, "170,000,000"),
        (math.inf, 2, "Infinity"),
    ],
)
def test_a_number_has_the_given_digits_and_no_exponent(
    value: float, digits: int, text: str
) -> None:
    assert format_number(value, digits) == text


def test_a_ratio_of_ten_or_more_is_rounded_and_says_about() -> None:
    texts = [format_ratio(ratio) for ratio in (1.84, 9.94, 9.96, 170.0, 1284.0)]
    assert texts == [
        "1.8 times",
        "9.9 times",
        "about 10 times",
        "about 170 times",
        "about 1,300 times",
    ]


def test_the_last_two_texts_of_a_list_are_joined_with_and() -> None:
    lists = (["A"], ["A", "B"], ["A", "B", "C"])
    assert [join_with_and(texts) for texts in lists] == ["A", "A and B", "A, B and C"]


def test_the_columns_of_a_table_are_aligned_without_spaces_at_the_end() -> None:
    rows = [["run", "step", "best"], ["a long name", "7", "–"], ["b", "1,200", ""]]
    assert align_columns(rows) == [
        "run          step   best",
        "a long name  7      –",
        "b            1,200",
    ]


def test_only_the_8_has_the_article_an() -> None:
    assert [digit for digit in range(10) if add_article(digit) == f"an {digit}"] == [8]
    assert add_article(1) == "a 1"


def test_a_long_text_is_cut_after_a_word_or_within_a_long_one() -> None:
    assert shorten("nine words", 10) == "nine words"
    assert shorten("many short words", 11) == "many short…"
    assert shorten("many short words", 10) == "many shor…"
    assert shorten("many short words", 12, " …") == "many short …"
    assert shorten("W" * 80, 10) == "WWWWWWWWW…"
    assert shorten("a " + "数" * 80, 10) == "a 数数数数数数数…"
