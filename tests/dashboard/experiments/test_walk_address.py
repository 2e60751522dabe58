"""The answer of the walk, which leaves no run, after a reload of the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.experiments.catalog import EXPERIMENTS, WALK, get_experiment_number
from dashboard.experiments.walks import Walks
from tests.dashboard.rendering import list_buttons, read_texts, run_page

pytestmark = pytest.mark.usefixtures("no_included_run")

DONE = "– **done**"
ADDRESS = "3-0.97-0.9425-0.6-my-run"


def open_page(address: dict[str, str]) -> AppTest:
    """Open the Learn page in a new session, as a reload does."""
    page = AppTest.from_file(str(Path(dashboard.__path__[0]) / "app_pages" / "learn.py"))
    page.default_timeout = 60
    page.query_params.update(address)
    return run_page(page)


def show_walks() -> None:
    """Write the answer of the session's walks into the address."""
    import streamlit as st

    from dashboard.experiments import walk_address

    walk_address.write_answer(2, st.session_state["walks"], "my-run")


def test_the_walks_answer_outlives_a_reload() -> None:
    pictures = np.zeros((100, 6, 28, 28, 1), np.uint8)
    before = AppTest.from_function(show_walks)
    before.session_state["walks"] = Walks(pictures, pictures, 0.97, 0.9425, 0.6)
    run_page(before)
    assert before.query_params["walk"] == ADDRESS
    page = open_page({"walk": ADDRESS})
    walk = EXPERIMENTS[-1]
    assert walk.key == WALK
    assert f"{get_experiment_number(walk)}. {walk.title} {DONE}" in list_buttons(page)
    assert f"1 of {len(EXPERIMENTS)} done" in read_texts(page)
    assert page.session_state["walk_run"] == "my-run"
    page.query_params.clear()  # The student was on another page of the program.
    run_page(page)
    assert page.query_params["walk"] == ADDRESS


@pytest.mark.parametrize(
    "text", ["", "x", "4-1-1-1-r", "0-1-1-1-r", "1-2-1-1-r", "1-1-1-1", "1-nan-1-1-r"]
)
def test_an_address_that_holds_no_answer_is_ignored(text: str) -> None:
    page = open_page({"walk": text})
    assert not [label for label in list_buttons(page) if DONE in label]
