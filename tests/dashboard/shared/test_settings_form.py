"""The form of a new run: every setting once, wrong values answered in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.plain_text import escape_markdown
from dashboard.shared import own_pictures
from dashboard.shared.own_pictures import CHOSEN
from dashboard.state.trainer import Trainer
from dcgan.config import PRESETS, TrainingConfig
from dcgan.config_text import describe_bounds

FIELDS = [name for name in TrainingConfig.model_fields if name not in CHOSEN]


@pytest.fixture(autouse=True)
def apart_from_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(tmp_path / "shelf")
    monkeypatch.setattr(own_pictures, "process_trainer", lambda: trainer)


PAGE = """
import streamlit as st
from dashboard.shared import settings_form

order = settings_form.render()
if order is not None:
    st.session_state.setdefault("orders", []).append(order)
    if not order.is_for_later:
        st.session_state.setdefault("started", []).append(order.configs[0])
"""


@pytest.fixture
def page(tmp_path: Path) -> AppTest:
    """Return a page with nothing but the form, drawn once, beside an empty one."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "other.py").touch()
    (tmp_path / "form.py").write_text(PAGE, encoding="utf-8")
    page = AppTest.from_file(str(tmp_path / "form.py"), default_timeout=60).run()
    assert not page.exception
    return page


def field(page: AppTest, name: str) -> Any:
    """Return the one widget of a setting."""
    found = [
        widget
        for kind in ("number_input", "text_input", "selectbox", "checkbox")
        for widget in page.get(kind)
        if str(widget.key).startswith("form_")
        and str(widget.key).endswith(f"_{name}")
        # `seed` is not the end of any other, but `steps` and the like might be.
        and str(widget.key).split("_", 2)[2] == name
    ]
    assert len(found) == 1, name
    return found[0]


def send(page: AppTest) -> AppTest:
    """Press the button."""
    (button,) = [button for button in page.button if button.label == "Start training"]
    button.click().run()
    assert not page.exception
    return page


def leave_and_come_back(page: AppTest) -> None:
    page.switch_page("pages/other.py").run()
    assert not page.number_input
    page.switch_page("form.py").run()
    assert not page.exception


def started(page: AppTest) -> list[TrainingConfig]:
    return list(page.session_state["started"]) if "started" in page.session_state else []


def error(page: AppTest) -> str:
    """Return the one error, Markdown's escapes taken out."""
    assert len(page.error) == 1
    return str(page.error[0].value).replace("\\", "").replace("\u2060", "")


def value_of(config: TrainingConfig, name: str) -> object:
    """Return a setting as its widget holds it."""
    value = getattr(config, name)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


# What it shows


def test_every_setting_is_there_once_with_its_words(page: AppTest) -> None:
    for name in FIELDS:
        widget = field(page, name)
        info = TrainingConfig.model_fields[name]
        assert widget.label == info.title
        assert widget.help == f"{info.description} Allowed: {describe_bounds(name)}."
        assert widget.value == value_of(TrainingConfig(), name), name
    assert page.selectbox(key="dataset_name").label == "Data set"
    widgets = [*page.number_input, *page.text_input, *page.selectbox, *page.checkbox]
    varied = ("Setting", "Its values")  # Those of several runs name a setting, and are none.
    labels = [str(widget.label) for widget in widgets if widget.label not in varied]
    assert sorted(labels) == sorted(
        str(TrainingConfig.model_fields[name].title) for name in [*FIELDS, "dataset", "image_size"]
    )


def test_untouched_it_gives_the_default_preset(page: AppTest) -> None:
    send(page)
    assert started(page) == [TrainingConfig()]
    assert not page.error


def test_what_is_typed_is_what_is_trained(page: AppTest) -> None:
    field(page, "epochs").set_value(3)
    field(page, "max_seconds").set_value(90.0)
    field(page, "generator_filters").set_value("16, 8")
    field(page, "strategy").set_value("one_device")
    field(page, "tensorboard").set_value(True)
    field(page, "generator_learning_rate").set_value(1e-5)
    send(page)
    assert started(page) == [
        TrainingConfig.create(
            epochs=3,
            max_seconds=90.0,
            generator_filters=(16, 8),
            strategy="one_device",
            tensorboard=True,
            generator_learning_rate=1e-5,
        )
    ]


def test_an_emptied_bound_is_none(page: AppTest) -> None:
    field(page, "epochs").set_value(None)
    field(page, "max_seconds").set_value(60.0)
    send(page)
    assert [config.epochs for config in started(page)] == [None]


# Presets


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_brings_all_its_values(page: AppTest, name: str) -> None:
    others = [preset for preset in PRESETS if preset != name]
    page.segmented_control(key="form_preset").set_value(others[0]).run()
    field(page, "seed").set_value(9)
    page.segmented_control(key="form_preset").set_value(name).run()
    for setting in FIELDS:
        assert field(page, setting).value == value_of(TrainingConfig.preset(name), setting), setting
    send(page)
    assert started(page) == [TrainingConfig.preset(name)]


