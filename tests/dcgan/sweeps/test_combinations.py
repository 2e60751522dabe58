"""Combinations: the same settings have the same folder everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DatasetError
from dcgan.sweeps.combinations import assign_folders
from dcgan.sweeps.grid import expand_grid
from tests.command_line import REPOSITORY

BASE = TrainingConfig(epochs=2)


def list_folder_names(root: Path, **choices: list[object]) -> list[str]:
    """Return the names of the folders of a grid's combinations, in their order."""
    found = assign_folders(expand_grid(BASE, choices), choices, root)
    return [combination.path.name for combination in found]


def test_the_same_settings_have_one_folder_in_every_sweep(tmp_path: Path) -> None:
    seeds = list_folder_names(tmp_path, seed=[1, 2, 3])
    assert len(set(seeds)) == 3
    assert list_folder_names(tmp_path, seed=[3, 2, 1, 0])[:3] == seeds[::-1]
    # A batch size of 64 is the default.
    assert list_folder_names(tmp_path / "elsewhere", seed=[1], batch_size=[64]) == seeds[:1]
    assert not set(list_folder_names(tmp_path, seed=[1], batch_size=[32, 128])) & set(seeds)


def test_a_repeated_combination_has_two_folders(tmp_path: Path) -> None:
    first, other, second = list_folder_names(tmp_path, seed=[1, 2, 1])
    assert second == f"{first}-2"
    assert other not in (first, second)


def test_a_folder_is_the_same_on_every_machine(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from dcgan.config.training_config import TrainingConfig\n"
        "from dcgan.sweeps.combinations import assign_folders\n"
        "config = TrainingConfig(epochs=2, seed=5, generator_filters=(8, 4))\n"
        "print(assign_folders([config], ['seed'], Path('x'))[0].path.name)"
    )
    there = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    config = BASE.replace(seed=5, generator_filters=(8, 4))
    assert there == {assign_folders([config], ["seed"], tmp_path)[0].path.name}


def test_the_same_relative_path_elsewhere_is_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        (folder / "pictures").mkdir(parents=True)
        monkeypatch.chdir(folder)
        found += list_folder_names(tmp_path, dataset=["pictures"])
    assert len(set(found)) == 2


def test_a_folder_named_like_a_data_set_renames_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list_folder_names(tmp_path, dataset=["mnist", "keras"])
    (tmp_path / "mnist").mkdir()
    (tmp_path / "keras").mkdir()
    monkeypatch.chdir(tmp_path)
    assert list_folder_names(tmp_path, dataset=["mnist", "keras"]) == before


def test_pictures_that_were_moved_away_rename_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pictures").mkdir()
    before = list_folder_names(tmp_path, dataset=["pictures"])
    (tmp_path / "pictures").rmdir()
    too_long_for_a_disk = "x" * 300
    names = list_folder_names(tmp_path, dataset=["pictures", too_long_for_a_disk])
    assert names[:1] == before


def test_the_home_of_an_unknown_person_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"^dataset: got '~nobody-of-this-name/x', but .*home"):
        list_folder_names(tmp_path, dataset=["~nobody-of-this-name/x"])


def test_a_combination_is_labelled_by_its_varied_settings(tmp_path: Path) -> None:
    config = BASE.replace(seed=1, generator_filters=(48, 24))
    [combination] = assign_folders([config], ["seed", "generator_filters"], tmp_path)
    assert combination.label == "seed 1, generator_filters 48-24"
    assert combination.title.startswith("Seed 1, ")
