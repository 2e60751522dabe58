"""Requests of other pages to Explore."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import NewRun


def _request() -> None:
    import streamlit as st

    from dashboard.tab.explore_request import TOOL, request_writing

    request_writing(st.session_state["run"])
    st.session_state["requested"] = st.session_state[TOOL]


@pytest.mark.parametrize(
    ("dataset", "tool"), [("mnist", "Write a number"), ("fashion_mnist", "Write a text")]
)
def test_only_digits_are_written_as_numbers(new_run: NewRun, dataset: str, tool: str) -> None:
    page = AppTest.from_function(_request)
    page.session_state["run"] = new_run("writer", dataset=dataset)
    page.run()
    assert page.session_state["requested"] == tool
