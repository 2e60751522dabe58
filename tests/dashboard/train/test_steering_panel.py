"""The form that changes a run in training, and the return to one of its checkpoints."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import permissions
from dashboard.access.rules import Role
from dashboard.state.trainer import Trainer
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import (
    find_number_field,
    list_buttons,
    list_captions,
    prepare_panel,
    press,
    read_texts,
    run_page,
)
from tests.reports import evaluation_report, step_report

RATE = "Generator learning rate"


def render_panel() -> None:
    """Render the panel of the session's run, as the script of a page."""
    import streamlit as st

    from dashboard.state.trainer import get_trainer
    from dashboard.train import steering_panel

    steering_panel.render(get_trainer(), st.session_state["run"])


@pytest.fixture
def run(new_run: NewRun, trainer: PosedTrainer) -> Run:
    """Return the run that the trainer shows as the one in training."""
    run = new_run(generator_learning_rate=0.002, discriminator_learning_rate=0.002)
    trainer.live.change(phase="running", run=run, config=run.config)
    return run


@pytest.fixture
def sent(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the list of the commands that the trainer gets; it carries out none."""
    commands: list[object] = []

    def change_settings(run: Run, changes: dict[str, object]) -> bool:
        commands.append(changes)
        return True

    monkeypatch.setattr(trainer, "change_settings", change_settings)
    monkeypatch.setattr(trainer, "roll_back", lambda run, step: commands.append((run.name, step)))
    return commands


@pytest.fixture
def page(run: Run, sent: list[object]) -> AppTest:
    return run_page(prepare_panel(render_panel, run=run))


def change_run_in_training(trainer: PosedTrainer, run: Run, **changes: object) -> None:
    """Change the settings of the run in training, as its thread does."""
    trainer.live.change(config=run.config.replace(**changes))


def test_only_the_changed_setting_is_sent(page: AppTest, sent: list[object]) -> None:
    find_number_field(page, RATE).set_value(0.001)
    press(page, "Apply")
    assert sent == [{"generator_learning_rate": 0.001}]
    assert [toast.value for toast in page.toast] == [f"Applied: {RATE}."]
    run_page(page)
    assert len(sent) == 1  # A later rerun of the page sends nothing.


def test_a_second_change_is_compared_with_the_first_one(page: AppTest, sent: list[object]) -> None:
    find_number_field(page, RATE).set_value(0.001)
    press(page, "Apply")
    find_number_field(page, RATE).set_value(0.002)  # The value at the start.
    press(page, "Apply")
    assert sent[1:] == [{"generator_learning_rate": 0.002}]


def test_a_wrong_value_is_explained_kept_in_its_field_and_not_sent(
    page: AppTest, sent: list[object]
) -> None:
    find_number_field(page, RATE).set_value(3.0)
    press(page, "Apply")
    assert sent == []
    assert f"{RATE}: got 3.0; expected more than 0" in read_texts(page)
    assert find_number_field(page, RATE).value == 3.0


def test_a_command_that_comes_too_late_announces_nothing(
    page: AppTest, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The run has ended.
    monkeypatch.setattr(trainer, "change_settings", lambda run, changes: False)
    find_number_field(page, RATE).set_value(0.001)
    press(page, "Apply")
    assert not page.toast


def test_a_change_from_another_tab_fills_the_fields(
    page: AppTest, run: Run, trainer: PosedTrainer
) -> None:
    change_run_in_training(trainer, run, generator_learning_rate=0.0005)
    run_page(page)
    assert find_number_field(page, RATE).value == 0.0005


def test_a_change_from_another_tab_does_not_replace_what_is_being_sent(
    page: AppTest, run: Run, trainer: PosedTrainer, sent: list[object]
) -> None:
    change_run_in_training(trainer, run, discriminator_learning_rate=0.0005)
    find_number_field(page, RATE).set_value(0.001)
    press(page, "Apply")
    assert sent == [{"generator_learning_rate": 0.001}]


def test_the_own_change_takes_effect_without_new_fields(
    page: AppTest, run: Run, trainer: PosedTrainer
) -> None:
    before = find_number_field(page, RATE).key
    find_number_field(page, RATE).set_value(0.001)
    press(page, "Apply")
    change_run_in_training(trainer, run, generator_learning_rate=0.001)
    run_page(page)
    # The field stays the same, so the browser keeps what a person types.
    assert find_number_field(page, RATE).key == before


def test_the_newest_checkpoint_comes_first_and_the_button_names_the_chosen_one(
    page: AppTest, run: Run, sent: list[object]
) -> None:
    run.save_checkpoint({"step": np.array(1300), "seconds": np.array(90.0)})
    run_page(page)
    (choice,) = page.selectbox
    assert choice.options == ["Step 1,300", "Step 26"]
    choice.set_value(26)
    run_page(page)
    press(page, "Return to step 26")
    assert sent == [("first", 26)]


def test_the_step_at_which_a_run_is_paused_is_not_offered(
    page: AppTest, run: Run, trainer: PosedTrainer
) -> None:
    run.save_checkpoint({"step": np.array(1300), "seconds": np.array(90.0)})
    trainer.live.add(run, step_report(1300), keeps_message=False)
    run_page(page)
    (choice,) = page.selectbox
    assert choice.options == ["Step 26"]


def test_the_checkpoint_with_the_best_digits_is_named(page: AppTest, run: Run) -> None:
    assert "best digits" not in read_texts(page)
    with run.lock.held():
        run.write(evaluation_report(26, 3.0))
    run_page(page)
    assert "Step 26 has the best digits so far." in list_captions(page)


def render_choice() -> None:
    """Render the choice among the checkpoints that were offered earlier."""
    import streamlit as st

    from dashboard.state.trainer import get_trainer
    from dashboard.train import steering_panel

    trainer, run = get_trainer(), st.session_state["run"]
    steering_panel._render_settings(trainer, run)
    steering_panel._render_checkpoints(trainer, run, st.session_state["offered"])


def test_a_checkpoint_that_is_saved_meanwhile_is_listed_only_on_request(
    page: AppTest, run: Run
) -> None:
    choices = run_page(prepare_panel(render_choice, run=run, offered=[26]))
    assert "Update the list" not in list_buttons(choices)
    run.save_checkpoint({"step": np.array(1300), "seconds": np.array(90.0)})
    assert run_page(choices).selectbox[0].options == ["Step 26"]
    assert "Update the list" in list_buttons(choices)
    assert run_page(page).selectbox[0].options == ["Step 1,300", "Step 26"]  # A rerun of the page.


def test_a_chosen_checkpoint_that_is_deleted_meanwhile_is_not_returned_to(
    run: Run, sent: list[object]
) -> None:
    choices = run_page(prepare_panel(render_choice, run=run, offered=[26, 13]))
    choices.selectbox[0].set_value(13)
    run_page(choices)
    (back,) = [button for button in choices.button if button.label == "Return to step 13"]
    assert back.disabled
    assert "Step 13 is no longer saved" in read_texts(choices)
    assert choices.selectbox[0].value == 13  # No other checkpoint took its place.
    assert sent == []


def test_a_run_without_checkpoints_offers_no_return(
    page: AppTest, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run.checkpoints, "list_steps", list)
    run_page(page)
    assert not page.selectbox
    assert list_buttons(page) == ["Apply"]


@pytest.mark.parametrize("label", ["Apply", "Return to step 26"])
def test_commands_of_a_person_who_is_no_longer_an_operator_are_refused(
    page: AppTest, sent: list[object], monkeypatch: pytest.MonkeyPatch, label: str
) -> None:
    monkeypatch.setattr(permissions, "get_role", lambda: Role.WATCHER)
    find_number_field(page, RATE).set_value(0.001)
    next(button for button in page.button if button.label == label).click().run()
    assert page.exception
    assert sent == []
