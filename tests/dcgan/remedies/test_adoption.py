"""Adoption of a trial: its run becomes a run of the library, also after an interruption."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcgan.errors import (
    DiskWriteError,
    RunError,
)
from dcgan.locking.lock import FolderLock
from dcgan.remedies.adoption import adopt_trial
from dcgan.remedies.study_files import (
    change_trial,
    read_study,
)
from dcgan.remedies.trials import prepare_trial, train_trial
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.trials_folder import TRIALS
from tests.dcgan.remedies.examples import Tried
from tests.disk_errors import raise_disk_full
from tests.states import assert_same_numbers

pytestmark = pytest.mark.usefixtures("reused_networks")


def test_an_adopted_trial_becomes_a_run_with_the_plan_of_the_old_one(
    copy: Run, tried: Tried
) -> None:
    adopted = adopt_trial(copy, 0, 1)
    assert {run.name for run in list_runs(copy.path.parent)[0] if not run.is_read_only} == {
        "first",
        adopted.name,
    }
    assert adopted.config.generator_learning_rate == 0.0005
    assert (adopted.config.epochs, adopted.config.max_seconds) == (2, None)
    assert adopted.read_label().title == "Generator learning rate 0.0005 (branch of first)"
    assert_same_numbers(adopted.checkpoints.load(2), tried.states[1])
    assert not adopted.lock.is_held()
    # The results stay with the old run; no trial is left to adopt.
    assert read_study(copy, 0).adopted == adopted.name
    assert list((copy.path / TRIALS).glob("*/")) == []
    with pytest.raises(RunError, match=f"adopted already, as {adopted.name}"):
        adopt_trial(copy, 0, 1)


def test_only_the_adopted_run_of_a_trial_ends_when_it_stops_improving(copy: Run) -> None:
    copy.acquire_lock()
    copy.change_config(copy.config.replace(until_converged=True, evaluate_every=1))
    copy.lock.release()
    trial_run, gan, dataset = prepare_trial(copy, 0, 1)
    assert not trial_run.config.until_converged
    list(train_trial(copy, 0, 1, trial_run, gan, dataset))
    assert adopt_trial(copy, 0, 1).config.until_converged


def test_an_adoption_that_is_interrupted_before_the_move_can_be_tried_again(
    copy: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(FolderLock, "move_folder", raise_disk_full)
        with pytest.raises(DiskWriteError):
            adopt_trial(copy, 0, 1)
    study = read_study(copy, 0)
    assert (study.adopted, study.trials[1].is_adoptable) == ("", True)
    assert adopt_trial(copy, 0, 1).name == read_study(copy, 0).adopted != ""


def test_an_adoption_that_is_interrupted_after_the_move_is_done(
    copy: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = FolderLock.move_folder

    def move_and_die(lock: FolderLock, target: Path) -> None:
        move(lock, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(FolderLock, "move_folder", move_and_die)
        with pytest.raises(KeyboardInterrupt):
            adopt_trial(copy, 0, 1)
    study = read_study(copy, 0)
    assert open_run(copy.path.parent / study.adopted).config.generator_learning_rate == 0.0005
    assert not any(trial.is_adoptable for trial in study.trials)
    with pytest.raises(RunError, match=f"adopted already, as {study.adopted}"):
        adopt_trial(copy, 0, 1)


@pytest.mark.parametrize(
    ("trial_index", "reason"),
    [
        (0, "trial 1 changes nothing; continue the run with `resume`"),
        (2, "trial 3 changes nothing"),
        (3, "there is no trial 4; the last is 3"),
        (1, "trial 2 has no result; try the remedies again"),
    ],
)
def test_a_trial_that_cannot_be_adopted_is_refused_with_the_reason(
    copy: Run, trial_index: int, reason: str
) -> None:
    if trial_index == 1:
        change_trial(copy, 0, 1, folder="", problem="It diverged.")
    with pytest.raises(RunError, match=reason):
        adopt_trial(copy, 0, trial_index)
