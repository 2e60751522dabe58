"""The fields of settings for few pictures."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dcgan.config.training_config import TrainingConfig
from tests.dashboard.forms.form_page import field, get_started, press


def test_augmentation_is_a_word_or_a_number(page: AppTest) -> None:
    assert field(page, "augment").options == ["auto", "off"]
    # `AppTest` cannot type a new option, so the number comes from a run's settings.
    page.session_state["form_config"] = TrainingConfig(augment=0.4)
    page.session_state["form_source"] = "a run"
    page.run()
    assert field(page, "augment").value == "0.4"
    field(page, "augmentations").set_value(["cutout"])
    press(page)
    assert get_started(page) == [TrainingConfig.create(augment=0.4, augmentations=("cutout",))]
