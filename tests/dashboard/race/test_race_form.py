"""The form of a race: how long it takes, its values, and what cannot race."""

from __future__ import annotations

import shutil

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Error, Selectbox, TextInput

from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.sweeps.queue import read_queue
from dcgan.sweeps.race import (
    Variant,
    change_race,
    create_race,
    list_races,
    plan_race,
    read_race,
)
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import (
    list_buttons,
    list_captions,
    press,
    read_error,
    read_texts,
    run_page,
)
from tests.races import NAME, TIME, measure

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_the_form_tells_how_long_the_race_takes_and_starts_it(
    page: AppTest, trainer: Trainer
) -> None:
    plan = "2 settings × 2 runs × 1 min = 4 min of training, about 5 min in all. "
    plan += "The runs train one after the other."
    assert plan in list_captions(run_page(page))
    values = page.multiselect(key="race_values_class_conditional")
    assert values.options == ["with classes", "without classes"]
    assert values.proto.wrap  # Otherwise the last chip is cut off.
    page.segmented_control(key="race_seeds").set_value(1)
    page.segmented_control(key="race_seconds").set_value(30.0)
    plan = "2 settings × 1 run × 30 s = 1 min of training, about 2 min in all. "
    plan += "The runs train one after the other."
    assert plan in list_captions(run_page(page))
    press(page, "Start the race")
    assert "**2 of 2 runs wait; the next one starts**" in read_texts(page)
    assert list_buttons(page) == ["Stop the race"]
    (name,) = list_races(trainer.root)
    assert read_race(trainer.root, name).variant_labels == (
        "With classes",
        "Without classes",
    )
    assert [queued.race for queued in read_queue(trainer.root)] == [name] * 2
    press(page, "Stop the race")
    assert read_queue(trainer.root) == []
    assert "The race was stopped before its first result." in read_texts(page)
    assert "Train the missing runs" in list_buttons(page)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("0, 0.0", "“Momentum 0” is there twice; change one."),
        ("0", "two to four settings"),
        ("0, 2", "Momentum: got '2'; expected 0 to less than 1."),
        ("0, 0.1, 0.2, 0.3, 0.4", "These are 5 combinations of settings; a race takes at most 4."),
    ],
)
def test_a_wrong_value_gives_one_sentence_and_no_race(
    page: AppTest, typed: str, problem: str
) -> None:
    run_page(page)
    page.selectbox(key="race_setting_0").select("beta_1")
    run_page(page)
    page.text_input(key="race_values_beta_1").set_value(typed)
    assert problem in read_error(run_page(page))
    assert not page.caption  # One sentence, in the place of the plan.
    assert page.button(key="start-race").disabled


def list_parts(page: AppTest) -> list[str]:
    """Return the labels of fields and "error" for errors, from the top."""
    return [
        "error" if isinstance(node, Error) else str(node.label)
        for node in page.main
        if isinstance(node, (Selectbox, TextInput, Error))
    ]


def test_a_wrong_value_has_its_message_below_the_form_so_that_no_field_moves(
    page: AppTest,
) -> None:
    run_page(page)
    page.selectbox(key="race_setting_0").select("beta_1")
    page.selectbox(key="race_setting_1").select("dropout")
    values = "Values, separated by commas"
    fields = ["What to compare", values, "A second setting", values, "Everything else as in"]
    assert list_parts(run_page(page)) == fields
    for name, typed in (("beta_1", "0, 2"), ("dropout", "1,000")):
        page.text_input(key=f"race_values_{name}").set_value(typed)
        assert list_parts(run_page(page)) == [*fields, "error"]


def test_the_settings_worth_racing_are_the_first_of_the_list(page: AppTest) -> None:
    options = run_page(page).selectbox(key="race_setting_0").options
    assert options[:6] == [
        "Preset",
        "Settings of earlier runs",
        "Both learning rates",
        "Learn the classes",
        "Loss",
        "R1 penalty",
    ]
    assert set(options[6:12]) == {
        "Generator learning rate",
        "Discriminator learning rate",
        "Generator channels",
        "Discriminator channels",
        "Augmentation",
        "Dropout",
    }


def test_a_wrong_value_of_both_learning_rates_names_both(page: AppTest) -> None:
    run_page(page)
    page.selectbox(key="race_setting_0").select("learning_rates")
    run_page(page)
    page.text_input(key="race_values_learning_rates").set_value("hello, 0.1")
    assert read_error(run_page(page)).startswith("Both learning rates: got 'hello'; expected")


def test_the_same_setting_is_not_chosen_twice(page: AppTest) -> None:
    run_page(page)
    page.selectbox(key="race_setting_0").select("learning_rates")
    run_page(page)
    assert "Discriminator learning rate" not in page.selectbox(key="race_setting_1").options
    page.selectbox(key="race_setting_1").select("dropout")
    run_page(page)
    page.selectbox(key="race_setting_0").select("dropout")
    assert "2 settings × 2 runs" in read_texts(run_page(page))
    assert page.selectbox(key="race_setting_1").value == ""


def test_another_race_of_presets_starts_from_their_runs(
    page: AppTest, trainer: Trainer, new_run: NewRun
) -> None:
    configs = [TrainingConfig(), TrainingConfig.preset("classic")]
    variants = [
        Variant(label, config) for label, config in zip(("Fast", "Classic"), configs, strict=True)
    ]
    create_race(trainer.root, plan_race(variants, 30.0, 1), TIME)
    for index, name in enumerate(("fast-run", "classic-run")):
        new_run(name)
        change_race(trainer.root, NAME, index, folder=name, measurement=measure(0.4 + index))
    press(run_page(page), "Another race")
    assert page.selectbox(key="race_setting_0").value == "runs"
    assert page.multiselect(key="race_values_runs").value == ["fast-run", "classic-run"]
    # Runs have all of their settings, so the form asks for no others.
    assert [choice.key for choice in page.selectbox] == ["race_setting_0"]


def test_a_deleted_run_is_gone_from_the_form(page: AppTest, new_run: NewRun) -> None:
    new_run("kept")
    deleted = new_run("deleted")
    run_page(page)
    page.selectbox(key="race_base").select("deleted")
    run_page(page)
    page.selectbox(key="race_setting_0").select("runs")
    run_page(page)
    assert set(page.multiselect(key="race_values_runs").value) == {"kept", "deleted"}
    shutil.rmtree(deleted.path)
    assert "two to four settings; got 1" in read_error(run_page(page))
    assert page.multiselect(key="race_values_runs").value == ["kept"]
    page.selectbox(key="race_setting_0").select("dropout")
    assert run_page(page).selectbox(key="race_base").value == ""


def test_the_browser_gets_the_new_label_of_a_chosen_run_that_was_renamed(
    page: AppTest, new_run: NewRun
) -> None:
    run = new_run("first")
    run_page(page)
    page.selectbox(key="race_base").select("first")
    run_page(page)
    run.write_label("Renamed", "")
    sent = run_page(page).selectbox(key="race_base").proto
    assert (sent.set_value, sent.raw_value) == (True, "Run “Renamed”")
