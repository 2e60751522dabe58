"""The explanations of the Learn page name the values of the settings that are shown."""

from __future__ import annotations

import pytest

from dcgan.config.setting_types import Loss
from dcgan.config.training_config import TrainingConfig
from tests.dashboard.rendering import prepare_panel, read_texts, run_page


def render() -> None:
    """Render the losses of the settings of the session."""
    import streamlit as st

    from dashboard.learn import losses_panel

    losses_panel.render(st.session_state["config"])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_losses_at_balance_have_their_known_values(smoothing: float) -> None:
    page = prepare_panel(render, config=TrainingConfig(label_smoothing=smoothing))
    shown = read_texts(run_page(page)).replace("{", "").replace("}", "")
    smoothed = ("D = 0.45", "L_G approx 0.80", "L_D approx 1.38")
    assert "L_G = ln 2 approx 0.69" in shown
    assert all((text in shown) is (smoothing > 0) for text in smoothed)


@pytest.mark.parametrize(
    ("loss", "formula", "balance"),
    [
        ("hinge", r"\max(0,\,1 + C(G(z)))", "L_D = 2."),
        ("wgan_gp", r"(\lVert\nabla C(m)\rVert - 1)^2", "L_D = 0."),
        ("relativistic", r"\ln \sigma(C(x) - C(G(z)))", "L_D approx 0.69."),
    ],
)
def test_each_loss_has_its_own_formula(loss: Loss, formula: str, balance: str) -> None:
    page = run_page(prepare_panel(render, config=TrainingConfig(loss=loss)))
    assert formula in page.latex[1].value
    texts = read_texts(page)
    assert balance in texts
    assert "smooth" not in texts