def test_a_preset_leaves_the_data_set_as_it_was_chosen(page: AppTest) -> None:
    page.selectbox(key="dataset_name").set_value("fashion_mnist").run()
    send(page)
    page.segmented_control(key="form_preset").set_value("classic").run()
    send(page)
    assert [config.dataset for config in started(page)] == ["fashion_mnist", "fashion_mnist"]


# What is not allowed


@pytest.mark.parametrize(
    ("name", "came", "words"),
    [
        ("epochs", 0, "Epochs: got 0; expected"),
        ("epochs", 100_001, "1 to 100000"),
        ("batch_size", 1, "Batch size: got 1; expected"),
        ("batch_size", 3.7, "Batch size: got 3.7; expected a whole number, 2 to 4096"),
        ("beta_1", 1.0, "beta_1: got 1.0; expected 0 to less than 1"),
        ("generator_learning_rate", 0.0, "Generator lr: got 0.0; expected more than 0"),
        (
            "generator_filters",
            "64",
            "Generator channels: got ['64']; expected 2 to 6 whole numbers",
        ),
        ("generator_filters", "a, b", "each 1 to 1024"),
        ("seed", -1, "Seed: got -1; expected"),
        ("batch_size", None, "Batch size: got nothing; expected"),
        ("dropout", None, "Dropout: got nothing; expected"),
    ],
)
def test_a_wrong_value_is_told_with_its_field_what_came_and_what_is_allowed(
    page: AppTest, name: str, came: object, words: str
) -> None:
    field(page, name).set_value(came)
    send(page)
    assert words in error(page)
    assert describe_bounds(name) in error(page)
    assert error(page).startswith(f"{TrainingConfig.model_fields[name].title}: got ")
    assert started(page) == []
    assert field(page, name).value == came  # There to be mended.


def test_a_run_without_an_end_is_refused(page: AppTest) -> None:
    field(page, "epochs").set_value(None)
    send(page)
    assert "epochs or max_seconds" in error(page)
    assert started(page) == []


def test_what_a_person_typed_is_shown_as_it_is(page: AppTest) -> None:
    field(page, "generator_filters").set_value("![x](https://example.org/x.png), 3")
    send(page)
    shown = str(page.error[0].value)
    assert r"\!\[x\]\(https" in shown
    assert "![x]" in error(page)


def test_without_pictures_nothing_starts_and_it_says_so(page: AppTest) -> None:
    page.selectbox(key="dataset_name").set_value("own").run()
    assert not page.error
    send(page)
    assert "no pictures to learn from" in error(page)
    assert started(page) == []


# What outlives another page


def test_what_was_started_is_there_after_another_page(page: AppTest) -> None:
    page.segmented_control(key="form_preset").set_value("classic").run()
    field(page, "epochs").set_value(3)
    send(page)
    leave_and_come_back(page)
    assert page.segmented_control(key="form_preset").value == "classic"
    assert field(page, "epochs").value == 3
    assert field(page, "batch_size").value == PRESETS["classic"]["batch_size"]


def test_what_was_refused_is_there_after_another_page(page: AppTest) -> None:
    field(page, "epochs").set_value(0)
    field(page, "seed").set_value(9)
    send(page)
    leave_and_come_back(page)
    assert (field(page, "epochs").value, field(page, "seed").value) == (0, 9)


# Settings of another run


def test_the_settings_of_a_run_fill_the_form(page: AppTest) -> None:
    config = TrainingConfig.create(epochs=4, seed=7, dataset="fashion_mnist", latent_dim=10)
    field(page, "seed").set_value(99)
    send(page)
    page.session_state["form_config"] = config
    page.session_state["form_source"] = "My [first](https://example.org) run"
    page.run()
    for name in FIELDS:
        assert field(page, name).value == value_of(config, name), name
    assert page.selectbox(key="dataset_name").value == "fashion_mnist"
    assert page.segmented_control(key="form_preset").value is None
    words = escape_markdown("My [first](https://example.org) run")
    assert f"The settings of {words}." in [caption.value for caption in page.caption]
    send(page)
    assert started(page)[-1] == config
    leave_and_come_back(page)
    assert field(page, "seed").value == 7
    assert page.segmented_control(key="form_preset").value is None
    # A preset takes its place.
    page.segmented_control(key="form_preset").set_value("fast").run()
    assert field(page, "seed").value == 0
    assert not [caption for caption in page.caption if "The settings of" in str(caption.value)]


# A run's settings


def table_script() -> None:
    """Show the settings that the test has put there."""
    import streamlit as st

    from dashboard.shared import settings_form

    settings_form.show(st.session_state["config"])


def rows_of(config: TrainingConfig) -> dict[str, str]:
    page = AppTest.from_function(table_script, default_timeout=60)
    page.session_state["config"] = config
    page.run()
    assert not page.exception
    rows: dict[str, str] = {}
    for table in page.table:
        for label, value in table.value.itertuples():
            assert label not in rows
            rows[label] = value
    return rows


