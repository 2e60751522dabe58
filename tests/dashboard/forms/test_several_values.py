"""The form of a new run, with several values of a setting."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.forms.form_page import (
    field,
    get_error,
    list_open_expanders,
    press,
)


def test_a_run_can_be_added_to_the_queue(page: AppTest) -> None:
    field(page, "seed").set_value(5)
    press(page, "Add to the queue")
    (request,) = page.session_state["requests"]
    assert request.is_for_later
    assert [config.seed for config in request.configs] == [5]


def test_every_combination_of_two_settings_is_a_run(page: AppTest) -> None:
    page.selectbox(key="vary_name_0").set_value("generator_learning_rate")
    page.text_input(key="vary_values_0").set_value("0.001, 0.002")
    page.selectbox(key="vary_name_1").set_value("seed")
    page.text_input(key="vary_values_1").set_value("1,2,3")
    press(page)  # The queue starts the first one.
    (request,) = page.session_state["requests"]
    assert request.is_for_later
    assert [(c.generator_learning_rate, c.seed) for c in request.configs][:4] == [
        (0.001, 1), (0.001, 2), (0.001, 3), (0.002, 1),
    ]  # fmt: skip


def test_a_setting_without_values_is_refused(page: AppTest) -> None:
    page.selectbox(key="vary_name_0").set_value("seed")
    press(page, "Add to the queue")
    assert get_error(page) == "Seed: give at least one value."
    assert "requests" not in page.session_state


def test_values_without_a_setting_are_refused_and_a_setting_may_be_chosen_twice(
    page: AppTest,
) -> None:
    page.text_input(key="vary_values_0").set_value("1, 2")
    press(page, "Add to the queue")
    assert get_error(page) == "Choose a setting for the values 1, 2."
    for row, values in enumerate(("1, 2", "3")):
        page.selectbox(key=f"vary_name_{row}").set_value("seed")
        page.text_input(key=f"vary_values_{row}").set_value(values)
    press(page, "Add to the queue")
    (request,) = page.session_state["requests"]
    assert [config.seed for config in request.configs] == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        (None, "1, 2", "Choose a setting for the values 1, 2"),
        ("batch_size", "64, x", "Batch size: got"),
    ],
)
def test_an_error_in_several_values_opens_their_expander(
    page: AppTest, name: str | None, values: str, message: str
) -> None:
    page.selectbox(key="vary_name_0").set_value(name)
    page.text_input(key="vary_values_0").set_value(values)
    press(page)
    assert get_error(page).startswith(message)
    assert list_open_expanders(page) == ["Change settings", "Try several values"]


def test_a_setting_with_several_values_needs_no_valid_value_in_its_field(page: AppTest) -> None:
    field(page, "epochs").set_value(None)
    field(page, "seed").set_value(-5)
    for index, (name, values) in enumerate((("max_seconds", "30, 60"), ("seed", "1, 2"))):
        page.selectbox(key=f"vary_name_{index}").set_value(name)
        page.text_input(key=f"vary_values_{index}").set_value(values)
    press(page, "Add to the queue")
    assert not page.error
    (request,) = page.session_state["requests"]
    found = [(config.epochs, config.max_seconds, config.seed) for config in request.configs]
    assert sorted(found) == [(None, t, seed) for t in (30.0, 60.0) for seed in (1, 2)]
