"""Answers of components: only values that their scripts can send reach the program."""

from __future__ import annotations

import base64
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st

from dashboard.components import chart, pad, pencil, quiz, replay, sliders, tiles
from dashboard.components.picture import match_mnist_scale

PNG = b"\x89PNG\r\n\x1a\n"  # The part of a picture that the server checks.


def answer(monkeypatch: pytest.MonkeyPatch, module: object, name: str, **values: object) -> None:
    """Make a component return values, whatever it shows."""
    monkeypatch.setattr(module, name, lambda **_: SimpleNamespace(**values))


def pick_tile(num: int) -> int | None:
    return tiles.render_tiles(
        PNG, size=(8, 4), rows=1, columns=2, labels=["a"] * num, alt="", key="tiles"
    )


@pytest.mark.parametrize(
    ("sent", "expected"), [(None, None), (0, 0), (2, 2), (3, None), (-1, None), ("1", None)]
)
def test_only_a_tile_that_is_there_is_picked(
    sent: object, expected: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, tiles, "_tiles", picked=sent)
    assert pick_tile(3) == expected


@pytest.mark.parametrize(
    ("sent", "expected"), [(None, None), (0, 0), (9, 9), (10, None), (-1, None), ("1", None)]
)
def test_only_a_digit_of_the_map_is_picked(
    sent: object, expected: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(theme=SimpleNamespace(type="light")))
    answer(monkeypatch, chart, "_digit_map", picked=sent)
    picked = chart.render_digit_map(
        "{}",
        sheet=PNG,
        columns=5,
        num_digits=10,
        digit_side=28,
        chosen=None,
        height=400,
        alt="",
        point_label="",
        key="map",
    )
    assert picked == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, None),
        ({"column": 0, "row": 6}, (0, 6)),
        ({"column": 7, "row": 0}, None),
        ({"column": 0, "row": -1}, None),
        ({"column": "x", "row": 0}, None),
        ({"column": float("inf"), "row": 0}, None),
        ({}, None),
        (5, None),
    ],
)
def test_only_a_place_on_the_pad_is_picked(
    sent: object, expected: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, pad, "_pad", picked=sent)
    place = pad.render_pad(
        PNG,
        side=7,
        digit_side=28,
        plane="a",
        position=(3, 3),
        across="Slant",
        down="Thickness",
        reach=3.0,
        alt="",
        key="pad",
        scale=1,
    )
    assert place == expected


@pytest.mark.parametrize("sent", [None, "", "not Base64", base64.b64encode(b"short").decode()])
def test_no_drawing_is_read_from_other_texts(sent: object, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, pencil, "_pencil", drawn=sent)
    assert pencil.render_pencil(alt="", key="pencil", reset=0, scale=1) is None


def test_a_drawing_is_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    digit = np.arange(28 * 28).reshape(28, 28).astype(np.uint8)
    answer(monkeypatch, pencil, "_pencil", drawn=base64.b64encode(digit.tobytes()).decode())
    drawn = pencil.render_pencil(alt="", key="pencil", reset=0, scale=1)
    assert drawn is not None
    np.testing.assert_array_equal(drawn, digit)


@pytest.mark.parametrize(
    "moved",
    [
        None,
        {},
        {"zVersion": 1, "number": 2},
        {"zVersion": "x", "number": 2, "z": [0.0]},
        {"zVersion": 1, "number": 2, "z": [[0.0]]},
        {"zVersion": 1, "number": 2, "z": [float("nan")]},
        {"zVersion": 1, "number": 2, "z": "text"},
        {"zVersion": 1, "number": float("inf"), "z": [0.0]},
        {"zVersion": 1, "number": 2, "z": [10**400]},
        5,
    ],
)
def test_no_move_is_read_from_other_values(moved: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"sliders": {"moved": moved}})
    assert sliders.read_move("sliders") is None
    assert sliders.read_move("others") is None


def test_a_move_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = {"zVersion": 3, "number": 7, "z": [0.5, -1]}
    monkeypatch.setattr(st, "session_state", {"sliders": {"moved": sent}})
    move = sliders.read_move("sliders")
    assert move is not None
    assert (move.z_version, move.number, move.z.tolist()) == (3, 7, [0.5, -1.0])


@pytest.mark.parametrize(
    ("scale", "side", "expected"), [(6, 28, 6), (6, 14, 12), (6, 64, 3), (1, 64, 1), (2, 512, 1)]
)
def test_large_digits_are_enlarged_less(scale: int, side: int, expected: int) -> None:
    assert match_mnist_scale(scale, side) == expected


@pytest.mark.parametrize(("sent", "expected"), [(None, False), ("a 1", False), ("a 2", True)])
def test_only_the_present_round_asks_for_another_one(
    sent: object, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(theme=SimpleNamespace(type="light")))
    answer(monkeypatch, quiz, "_quiz", again=sent)
    is_wanted = quiz.render_quiz(
        np.zeros((2, 28, 28, 1), np.uint8),
        np.array([True, False]),
        np.array([0.6, 0.4]),
        [],
        round_name="a 2",
        introduction="Ten are real.",
        scale=4,
        fake_color="red",
        key="quiz",
    )
    assert is_wanted is expected


@pytest.mark.parametrize(
    ("sent", "expected"), [(None, 20), (-1, None), (10, 10), (0, 0), (15, 20), ("10", 20)]
)
def test_only_a_saved_moment_or_now_is_chosen(
    sent: object, expected: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, replay, "_replay", chosen=sent)
    assert replay.render_replay("a", [0, 10, 20], 20, help_text="", key="replay") == expected
