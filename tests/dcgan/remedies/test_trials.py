"""Trials of remedies: planned, trained from one checkpoint, measured and kept."""

from __future__ import annotations

import contextlib
import io
from typing import NoReturn

import numpy as np
import pytest
from PIL import Image

from dcgan.data.datasets import ImageDataset
from dcgan.diagnosis.actions import STOP, Action
from dcgan.errors import (
    DCGANError,
    DiskWriteError,
    DivergenceError,
    InUseError,
    OutOfMemoryError,
    RunError,
)
from dcgan.locking import lock as lock_module
from dcgan.recording.start import MakeGAN
from dcgan.remedies import trials
from dcgan.remedies.adoption import adopt_trial
from dcgan.remedies.plan import describe_trial, make_run_title
from dcgan.remedies.study_files import (
    delete_study,
    hold_study_lock,
    is_trial_run,
    list_study_steps,
    read_study,
)
from dcgan.remedies.trials import create_study, prepare_trial, train_trial
from dcgan.reports import StepReport
from dcgan.runs.library import delete_run, list_runs
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.trials_folder import TRIALS
from dcgan.training.loop import train
from tests.dcgan.remedies.examples import CHANGE, SECONDS, Tried
from tests.states import are_same_numbers, assert_same_numbers

pytestmark = pytest.mark.usefixtures("reused_networks")


def refuse_to_write(*_: object, **__: object) -> NoReturn:
    raise DiskWriteError("The disk is full.")


def test_each_trial_starts_from_the_checkpoint_and_trains_as_long(tried: Tried) -> None:
    assert [trial.kind for trial in tried.study.trials] == [
        "baseline",
        "changed_settings",
        "baseline_other_noise",
    ]
    assert [trial.num_steps for trial in tried.study.trials] == [2, 2, 2]
    assert tried.study.pending_indices == ()
    assert tried.study.before is not None
    assert tried.study.before.step == 0
    assert tried.run.checkpoints.list_steps() == [0]
    assert tried.run.read_status().state == "stopped"


def test_doing_nothing_trains_as_the_run_itself_would(
    tried: Tried, make_gan: MakeGAN, tiny_dataset: ImageDataset
) -> None:
    gan = make_gan(tried.run.config, tiny_dataset)
    gan.set_state(tried.run.checkpoints.load())
    with contextlib.closing(train(gan, tiny_dataset, tried.run.config)) as reports:
        next(report for report in reports if isinstance(report, StepReport) and report.step == 2)
    expected = gan.get_state() | {"seconds": tried.states[0]["seconds"]}
    assert_same_numbers(tried.states[0], expected)
    changed, repeated = (state | {"seconds": expected["seconds"]} for state in tried.states[1:])
    assert not are_same_numbers(changed, expected)
    assert not are_same_numbers(repeated, expected)


def test_the_result_has_a_picture_and_metrics_with_their_range(tried: Tried) -> None:
    for trial in tried.study.trials:
        assert trial.result is not None
        assert Image.open(io.BytesIO(trial.result.png)).size == (6 * 30 - 2, 5 * 30 - 2)
        distance = trial.result.metrics["frechet_distance"]
        real = tried.study.real_metrics["frechet_distance"]
        assert 0 < real < distance.low <= distance.mean <= distance.high


def test_trials_are_no_runs_of_the_library(tried: Tried) -> None:
    names = [run.name for run in list_runs(tried.run.path.parent)[0] if not run.is_read_only]
    assert names == ["first"]
    # Only a remedy keeps its folder: instead of a baseline, the run itself can continue.
    folders = [path.name for path in (tried.run.path / TRIALS).glob("*/")]
    assert folders == [tried.study.trials[1].folder]
    assert is_trial_run(open_run(tried.run.path / TRIALS / folders[0]))
    assert not is_trial_run(tried.run)


def test_a_trial_that_is_interrupted_can_be_tried_again(copy: Run) -> None:
    create_study(copy, "Collapsed.", (CHANGE,), SECONDS)
    assert list((copy.path / TRIALS).glob("*/")) == []  # The earlier trials are deleted.
    trial_run, gan, dataset = prepare_trial(copy, 0, 1)
    with pytest.raises(InUseError, match="remedies of this run are being tried"):
        delete_run(copy)
    reports = train_trial(copy, 0, 1, trial_run, gan, dataset)
    next(reports)
    reports.close()
    assert not trial_run.lock.is_held()
    assert read_study(copy, 0).pending_indices == (0, 1, 2)
    again, *_ = prepare_trial(copy, 0, 1)
    assert list((copy.path / TRIALS).glob("*/")) == [again.path]  # The first folder is deleted.
    again.lock.release()


