"""Values that the program sets while a browser still sends the old ones.

`AppTest` is given the widgets' states as a browser has them before it shows the new values.
"""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dcgan.config.training_config import TrainingConfig
from tests.dashboard.forms.form_page import field, find


def test_a_click_right_after_the_choice_of_a_loss_keeps_the_settings_of_the_loss(
    page: AppTest,
) -> None:
    before = field(page, "loss").set_value("wgan_gp").root.get_widget_states()
    page._run(before)
    assert field(page, "discriminator_steps").value == 3
    page._run(before)
    assert field(page, "discriminator_steps").value == 3


def test_a_click_right_after_the_form_was_filled_does_not_bring_the_preset_back(
    page: AppTest,
) -> None:
    before = page._tree.get_widget_states()
    page.session_state["form_config"] = TrainingConfig(latent_dim=10)
    page.session_state["form_source"] = "a run"
    page.run()
    page._run(before)
    assert find(page.segmented_control, "form_preset").value is None
    assert field(page, "latent_dim").value == 10