def test_a_runs_settings_are_all_in_its_tables() -> None:
    rows = rows_of(TrainingConfig.create(epochs=20_000, generator_filters=(16, 8)))
    titles = {str(info.title) for info in TrainingConfig.model_fields.values()}
    assert rows.keys() == titles - {"Polarity", "Colour"}  # Which are for own pictures alone.
    assert rows["Data set"] == escape_markdown("MNIST (built in)")
    assert rows["Epochs"] == "20,000"
    assert rows["Time limit (s)"] == "no limit"
    assert rows["Generator channels"] == "16, 8"
    assert rows["Generator lr"] == "0.002"


def test_a_path_in_the_table_is_no_markdown() -> None:
    path = "/home/me/![x](https://example.org/x.png)/__pictures__.zip"
    rows = rows_of(TrainingConfig.create(dataset=path))
    assert rows["Data set"] == escape_markdown(path)
    assert "![x](" not in rows["Data set"]


# Several at once


def press(page: AppTest, label: str) -> None:
    (button,) = [button for button in page.button if button.label == label]
    button.click().run()
    assert not page.exception


def test_a_run_can_wait_for_its_turn(page: AppTest) -> None:
    field(page, "seed").set_value(5)
    press(page, "Add to the queue")
    (order,) = page.session_state["orders"]
    assert order.is_for_later
    assert [config.seed for config in order.configs] == [5]


def test_values_of_two_settings_make_a_run_each(page: AppTest) -> None:
    page.selectbox(key="vary_name_0").set_value("generator_learning_rate")
    page.text_input(key="vary_values_0").set_value("0.001, 0.002")
    page.selectbox(key="vary_name_1").set_value("seed")
    page.text_input(key="vary_values_1").set_value("1,2,3")
    press(page, "Start training")  # The first begins, the others wait.
    (order,) = page.session_state["orders"]
    assert order.is_for_later
    assert [(c.generator_learning_rate, c.seed) for c in order.configs][:4] == [
        (0.001, 1), (0.001, 2), (0.001, 3), (0.002, 1),
    ]  # fmt: skip


def test_a_setting_without_values_is_a_sentence(page: AppTest) -> None:
    page.selectbox(key="vary_name_0").set_value("seed")
    press(page, "Add to the queue")
    assert error(page) == "Seed: give a value at least."
    assert "orders" not in page.session_state


def test_values_without_a_setting_are_asked_about_and_a_setting_may_stand_twice(
    page: AppTest,
) -> None:
    page.text_input(key="vary_values_0").set_value("1, 2")
    press(page, "Add to the queue")
    assert error(page) == "Choose a setting for the values 1, 2."
    for row, values in enumerate(("1, 2", "3")):
        page.selectbox(key=f"vary_name_{row}").set_value("seed")
        page.text_input(key=f"vary_values_{row}").set_value(values)
    press(page, "Add to the queue")
    (order,) = page.session_state["orders"]
    assert [config.seed for config in order.configs] == [1, 2, 3]


# What is folded away


def open_expanders(page: AppTest) -> list[str]:
    return [it.label for it in page.expander if it.proto.expanded]


def test_a_wrong_value_that_is_folded_away_comes_into_sight(page: AppTest) -> None:
    assert open_expanders(page) == []
    field(page, "batch_size").set_value(1)
    send(page)
    assert error(page).startswith("Batch size: got 1")
    assert open_expanders(page) == ["All settings"]
    field(page, "batch_size").set_value(64)
    send(page)
    assert started(page) == [TrainingConfig()]
    page.run()  # As the Train page does once a run has started.
    assert (open_expanders(page), list(page.error)) == ([], [])


def test_a_wrong_value_in_sight_opens_nothing(page: AppTest) -> None:
    field(page, "seed").set_value(-1)
    send(page)
    assert error(page).startswith("Seed: got -1")
    assert open_expanders(page) == []


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        (None, "1, 2", "Choose a setting for the values 1, 2"),
        ("batch_size", "64, x", "Batch size: got"),
    ],
)
def test_wrong_values_of_several_runs_come_into_sight(
    page: AppTest, name: str | None, values: str, words: str
) -> None:
    page.selectbox(key="vary_name_0").set_value(name)
    page.text_input(key="vary_values_0").set_value(values)
    send(page)
    assert error(page).startswith(words)
    assert open_expanders(page) == ["Several runs that differ"]


def test_what_takes_several_values_needs_none_in_its_own_field(page: AppTest) -> None:
    field(page, "epochs").set_value(None)
    field(page, "seed").set_value(-5)
    for number, (name, values) in enumerate((("max_seconds", "30, 60"), ("seed", "1, 2"))):
        page.selectbox(key=f"vary_name_{number}").set_value(name)
        page.text_input(key=f"vary_values_{number}").set_value(values)
    press(page, "Add to the queue")
    assert not page.error
    (order,) = page.session_state["orders"]
    found = [(config.epochs, config.max_seconds, config.seed) for config in order.configs]
    assert sorted(found) == [(None, t, seed) for t in (30.0, 60.0) for seed in (1, 2)]
