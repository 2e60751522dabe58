"""The form of a new run: its fields, presets and errors."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.components.plain_text import escape_markdown
from dashboard.forms import settings_form
from dcgan.config.config_text import describe_bounds
from dcgan.config.settings import Settings
from dcgan.config.training_config import PRESETS, TrainingConfig
from tests.dashboard.forms.dataset_page import choose_own, make_squares, pack_npz, read_captions
from tests.dashboard.forms.form_page import (
    FIELDS,
    QUEUE_SCRIPT,
    SCRIPT,
    field,
    find,
    get_error,
    get_started,
    get_widget_value,
    leave_and_come_back,
    list_open_expanders,
    press,
)


def get_label(name: str) -> str:
    title = str(Settings.model_fields[name].title)
    return f"{title} (s)" if name == "max_seconds" else title


def test_every_setting_has_one_field_with_its_label_and_help(page: AppTest) -> None:
    for name in FIELDS:
        widget = field(page, name)
        info = Settings.model_fields[name]
        assert widget.label == get_label(name)
        assert widget.help == f"{info.description} Allowed: {describe_bounds(name)}."
        assert widget.value == get_widget_value(TrainingConfig(), name), name
    assert find(page.selectbox, "dataset_name").label == "Data set"
    boxes = (*page.selectbox, *page.pills, *page.checkbox)
    widgets = [*page.number_input, *page.text_input, *boxes]
    # Not fields of a setting.
    others = {"Setting", "Values, separated by commas", "Second setting", "Values of the second"}
    others.add("Minutes for tuning")
    labels = [str(widget.label) for widget in widgets if widget.label not in others]
    assert sorted(labels) == sorted(map(get_label, [*FIELDS, "dataset", "image_size"]))


def test_the_button_that_starts_a_run_does_not_wait_for_the_fields(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_form, "_render_fields", lambda *_: st.stop())
    page.run()
    assert not page.number_input
    assert [button.label for button in page.button] == ["Start training"]


def test_an_unchanged_form_gives_the_default_preset(page: AppTest) -> None:
    press(page)
    assert get_started(page) == [TrainingConfig()]
    assert not page.error


def test_typed_values_are_the_values_of_the_run(page: AppTest) -> None:
    field(page, "epochs").set_value(3)
    field(page, "max_seconds").set_value(90.0)
    field(page, "generator_filters").set_value("16, 8")
    field(page, "strategy").set_value("one_device")
    field(page, "tensorboard").set_value(True)
    field(page, "generator_learning_rate").set_value(1e-5)
    press(page)
    assert get_started(page) == [
        TrainingConfig.create(
            epochs=3,
            max_seconds=90.0,
            generator_filters=(16, 8),
            strategy="one_device",
            tensorboard=True,
            generator_learning_rate=1e-5,
        )
    ]


def test_an_emptied_limit_is_none(page: AppTest) -> None:
    field(page, "epochs").set_value(None)
    field(page, "max_seconds").set_value(60.0)
    press(page)
    assert [config.epochs for config in get_started(page)] == [None]


def test_the_advice_on_few_pictures_is_about_the_typed_epochs(
    page: AppTest, tmp_path: Path
) -> None:
    path = tmp_path / "few.npz"
    path.write_bytes(pack_npz(make_squares()))
    choose_own(page).text_input(key="dataset_path").set_value(str(path)).run()
    assert "plan 250 epochs or more" in read_captions(page)
    field(page, "epochs").set_value(250).run()
    assert "plan 250 epochs" not in read_captions(page)
    field(page, "batch_size").set_value(35).run()
    field(page, "epochs").set_value(249).run()
    assert "One epoch of these pictures is 2 steps." in read_captions(page)
    field(page, "epochs").set_value(0).run()  # The field marks it.
    assert not page.exception


# Presets


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_all_fields(page: AppTest, name: str) -> None:
    others = [preset for preset in PRESETS if preset != name]
    find(page.segmented_control, "form_preset").set_value(others[0]).run()
    field(page, "seed").set_value(9)
    find(page.segmented_control, "form_preset").set_value(name).run()
    for setting in FIELDS:
        assert field(page, setting).value == get_widget_value(
            TrainingConfig.preset(name), setting
        ), setting
    press(page)
    assert get_started(page) == [TrainingConfig.preset(name)]


def test_a_preset_keeps_the_chosen_data_set(page: AppTest) -> None:
    find(page.selectbox, "dataset_name").set_value("fashion_mnist").run()
    press(page)
    find(page.segmented_control, "form_preset").set_value("classic").run()
    press(page)
    assert [config.dataset for config in get_started(page)] == ["fashion_mnist", "fashion_mnist"]


def test_a_preset_keeps_a_data_set_that_was_not_sent_and_sets_the_switch_for_classes(
    page: AppTest,
) -> None:
    find(page.selectbox, "dataset_name").set_value("fashion_mnist").run()
    find(page.segmented_control, "form_preset").set_value("classic").run()
    press(page)
    find(page.segmented_control, "form_preset").set_value("fast").run()
    press(page)
    started = [(config.dataset, config.class_conditional) for config in get_started(page)]
    assert started == [("fashion_mnist", False), ("fashion_mnist", True)]


# Errors


@pytest.mark.parametrize(
    ("name", "entered", "message"),
    [
        ("epochs", 0, "Epochs: got 0; expected"),
        ("epochs", 100_001, "1 to 100,000"),
        ("batch_size", 1, "Batch size: got 1; expected"),
        ("batch_size", 3.7, "Batch size: got 3.7; expected a whole number, 2 to 4096"),
        ("beta_1", 1.0, "Momentum: got 1.0; expected 0 to less than 1"),
        ("generator_learning_rate", 0.0, "Generator learning rate: got 0.0; expected more than 0"),
        (
            "generator_filters",
            "64",
            "Generator channels: got ['64']; expected 2 to 6 whole numbers",
        ),
        ("generator_filters", "a, b", "each 1 to 1024"),
        ("seed", -1, "Seed: got -1; expected"),
        ("batch_size", None, "Batch size: the field is empty; expected"),
        ("dropout", None, "Dropout: the field is empty; expected"),
    ],
)
def test_an_error_names_the_field_the_value_and_what_is_allowed(
    page: AppTest, name: str, entered: object, message: str
) -> None:
    field(page, name).set_value(entered)
    press(page)
    assert message in get_error(page)
    assert describe_bounds(name) in get_error(page)
    given = "the field is empty" if entered is None else "got "
    assert get_error(page).startswith(f"{Settings.model_fields[name].title}: {given}")
    assert get_started(page) == []
    assert field(page, name).value == entered  # Still there, to be corrected.


def test_a_wrong_value_is_marked_at_once_below_its_field(page: AppTest) -> None:
    field(page, "batch_size").set_value(1).run()
    marks = [caption.value for caption in page.caption if ":material/error:" in caption.value]
    assert marks == [":red[:material/error:] Got 1\\; expected 2 to 4096\\."]
    assert not page.error
    field(page, "batch_size").set_value(32).run()
    assert not [caption for caption in page.caption if ":material/error:" in caption.value]


def test_a_run_without_an_end_is_refused(page: AppTest) -> None:
    field(page, "epochs").set_value(None)
    press(page)
    assert "epochs or a time limit" in get_error(page)
    assert get_started(page) == []


def test_typed_markdown_is_shown_as_text(page: AppTest) -> None:
    field(page, "generator_filters").set_value("![x](https://example.org/x.png), 3")
    press(page)
    shown = str(page.error[0].value)
    assert r"\!\[x\]\(https" in shown
    assert "![x]" in get_error(page)


def test_without_pictures_nothing_starts_and_an_error_says_why(page: AppTest) -> None:
    find(page.selectbox, "dataset_name").set_value("own").run()
    assert not page.error
    press(page)
    assert "no pictures to learn from" in get_error(page)
    assert get_started(page) == []


# Other pages


def test_started_settings_are_kept_while_another_page_is_shown(page: AppTest) -> None:
    find(page.segmented_control, "form_preset").set_value("classic").run()
    field(page, "epochs").set_value(3)
    press(page)
    leave_and_come_back(page)
    assert find(page.segmented_control, "form_preset").value == "classic"
    assert field(page, "epochs").value == 3
    assert field(page, "batch_size").value == PRESETS["classic"]["batch_size"]


def test_refused_values_are_kept_while_another_page_is_shown(page: AppTest) -> None:
    field(page, "epochs").set_value(0)
    field(page, "seed").set_value(9)
    press(page)
    leave_and_come_back(page)
    assert (field(page, "epochs").value, field(page, "seed").value) == (0, 9)


# Settings of another run


def test_the_settings_of_a_run_fill_the_form(page: AppTest) -> None:
    config = TrainingConfig.create(epochs=4, seed=7, dataset="fashion_mnist", latent_dim=10)
    field(page, "seed").set_value(99)
    press(page)
    page.session_state["form_config"] = config
    page.session_state["form_source"] = "My [first](https://example.org) run"
    page.run()
    for name in FIELDS:
        assert field(page, name).value == get_widget_value(config, name), name
    assert find(page.selectbox, "dataset_name").value == "fashion_mnist"
    assert find(page.segmented_control, "form_preset").value is None
    title = escape_markdown("My [first](https://example.org) run")
    assert f"the settings of {title}." in page.info[0].value
    assert "then press Start training." in page.info[0].value
    press(page)
    assert get_started(page)[-1] == config
    leave_and_come_back(page)
    assert field(page, "seed").value == 7
    assert find(page.segmented_control, "form_preset").value is None
    # A preset takes its place.
    find(page.segmented_control, "form_preset").set_value("fast").run()
    assert field(page, "seed").value == 0
    assert not page.info


def test_an_error_opens_the_expander_of_its_field(page: AppTest) -> None:
    assert list_open_expanders(page) == []
    field(page, "batch_size").set_value(1)
    press(page)
    assert get_error(page).startswith("Batch size: got 1")
    assert list_open_expanders(page) == ["Change settings", "**Learning:** a value is not allowed"]
    field(page, "batch_size").set_value(64)
    press(page)
    assert get_started(page) == [TrainingConfig()]
    page.run()  # The Train page does so after a run has started.
    assert (list_open_expanders(page), list(page.error)) == ([], [])


def test_an_error_of_one_of_the_first_fields_opens_the_form_alone(page: AppTest) -> None:
    field(page, "seed").set_value(-1)
    press(page)
    assert get_error(page).startswith("Seed: got -1")
    assert list_open_expanders(page) == ["Change settings"]


@pytest.mark.parametrize(
    ("name", "entered", "message"),
    [("seed", -1, "Seed: got -1"), ("batch_size", 1, "Batch size: got 1")],
)
@pytest.mark.usefixtures("root")
def test_the_form_beside_a_run_shows_errors_too(name: str, entered: object, message: str) -> None:
    page = AppTest.from_string(QUEUE_SCRIPT, default_timeout=60).run()
    field(page, name).set_value(entered)
    press(page, "Add to the queue")
    assert get_error(page).startswith(message)
    assert "requests" not in page.session_state
    field(page, name).set_value(64)
    press(page, "Add to the queue")
    assert not page.error
    assert [getattr(request.configs[0], name) for request in page.session_state["requests"]] == [64]


def test_a_learning_rate_far_from_the_preset_has_a_hint(page: AppTest) -> None:
    def get_hints() -> list[str]:
        captions = (element.value.replace("\\", "") for element in page.caption)
        return [caption for caption in captions if "the default 0" in caption]

    field(page, "generator_learning_rate").set_value(0.019)
    page.run()
    assert get_hints() == []
    field(page, "generator_learning_rate").set_value(0.02)
    page.run()
    (hint,) = get_hints()
    assert "Generator learning rate 0.02 is 10 times the default 0.002." in hint


def test_on_the_welcome_the_switch_for_classes_is_beside_the_button() -> None:
    script = SCRIPT.replace("Place.BELOW_RUN", "Place.WELCOME")
    page = AppTest.from_string(script, default_timeout=60).run()
    (switch,) = page.toggle  # The form has it in no second place.
    assert switch.key == "dataset_classes"
    assert not any(switch.key == inner.key for element in page.expander for inner in element.toggle)
    assert switch.value
    switch.set_value(False).run()
    assert "without classes" in page.caption[0].value
    press(page)
    assert not get_started(page)[0].class_conditional


def test_choosing_a_loss_shows_its_own_settings(page: AppTest) -> None:
    assert field(page, "loss").options == [
        "Cross-entropy (bce)", "Hinge", "WGAN-GP (wgan_gp)", "Relativistic",
    ]  # fmt: skip
    field(page, "loss").set_value("wgan_gp").run()
    assert field(page, "discriminator_steps").value == 3
    press(page)
    field(page, "loss").set_value("hinge").run()
    assert field(page, "discriminator_steps").value == 1
    press(page)
    started = [(config.loss, config.discriminator_steps) for config in get_started(page)]
    assert started == [("wgan_gp", 3), ("hinge", 1)]


def test_choosing_a_loss_keeps_a_setting_that_was_changed_before(page: AppTest) -> None:
    field(page, "discriminator_steps").set_value(2.0).run()
    field(page, "loss").set_value("wgan_gp").run()
    assert field(page, "discriminator_steps").value == 2
    field(page, "discriminator_steps").set_value(0.0).run()
    field(page, "loss").set_value("bce").run()
    assert field(page, "discriminator_steps").value == 0  # Its error stays.
