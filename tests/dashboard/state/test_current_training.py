"""The sentences on what a start stops, waits for, or is refused for."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.runners.trial_runner import RunningTrial, TrialRunner
from dashboard.state import current_training, race_commands
from dcgan.config.training_config import TrainingConfig
from dcgan.sweeps.queue import QueuedRun, append_to_queue
from dcgan.sweeps.race import create_race
from tests.dashboard.conftest import NewRun, PretendToTrain
from tests.dashboard.posed_trainer import PosedTrainer
from tests.races import NAME, TIME, make_race, with_measurements

RACE = "the race of “beta_1 0.5” and “beta_1 0”"


@pytest.fixture
def trainer(tmp_path: Path) -> PosedTrainer:
    """Return an idle trainer of an empty folder, without a thread."""
    return PosedTrainer(tmp_path / "library")


def test_nothing_is_stopped_or_waited_for_while_nothing_trains(trainer: PosedTrainer) -> None:
    assert current_training.name_training(trainer) == ""
    assert current_training.name_kind(trainer) == ""
    assert current_training.describe_stop(trainer) == ""
    assert current_training.describe_wait(trainer) == ""
    assert current_training.describe_refusal(trainer).startswith("Another run is training.")


def test_a_run_is_named_by_its_title(
    trainer: PosedTrainer, new_run: NewRun, pretend_to_train: PretendToTrain
) -> None:
    run = new_run()
    run.write_label("My digits", "")
    pretend_to_train(run)
    assert current_training.name_kind(trainer) == "that run"
    assert current_training.describe_stop(trainer) == (
        "This stops and saves “My digits”. You can continue it afterwards."
    )
    assert current_training.describe_refusal(trainer) == (
        "“My digits” is training. Stop it, or wait until it has ended."
    )
    trainer.live.change(phase="paused")  # Its end does not come by waiting.
    assert current_training.describe_refusal(trainer) == (
        "“My digits” is paused. Stop it, or continue it and wait until it has ended."
    )
    trainer.live.change(phase="running")
    append_to_queue(trainer.root, [QueuedRun.create(TrainingConfig(), "", 0)])
    assert current_training.describe_wait(trainer) == (
        "This stops nothing: the queue, in which 1 run waits, is paused. Resume it on the Train "
        "page."
    )
    trainer.queue_runner.release()
    assert current_training.describe_wait(trainer) == (
        "This stops nothing: it starts when “My digits” and the queued run have ended."
    )
    assert current_training.describe_stop(trainer).endswith(
        "The queue, in which 1 run waits, is paused."
    )


def test_a_race_is_named_by_its_variants_and_can_be_continued(
    trainer: PosedTrainer,
    new_run: NewRun,
    pretend_to_train: PretendToTrain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    race = create_race(trainer.root, with_measurements(make_race(), 0.3), TIME)
    pretend_to_train(new_run(), QueuedRun.create(race.runs[1].config, NAME, 1))
    assert current_training.name_kind(trainer) == "the race"
    assert current_training.describe_stop(trainer) == (
        f"This stops {RACE} in run 2 of 4. Its results so far are kept, and you can continue it "
        "afterwards."
    )
    assert current_training.describe_wait(trainer).endswith(f"starts when {RACE} has ended.")
    assert "“beta_1 0” is going on. Stop it" in current_training.describe_refusal(trainer)
    # The race's own runs are part of it.
    waiting = QueuedRun.create(race.runs[2].config, NAME, 2)
    append_to_queue(trainer.root, [waiting])
    trainer.queue_runner.release()
    assert current_training.describe_wait(trainer).endswith(f"starts when {RACE} has ended.")
    assert "queue" not in current_training.describe_stop(trainer)
    trainer.queue_runner.remove([waiting.id])
    trainer.live.change(phase="stopped")
    monkeypatch.setattr(trainer.queue_runner, "release", lambda: None)
    race_commands.continue_race(trainer, race)
    assert race_commands.list_waiting_indices(trainer, race) == [1, 2, 3]


def test_a_test_of_remedies_is_named_by_its_run(
    trainer: PosedTrainer,
    new_run: NewRun,
    pretend_to_train: PretendToTrain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = new_run("tried")
    pretend_to_train(new_run("tried/trials/first"))
    monkeypatch.setattr(TrialRunner, "running", RunningTrial(tried, 26, 2, 4))
    assert current_training.name_kind(trainer) == "the test"
    assert current_training.describe_stop(trainer) == (
        "This ends the test of remedies of “tried”. The results so far are kept."
    )
