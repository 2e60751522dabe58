"""The choice of the run whose networks the Learn page shows."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.runners.trial_runner import RunningTrial, TrialRunner
from dashboard.snapshots.snapshot import Phase
from dcgan.config.training_config import TrainingConfig
from tests.dashboard.conftest import NewRun
from tests.dashboard.posed_trainer import PosedTrainer

pytestmark = pytest.mark.usefixtures("no_included_run")


def script() -> None:
    """Render the choice, and the classes of the chosen settings."""
    import streamlit as st

    from dashboard.learn.settings_choice import ask_for_settings
    from dashboard.state import trainer as trainer_module

    st.caption(" ".join(ask_for_settings(trainer_module.get_trainer()).class_names))


def test_while_remedies_are_tested_the_studied_run_comes_first_and_not_its_trial(
    trainer: PosedTrainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, trial = new_run("tried"), new_run("tried/trials/first")
    trainer.live.begin(trial.config)
    trainer.live.change(run=trial, phase="running")
    monkeypatch.setattr(TrialRunner, "running", RunningTrial(tried, 26, 2, 4))
    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    (choice,) = page.selectbox
    assert choice.value == str(tried.path)
    assert choice.options[1] == "tried (its remedies are being tested)"
    assert not any("first" in option for option in choice.options)


def test_the_browser_gets_the_new_label_of_a_chosen_run_that_was_renamed(
    trainer: PosedTrainer, new_run: NewRun
) -> None:
    run = new_run("first")
    page = AppTest.from_function(script, default_timeout=60).run()
    page.selectbox[0].select(str(run.path)).run()
    run.write_label("Renamed", "")
    sent = page.run().selectbox[0].proto
    assert (sent.set_value, sent.raw_value) == (True, "Renamed")


def test_a_paused_run_is_not_said_to_train_and_runs_of_one_minute_differ(
    trainer: PosedTrainer, new_run: NewRun
) -> None:
    names = ("spots-20261129-102758", "spots-20261129-102701", "spots-20261130-093000")
    paused = [new_run(name) for name in names][-1]
    trainer.live.begin(paused.config)
    states: dict[Phase, str] = {"running": "training now", "paused": "paused"}
    for phase, state in states.items():
        trainer.live.change(run=paused, phase=phase)
        page = AppTest.from_function(script, default_timeout=60).run()
        assert not page.exception
        assert set(page.selectbox[0].options[1:]) == {
            f"No R1 penalty … ({state})",
            "No R1 penalty … · 29 Nov 10:27:58",
            "No R1 penalty … · 29 Nov 10:27:01",
        }


@pytest.mark.parametrize(
    ("settings", "classes"),
    [
        ({}, "0 1 2 3 4 5 6 7 8 9"),
        ({"only_classes": (8, 3)}, "3 8"),
        ({"only_classes": (3,)}, ""),
        ({"class_conditional": False}, ""),
        ({"dataset": "/my/pictures"}, ""),
    ],
)
@pytest.mark.usefixtures("trainer")
def test_the_form_names_the_classes_that_its_run_would_learn(
    settings: dict[str, object], classes: str
) -> None:
    page = AppTest.from_function(script, default_timeout=60)
    page.session_state["form_config"] = TrainingConfig.create(**settings)
    page.run()
    assert not page.exception
    assert page.caption[0].value == classes
