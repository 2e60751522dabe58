"""The sorted digits: a pick chooses one of the digits that the person saw."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.explore_tools import digit_picker_panel
from dashboard.generators import findings_cache

LATENT_DIM = 6


def show_sorted_digits() -> None:
    """Render the sorted digits of the source that a test has put into the session."""
    import streamlit as st

    from dashboard.explore_tools import digit_picker_panel

    digit_picker_panel.render(st.session_state["source"])


def test_digits_of_another_generator_are_removed_at_once_and_cannot_be_picked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A click may arrive after the run was changed; it meant a digit of the other run."""
    z = np.arange(20 * LATENT_DIM, dtype=np.float32).reshape(20, LATENT_DIM) / 100
    survey = SimpleNamespace(
        z=z,
        digits=np.full(20, 4),
        pixels=np.zeros((20, 28, 28, 1), np.uint8),
        prediction=SimpleNamespace(probabilities=np.full((20, 10), 0.1)),
        find_clearest=lambda digit, most: np.arange(14),
    )
    findings = {"first": SimpleNamespace(survey=survey, step=10), "second": None}
    clicks: list[int | None] = []
    monkeypatch.setattr(findings_cache, "get_findings", lambda source: findings[source.identity])
    monkeypatch.setattr(findings_cache, "describe_problem", lambda source: "")
    monkeypatch.setattr(
        digit_picker_panel, "render_tiles", lambda *_, **__: clicks.pop(0) if clicks else None
    )
    page = AppTest.from_function(show_sorted_digits)
    first, second = (
        SimpleNamespace(
            identity=identity,
            latent_dim=LATENT_DIM,
            class_name="",
            digit=None,
            digits=tuple(range(10)),
            trainer=None,
        )
        for identity in findings
    )
    page.session_state["source"] = first
    page.run()
    assert not page.exception
    # The instruction comes before the digits.
    assert "Pick one to explore it" in page.caption[0].value
    page.session_state["source"] = second
    page.run()
    assert [element.value for element in page.caption] == [
        "Sorting this generator's digits, about 5 s."
    ]
    assert len(page.main.children) == 3  # The others are taken out of sight at once.
    assert {element.type for element in list(page.main.children.values())[1:]} == {"empty"}
    findings["second"] = findings["first"]
    clicks[:] = [2]
    page.run()
    assert "selection" not in page.session_state
    clicks[:] = [2]
    page.run()
    np.testing.assert_array_equal(page.session_state["selection"].z, z[2])
    assert len(page.segmented_control) == 1
    first.digit = 4  # A generator of one class has nothing to choose from.
    page.session_state["source"] = first
    page.run()
    assert not page.exception
    assert not page.segmented_control