def test_a_trial_that_a_notebook_interrupts_can_be_tried_again(
    copy: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    create_study(copy, "Collapsed.", (CHANGE,), SECONDS)
    trial_run, gan, dataset = prepare_trial(copy, 0, 1)
    monkeypatch.setattr(gan, "train_steps", interrupt)
    with pytest.raises(KeyboardInterrupt):
        list(train_trial(copy, 0, 1, trial_run, gan, dataset))
    assert (trial_run.read_status().state, trial_run.lock.is_held()) == ("stopped", False)
    assert read_study(copy, 0).pending_indices == (0, 1, 2)


def test_a_new_run_starts_from_the_beginning_and_a_failure_is_recorded(copy: Run) -> None:
    actions = (Action("roll_back", step=7), Action("new_run", {"generator_learning_rate": 0.0005}))
    for step in (7, 9):
        copy.checkpoints.write(copy.checkpoints.load() | {"step": np.array(step)})
    study = create_study(copy, "Collapsed.", actions, SECONDS)
    copy.checkpoints.delete(7)  # It may be too old to be kept when its trial begins.
    assert [describe_trial(trial) for trial in study.trials] == [
        "Do nothing",
        "Return to step 7",
        "Set Generator learning rate to 0.0005",
        "Start again with Generator learning rate 0.0005",
        "Do nothing again",
    ]
    assert [make_run_title(trial, "first") for trial in study.trials] == [
        "No change (branch of first)",
        "From step 7 (branch of first)",
        "Generator learning rate 0.0005 (branch of first)",
        "Generator learning rate 0.0005 (restart of first)",
        "No change, other noise (branch of first)",
    ]
    with pytest.raises(RunError, match="no checkpoint of step 7"):
        prepare_trial(copy, 9, 1)
    assert "no checkpoint of step 7" in read_study(copy, 9).trials[1].problem
    assert read_study(copy, 9).pending_indices == (0, 2, 3, 4)
    trial_run, gan, _ = prepare_trial(copy, 9, 3)
    trial_run.lock.release()
    assert (gan.step, trial_run.config.epochs) == (0, None)
    assert trial_run.config.generator_learning_rate == 0.0005


@pytest.mark.parametrize("kind", [DiskWriteError, InUseError, OutOfMemoryError])
def test_an_error_of_the_machine_leaves_the_trial_to_be_tried_again(
    copy: Run, kind: type[DCGANError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise kind("It cannot be done now.")

    create_study(copy, "Collapsed.", (CHANGE,), SECONDS)
    with monkeypatch.context() as patch:
        patch.setattr(trials, "_make_trial_run", refuse)
        with pytest.raises(kind):
            prepare_trial(copy, 0, 0)
    assert read_study(copy, 0).pending_indices == (0, 1, 2)
    prepared = prepare_trial(copy, 0, 0)
    monkeypatch.setattr(trials, "measure_generator", refuse)
    with pytest.raises(kind):
        next(train_trial(copy, 0, 0, *prepared))
    assert not prepared[0].lock.is_held()
    assert read_study(copy, 0).pending_indices == (0, 1, 2)


def test_a_failed_training_is_reported_even_if_the_study_cannot_be_written(
    copy: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(*_: object) -> NoReturn:
        raise DivergenceError("A weight is no longer a number.")

    create_study(copy, "Collapsed.", (CHANGE,), SECONDS)
    prepared = prepare_trial(copy, 0, 0)
    monkeypatch.setattr(trials, "measure_generator", diverge)
    monkeypatch.setattr(trials, "change_trial", refuse_to_write)
    with pytest.raises(DivergenceError, match="no longer a number"):
        next(train_trial(copy, 0, 0, *prepared))
    assert not prepared[0].lock.is_held()


def test_a_trial_that_cannot_be_written_to_the_study_leaves_no_run(
    copy: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_study(copy, "Collapsed.", (CHANGE,), SECONDS)
    monkeypatch.setattr(trials, "change_trial", refuse_to_write)
    with pytest.raises(DiskWriteError, match="full"):
        prepare_trial(copy, 0, 1)
    assert list((copy.path / TRIALS).glob("*/")) == []


def test_a_run_is_tried_by_one_process_at_a_time_and_keeps_its_results_meanwhile(
    copy: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "_RETRY_SECONDS", 0.0)
    with hold_study_lock(copy):
        for change in (
            lambda: adopt_trial(copy, 0, 1),
            lambda: delete_study(copy, 0),
        ):
            with pytest.raises(InUseError, match="The folder of tried remedies of first is being"):
                change()
        with pytest.raises(InUseError, match="remedies of this run are being tried"):
            delete_run(copy)
    assert list_study_steps(copy) == [0]
    delete_study(copy, 0)
    assert list_study_steps(copy) == []


def test_a_verdict_without_a_remedy_cannot_be_tried(copy: Run) -> None:
    with pytest.raises(RunError, match="suggests nothing that can be tried"):
        create_study(copy, "The training pictures are all alike.", (STOP,))
    assert list_study_steps(copy) == [0]


def test_a_damaged_or_newer_study_is_refused_in_one_sentence(copy: Run) -> None:
    path = copy.path / TRIALS / "step-00000000.json"
    path.write_text('{"format": 2}')
    with pytest.raises(RunError, match="have format 2; this program reads up to 1, so update it"):
        read_study(copy, 0)
    path.write_text('{"format": 1, "step": 0')
    with pytest.raises(RunError, match=r"damaged file, step-00000000\.json: try them again"):
        read_study(copy, 0)
    path.unlink()
    with pytest.raises(RunError, match="are no longer there"):
        read_study(copy, 0)
