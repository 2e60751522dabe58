"""An experiment that is started while a race trains: what it stops, and the way back."""

from __future__ import annotations

import pytest
import streamlit as st

from dashboard.state.race_commands import list_waiting_indices
from dcgan.config.training_config import TrainingConfig
from dcgan.sweeps.queue import QueuedRun
from dcgan.sweeps.race import change_race, create_race
from tests.dashboard.conftest import NewRun, PretendToTrain
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import (
    list_buttons,
    prepare_page,
    press,
    read_texts,
    remove_escapes,
    run_page,
)
from tests.races import NAME, TIME, make_race, measure

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_an_experiment_names_the_race_that_it_stops_and_the_race_can_go_on(
    trainer: PosedTrainer,
    new_run: NewRun,
    pretend_to_train: PretendToTrain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    race = create_race(trainer.root, make_race(1), TIME)
    pretend_to_train(new_run(), QueuedRun.create(race.runs[0].config, NAME, 0))
    monkeypatch.setattr(trainer, "stop", lambda _: trainer.live.change(phase="stopped"))

    def begin(config: TrainingConfig) -> bool:
        trainer.live.begin(config)
        return True

    monkeypatch.setattr(trainer, "start", begin)
    page = prepare_page("learn")
    page.query_params["experiment"] = "winner"
    text = remove_escapes(read_texts(run_page(page)))
    assert "This stops the race of “beta_1 0.5” and “beta_1 0” in run 1 of 2." in text
    page.radio[0].set_value(1).run()
    press(page, "Stop the race and start the experiment")
    assert trainer.snapshot().is_active
    trainer.live.change(phase="stopped")
    press(page, "All experiments")
    released: list[bool] = []
    monkeypatch.setattr(trainer.queue_runner, "release", lambda: released.append(True))
    visited: list[str] = []
    monkeypatch.setattr(st, "switch_page", visited.append)
    press(page, "Continue the race")
    assert visited == ["app_pages/compare.py"]
    assert released
    assert list_waiting_indices(trainer, race) == [0, 1]
    assert "Continue the race" not in list_buttons(run_page(page))


def test_a_race_that_was_continued_elsewhere_and_has_ended_is_not_offered(
    trainer: PosedTrainer,
) -> None:
    race = create_race(trainer.root, make_race(1), TIME)
    page = prepare_page("learn")
    page.session_state["lesson_interrupted"] = race
    assert "Continue the race" in list_buttons(run_page(page))
    change_race(trainer.root, NAME, 0, measurement=measure(0.2))
    assert "Continue the race" in list_buttons(run_page(page))
    change_race(trainer.root, NAME, 1, measurement=measure(0.3))
    assert "Continue the race" not in list_buttons(run_page(page))
