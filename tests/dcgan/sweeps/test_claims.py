"""Claims: one process at a time trains a combination, and an interrupted run is resumed."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DiskWriteError, InUseError, RunError
from dcgan.recording.recorder import record
from dcgan.recording.start import start_run
from dcgan.runs.run_folder import Run, open_run
from dcgan.sweeps.claims import claim, prepare_run
from dcgan.sweeps.combinations import Combination, assign_folders
from dcgan.sweeps.table import read_row
from tests.command_line import STEPS_PER_EPOCH

pytestmark = pytest.mark.usefixtures("no_included_run", "reused_networks")


@pytest.fixture
def combination(tiny_config: TrainingConfig, spots_file: str, tmp_path: Path) -> Combination:
    [found] = assign_folders(
        [tiny_config.replace(dataset=spots_file, epochs=1)], ["seed"], tmp_path
    )
    return found


def test_a_claimed_combination_is_refused_to_others(
    combination: Combination, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.locking.lock._RETRY_SECONDS", 0.0)
    with claim(combination):
        with (
            pytest.raises(InUseError, match="is being written by process"),
            claim(combination),
        ):
            pytest.fail("two processes claimed it")
        assert not combination.path.exists()
    with claim(combination):
        pass


def test_a_run_that_another_program_trains_is_refused(combination: Combination) -> None:
    prepared = prepare_run(combination)
    assert prepared is not None
    try:
        with pytest.raises(InUseError):
            prepare_run(combination)
    finally:
        prepared.run.lock.release()


def test_a_run_whose_title_cannot_be_written_leaves_no_folder(
    combination: Combination, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[Run] = []

    def refuse(run: Run, title: str, note: str) -> NoReturn:
        assert run.lock.is_held_here
        refused.append(run)
        raise DiskWriteError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(Run, "write_label", refuse)
        with pytest.raises(DiskWriteError):
            prepare_run(combination)
    [run] = refused
    assert not run.lock.is_held_here
    assert not combination.path.exists()
    prepared = prepare_run(combination)
    assert prepared is not None
    prepared.run.lock.release()


def train_and_stop(steps: int, combination: Combination) -> Run:
    """Train a combination until at least this step and stop, as an interrupted sweep does."""
    prepared = prepare_run(combination)
    assert prepared is not None
    with contextlib.closing(record(prepared.run, prepared.gan, prepared.dataset)) as reports:
        next(itertools.dropwhile(lambda report: report.step < steps, reports))
    return prepared.run


def test_a_combination_starts_resumes_and_finishes(combination: Combination) -> None:
    assert combination.find_run() is None
    assert read_row(combination).state == "not started"
    run = train_and_stop(1, combination)
    assert run.read_label().title == "Seed 0"
    assert read_row(combination).state == "stopped"
    prepared = prepare_run(combination)
    assert prepared is not None
    assert prepared.run.path == run.path
    assert prepared.step == run.checkpoints.list_steps()[-1] > 0
    for _ in record(prepared.run, prepared.gan, prepared.dataset):
        pass
    assert prepared.gan.step == STEPS_PER_EPOCH
    assert prepare_run(combination) is None
    assert read_row(combination).state == "finished"


def test_a_run_that_died_after_its_last_checkpoint_counts_as_finished(
    combination: Combination,
) -> None:
    prepared = prepare_run(combination)
    assert prepared is not None
    prepared.gan.step = STEPS_PER_EPOCH
    prepared.run.save_checkpoint(prepared.gan.get_state())
    prepared.run.write_status("running", step=3)
    prepared.run.lock.release()
    assert read_row(combination).state == "interrupted"
    assert prepare_run(combination) is None
    assert open_run(combination.path).read_status().state == "finished"
    assert open_run(combination.path).read_status().step == STEPS_PER_EPOCH


def leave_a_folder(combination: Combination) -> None:
    """Leave what a death before the run's config.json was written leaves."""
    (combination.path / "samples").mkdir(parents=True)
    (combination.path / ".lock").touch()


