"""Folders of a public demo's visitors: whose they are, and which runs are deleted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.process.visitor_runs import (
    belongs_to_visitor,
    delete_old_runs,
    get_visitor_folder,
    list_visitor_folders,
)
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.runs.library import TRASH, delete_run
from dcgan.runs.run_folder import Run

BeginRun = Callable[..., Run]
NOW = 4_000_000_000.0  # Unix time, far ahead of the clock of the disk.


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def begin_run(root: Path, tiny_config: TrainingConfig, tiny_dataset: ImageDataset) -> BeginRun:
    """Return a function that makes a run which a visitor began some seconds before NOW."""

    def make_run(visitor: str, name: str, ago: float = 0.0) -> Run:
        path = get_visitor_folder(root, visitor) / name
        run = Run.create(tiny_config, tiny_dataset, path=path)
        run.lock.release()
        os.utime(path / "config.json", (NOW - ago, NOW - ago))
        return run

    return make_run


def delete_runs(root: Path, max_kept: int = 100, max_kept_per_visitor: int = 100) -> None:
    delete_old_runs(root, NOW - 3600, max_kept, max_kept_per_visitor, run_in_training=None)


def test_a_run_belongs_to_its_visitor_also_in_the_trash(root: Path, begin_run: BeginRun) -> None:
    run = begin_run("a", "run")
    trashed = delete_run(run)
    for path in (run.path, trashed):
        assert belongs_to_visitor(path, "a")
        assert not belongs_to_visitor(path, "b")
    for path in (root / "run", root, run.path.parent, run.path / "samples"):
        assert not belongs_to_visitor(path, "a")


def test_the_folder_does_not_show_the_id_of_the_visitor(root: Path) -> None:
    assert "secret" not in str(get_visitor_folder(root, "secret"))


def test_old_runs_are_deleted_whatever_their_visitors_do_with_them(
    root: Path, begin_run: BeginRun
) -> None:
    old, renamed, trashed, young = (
        begin_run(visitor, name, ago)
        for visitor, name, ago in (
            ("a", "old", 3601),
            ("a", "renamed", 3601),
            ("b", "trashed", 3601),
            ("b", "young", 3599),
        )
    )
    public = root / "public"
    public.mkdir()
    os.utime(public, (0, 0))
    renamed.write_label("A name that prolongs nothing", "")
    moved = delete_run(trashed)
    delete_runs(root)
    kept = [path.exists() for path in (old.path, renamed.path, moved, young.path, public)]
    assert kept == [False, False, False, True, True]


def test_only_the_newest_runs_are_kept(root: Path, begin_run: BeginRun) -> None:
    runs = [begin_run(visitor, "run", 100 * number) for number, visitor in enumerate("abcd")]
    delete_runs(root, max_kept=2)
    assert [run.exists() for run in runs] == [True, True, False, False]


def test_a_visitors_many_runs_push_out_no_others(root: Path, begin_run: BeginRun) -> None:
    runs = [begin_run(visitor, f"{it}", 100 * it) for it, visitor in enumerate("aaab")]
    delete_runs(root, max_kept=3, max_kept_per_visitor=2)
    assert [run.exists() for run in runs] == [True, True, False, True]


def test_empty_folders_of_visitors_go_too_if_they_are_old(root: Path, begin_run: BeginRun) -> None:
    run = begin_run("a", "old", 3601)
    begin_run("b", "young")
    new = get_visitor_folder(root, "c")  # A run is about to begin in it.
    new.mkdir()
    os.utime(new, (NOW, NOW))
    trash = run.path.parent / TRASH
    trash.mkdir()
    delete_runs(root)
    assert set(list_visitor_folders(root)) == {get_visitor_folder(root, "b"), new}
