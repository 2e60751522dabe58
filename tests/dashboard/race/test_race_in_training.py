"""The run of a race that trains now, on the Compare page: followed, measured, stopped."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state.trainer import Trainer
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun, append_to_queue, read_queue
from dcgan.sweeps.race import change_race, create_race
from tests.dashboard.conftest import NewRun, PretendToTrain
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import press, read_texts, run_page
from tests.races import NAME, TIME, make_race
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def run_and_read(page: AppTest) -> str:
    """Run the page; return its texts."""
    run_page(page)
    return read_texts(page)


def test_the_run_in_training_is_followed(
    page: AppTest, trainer: Trainer, new_run: NewRun, pretend_to_train: PretendToTrain
) -> None:
    race = make_race()
    create_race(trainer.root, race, TIME)
    run = new_run("first")
    change_race(trainer.root, NAME, 0, folder=run.name)
    waiting = [QueuedRun.create(race.runs[index].config, NAME, index) for index in (1, 2, 3)]
    append_to_queue(trainer.root, waiting)
    pretend_to_train(run, QueuedRun.create(race.runs[0].config, NAME, 0))
    text = run_and_read(page)
    assert "**Run 1 of 4: beta_1 0.5, seed 0; about 5 min left**" in text
    assert ":material/build: Run 1 builds its networks] seed 0" in text
    assert "trains]" not in text
    assert "Run 2 waits] seed 0, starts in about 1 min" in text
    assert "No digits yet" in text


def test_the_time_trained_reaches_the_time_of_the_race_and_stays_there(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun, pretend_to_train: PretendToTrain
) -> None:
    run = _train_first_run(trainer, new_run, pretend_to_train)
    # The first step, which builds the networks, does not count.
    for step, seconds, text in (
        (1, 3.0, "Run 1 trains] 0 s of 1 min"),
        (2, 61.0, "trains] 58 s of 1 min"),
        (3, 63.7, "is measured] 1 min of 1 min"),
    ):
        trainer.live.add(run, step_report(step, seconds=seconds), keeps_message=False)
        assert text in run_and_read(page)


def test_a_stopped_race_says_what_ends_first_and_cannot_be_stopped_again(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun, pretend_to_train: PretendToTrain
) -> None:
    run = _train_first_run(trainer, new_run, pretend_to_train)
    trainer.live.add(run, step_report(1, seconds=3.0), keeps_message=False)
    assert "Stopping" not in run_and_read(page)
    press(page, "Stop the race")
    assert "Stopping: run 1 of 2 is being saved" in run_and_read(page)
    assert next(button for button in page.button if button.label == "Stop the race").disabled
    trainer.live.add(run, step_report(2, seconds=63.7), keeps_message=False)
    assert "Stopping: the measurement of run 1 of 2 ends first" in run_and_read(page)


def test_while_one_run_is_stopped_alone_the_race_can_be_stopped(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun, pretend_to_train: PretendToTrain
) -> None:
    run = _train_first_run(trainer, new_run, pretend_to_train)
    append_to_queue(trainer.root, [QueuedRun.create(make_race(1).runs[1].config, NAME, 1)])
    trainer.stop(run)
    assert "Stopping: run 1 of 2 is being saved" in run_and_read(page)
    press(page, "Stop the race")
    assert not read_queue(trainer.root)


def _train_first_run(
    trainer: PosedTrainer, new_run: NewRun, pretend_to_train: PretendToTrain
) -> Run:
    """Create a race of two runs, of which the first is in training."""
    race = make_race(1)
    create_race(trainer.root, race, TIME)
    run = new_run("first")
    change_race(trainer.root, NAME, 0, folder=run.name)
    pretend_to_train(run, QueuedRun.create(race.runs[0].config, NAME, 0))
    return run