def leave_no_checkpoint(combination: Combination) -> None:
    """Leave a run that died before its first checkpoint."""
    prepared = prepare_run(combination)
    assert prepared is not None
    prepared.run.lock.release()
    assert open_run(combination.path).checkpoints.list_steps() == []


@pytest.mark.parametrize("leave", [leave_a_folder, leave_no_checkpoint])
def test_a_run_that_died_before_its_first_checkpoint_starts_again(
    leave: Callable[[Combination], None], combination: Combination
) -> None:
    leave(combination)
    prepared = prepare_run(combination)
    assert prepared is not None
    prepared.run.lock.release()
    assert prepared.step is None
    assert prepared.gan.step == 0
    assert prepared.run.path == combination.path


def test_the_remains_of_a_run_are_out_of_reach_before_they_are_deleted(
    combination: Combination, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_a_folder(combination)
    remove = shutil.rmtree

    def die(path: Path) -> None:
        assert not combination.path.exists()
        remove(path / "samples")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", die)
        with pytest.raises(KeyboardInterrupt):
            prepare_run(combination)
    leave_a_folder(combination)
    prepared = prepare_run(combination)
    assert prepared is not None
    prepared.run.lock.release()
    assert not list((combination.path.parent / ".sweep").glob("*/"))


def leave_a_checkpoint(combination: Combination) -> Run:
    """Leave a run with a checkpoint of step 0, and return it."""
    prepared = prepare_run(combination)
    assert prepared is not None
    prepared.run.save_checkpoint(prepared.gan.get_state())
    prepared.run.lock.release()
    return prepared.run


def test_a_run_that_gets_a_checkpoint_at_the_last_moment_is_not_deleted(
    combination: Combination, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = leave_a_checkpoint(combination)
    monkeypatch.setattr(
        Combination, "find_run", lambda _: None
    )  # As a moment ago, before the checkpoint.
    with pytest.raises(InUseError, match="has just been trained elsewhere"):
        prepare_run(combination)
    assert run.checkpoints.list_steps()
    assert not run.lock.is_held()


def test_a_damaged_run_with_checkpoints_is_not_deleted(combination: Combination) -> None:
    run = leave_a_checkpoint(combination)
    (run.path / "config.json").unlink()
    with pytest.raises(RunError, match=r"config\.json is missing"):
        prepare_run(combination)
    assert run.checkpoints.list_steps()
    assert read_row(combination).state == "damaged"


def test_a_sweep_compares_with_and_without_classes(
    tiny_config: TrainingConfig, tmp_path: Path
) -> None:
    config = tiny_config.replace(only_classes=(3, 8), epochs=1)
    configs = [config.replace(class_conditional=learns) for learns in (False, True)]
    combinations = assign_folders(configs, ["class_conditional"], tmp_path)
    for combination, names in zip(combinations, [(), ("3", "8")], strict=True):
        prepared = prepare_run(combination)
        assert prepared is not None
        prepared.run.lock.release()
        # Found again, although the names of its classes come from the data.
        found = combination.find_run()
        assert found is not None
        assert found.config.class_names == prepared.gan.config.class_names == names


@pytest.mark.parametrize("by_path", [False, True])
def test_a_sweep_starts_from_a_run_of_its_root_and_knows_it_again(
    tiny_config: TrainingConfig,
    spots_file: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by_path: bool,
) -> None:
    root = tmp_path / "runs"
    config = tiny_config.replace(dataset=spots_file, epochs=1)
    source, gan, _ = start_run(config, path=root / "first")
    source.save_checkpoint(gan.get_state())
    source.lock.release()
    monkeypatch.chdir(tmp_path)
    start = config.replace(start_from="runs/first" if by_path else "first")
    [combination] = assign_folders([start], ["seed"], root)
    monkeypatch.chdir(root.parent.parent)  # As a process of Ray, which works elsewhere.
    prepared = prepare_run(combination)
    assert prepared is not None
    prepared.run.lock.release()
    assert prepared.run.config.start_from == "first"
    assert combination.describe_differences(prepared.run) == ""
