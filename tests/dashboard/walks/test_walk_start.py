"""The start of a walk: the selected digit, which stays while digits of the walk are picked."""

from __future__ import annotations

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.generators.generator_source import GeneratorSource
from dashboard.tab import selection
from dashboard.walks import interpolation_panel, walk_start
from tests.dashboard.conftest import NewRun
from tests.dashboard.walks.class_walks import SELECTED, find_ends, find_examples


def test_a_walk_from_the_selected_digit_goes_to_another_digit(
    walk: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_examples(monkeypatch)
    walk.session_state["explore_class"] = "8"
    walk.run()
    assert walk.multiselect[0].value == [SELECTED, "A clear 3"]
    assert find_ends(walk) == ["8", "3"]


def test_a_walk_stays_while_its_digits_are_picked_until_a_person_starts_from_one(
    walk: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_examples(monkeypatch)
    walk.run()
    shown = walk.session_state["z"]
    tiles = iter([5])
    monkeypatch.setattr(interpolation_panel, "render_tiles", lambda *_, **__: next(tiles, None))
    walk.run()
    assert walk.session_state["explore_class"] == "8"
    np.testing.assert_array_equal(walk.session_state["z"], shown)
    assert find_ends(walk) == ["3", "8"]
    start = walk.button(key="walk-start")
    assert start.label == "Start from this digit"
    kept = "The walk still starts from the digit that was selected before."
    assert kept in [caption.value for caption in walk.caption]
    start.click().run()
    assert kept not in [caption.value for caption in walk.caption]
    assert walk.multiselect[0].value == [SELECTED, "A clear 3"]
    np.testing.assert_array_equal(walk.session_state["z"][0], shown[5])
    assert find_ends(walk) == ["8", "3"]


def test_a_pick_from_the_walk_of_another_run_starts_no_walk(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "session_state", {})
    drawn, other = (
        GeneratorSource(new_run(name, class_conditional=False), 26) for name in ("a", "b")
    )
    z = selection.select_z(np.ones(drawn.latent_dim), "the pad").z
    walk_start.select_picked(drawn, z * 2, "")
    assert walk_start.is_picked(drawn)
    np.testing.assert_array_equal(walk_start.find_start(drawn).z, z)
    assert not walk_start.is_picked(other)
    np.testing.assert_array_equal(walk_start.find_start(other).z, z * 2)
