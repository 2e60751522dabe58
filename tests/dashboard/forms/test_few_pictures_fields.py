"""The fields of settings for few pictures."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from dcgan.config.training_config import TrainingConfig
from tests.dashboard.forms.form_page import field, find, get_started, press
from tests.picture_files import write_files
from tests.picture_kinds import sort_into


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


def test_the_check_of_few_pictures_offers_a_start_from_the_included_run(
    page: AppTest, tmp_path: Path
) -> None:
    folder = str(write_files(tmp_path / "set", sort_into(("a/", "b/"))))
    find(page.selectbox, "dataset_name").set_value("own").run()
    find(page.text_input, "dataset_path").set_value(folder).run()
    press(page, "Use these settings")
    assert field(page, "start_from").value == ""
    press(page, "Use them and start from pretrained-classes")
    assert field(page, "start_from").value == "pretrained-classes"
    assert not any(button.label.startswith("Use the") for button in page.button)
    field(page, "latent_dim").set_value(8).run()  # The included run has 16.
    assert not any("**Start:**" in str(text.value) for text in page.markdown)
    field(page, "latent_dim").set_value(16).run()
    # Each time, as the browser keeps the old label of a run that was renamed.
    assert field(page, "start_from").proto.set_value
    press(page)
    assert get_started(page)[0].start_from == "pretrained-classes"
