"""The choice of the run whose networks the Learn page shows."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state.trainer import Trainer
from dashboard.state.trial_runner import RunningTrial, TrialRunner
from tests.dashboard.conftest import NewRun

pytestmark = pytest.mark.usefixtures("no_shipped_run")


def script() -> None:
    """Render the choice."""
    from dashboard.learn.settings_choice import ask_for_settings
    from dashboard.state import trainer as trainer_module

    ask_for_settings(trainer_module.get_trainer())


def test_while_remedies_are_tested_the_studied_run_comes_first_and_not_its_trial(
    trainer: Trainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, trial = new_run("tried"), new_run("tried/trials/first")
    trainer._thread.live.begin(trial.config)
    trainer._thread.live.change(run=trial, phase="running")
    monkeypatch.setattr(TrialRunner, "running", RunningTrial(tried, 26, 2, 4))
    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    (choice,) = page.selectbox
    assert choice.value == str(tried.path)
    assert choice.options[1] == "tried (its remedies are tested)"
    assert not any("first" in option for option in choice.options)
