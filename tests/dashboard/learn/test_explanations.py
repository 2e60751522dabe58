"""The explanations of the Learn page name the values of the settings that are shown."""

from __future__ import annotations

import pytest

from dcgan.config.training_config import TrainingConfig
from tests.dashboard.rendering import prepare_panel, read_texts, run_page


def render() -> None:
    """Render the losses of the settings of the session."""
    import streamlit as st

    from dashboard.learn import explanations

    explanations.render_losses(st.session_state["config"])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_losses_at_balance_have_their_known_values(smoothing: float) -> None:
    page = prepare_panel(render, config=TrainingConfig(label_smoothing=smoothing))
    shown = read_texts(run_page(page)).replace("{", "").replace("}", "")
    smoothed = ("D = 0.45", "L_G approx 0.80", "L_D approx 1.38")
    assert "L_G = ln 2 approx 0.69" in shown
    assert all((text in shown) is (smoothing > 0) for text in smoothed)
