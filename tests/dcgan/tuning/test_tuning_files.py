"""The folders of tunings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import InUseError
from dcgan.tuning.tuning_files import (
    find_folder,
    hold_lock,
    read_tuning,
    write_tuning,
)
from tests.tunings import plan

BASE = TrainingConfig(dataset="/home/ada/faces")
MINUTES = 10.0


def test_two_processes_do_not_train_one_tuning(tmp_path: Path) -> None:
    folder = find_folder(tmp_path, BASE, MINUTES)
    with (
        hold_lock(folder),
        pytest.raises(InUseError, match="This tuning is being written"),
        hold_lock(folder),
    ):
        pass
    assert not folder.exists()  # Nothing was planned.


def test_a_tuning_that_starts_while_an_empty_one_is_deleted_keeps_its_folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = find_folder(tmp_path, BASE, MINUTES)
    tuning = plan(MINUTES, BASE)
    delete = shutil.rmtree

    def start_another_and_delete(path: Path, *, ignore_errors: bool) -> None:
        if path.exists() and not (folder / "tuning.json").exists():
            with hold_lock(folder):
                write_tuning(folder, tuning)
        delete(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", start_another_and_delete)
    with hold_lock(folder):
        pass
    assert read_tuning(folder) == tuning
    assert list(folder.parent.iterdir()) == [folder]


def test_each_time_and_each_start_has_its_own_tuning(tmp_path: Path) -> None:
    folders = {
        find_folder(tmp_path, config, minutes)
        for config in (BASE, BASE.replace(seed=1))
        for minutes in (1.0, 2.0)
    }
    assert len(folders) == 4
    # A tuning's own settings, which know the classes and the whole path, name it too.
    learned = BASE.replace(class_names=("cat", "dog"))
    assert find_folder(tmp_path, learned, 1.0) in folders


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    folder = find_folder(tmp_path, BASE, MINUTES)
    folder.mkdir(parents=True)
    (folder / "tuning.json").write_text('{"format": 2}')
    with pytest.raises(Exception, match="This tuning has format 2; this program reads up to 1"):
        read_tuning(folder)
    tuning = plan(MINUTES, BASE)
    broken = tuning.model_copy(update={"candidates": ()})
    write_tuning(folder, broken)
    with pytest.raises(Exception, match="a run has no candidate"):
        read_tuning(folder)
