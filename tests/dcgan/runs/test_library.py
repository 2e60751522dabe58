"""The library lists every readable run, reports damaged ones, and deletes into a trash."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from dcgan import installation
from dcgan.errors import RunError
from dcgan.runs.library import (
    delete_run,
    empty_trash,
    find_number_writing_run,
    find_run,
    list_deleted_runs,
    list_runs,
    restore_run,
)
from dcgan.runs.run_folder import Run, open_run
from tests.dcgan.runs.examples import read_files
from tests.disk_errors import raise_disk_full

pytestmark = pytest.mark.usefixtures("no_included_run")


# Finding a run


def test_listed_runs_have_unique_names(new_run: Callable[..., Run], tmp_path: Path) -> None:
    installation.INCLUDED_RUN.parent.mkdir()
    new_run("pretrained", 1).path.rename(installation.INCLUDED_RUN)
    own = new_run("pretrained", 1)
    found, problems = list_runs(tmp_path / "library")
    assert [run.path for run in found] == [own.path]
    assert problems == []


def test_runs_are_found_by_folder_and_by_name(
    new_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first")
    library = tmp_path / "library"
    assert find_run(str(run.path), library).path == run.path
    assert find_run("first", library).path == run.path
    monkeypatch.chdir(tmp_path)
    assert find_run("library/first", tmp_path / "other").path == run.path
    (tmp_path / "first").mkdir()  # A folder of something else does not hide the run.
    assert find_run("first", library).path == run.path


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../first", "first/../../x", "no\0thing", "x" * 5000, "/", "con:"]
)
def test_an_unknown_run_is_refused_with_a_sentence(
    new_run: Callable[..., Run], tmp_path: Path, name: str
) -> None:
    new_run("first")
    (tmp_path / "library" / "library").mkdir()
    with pytest.raises(RunError, match="run"):
        find_run(name, tmp_path / "library" / "library")


def test_a_name_never_finds_a_run_outside_the_root(
    new_run: Callable[..., Run], tmp_path: Path
) -> None:
    new_run("first")
    (tmp_path / "library" / "root").mkdir()
    with pytest.raises(RunError, match=r"There is no run '../first'; there are: none yet"):
        find_run("../first", tmp_path / "library" / "root")


# Listing runs


def test_the_list_is_newest_first_with_the_included_run_last(
    new_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, year in (("old", 2024), ("new", 2026), ("included", 2025)):
        file = new_run(name).path / "config.json"
        content = json.loads(file.read_text())
        file.write_text(json.dumps(content | {"created": f"{year}-01-01T00:00:00+00:00"}))
    library = tmp_path / "library"
    (library / "holiday pictures").mkdir()
    (library / "README.md").write_text("hello")
    assert [run.name for run in list_runs(library)[0]] == ["new", "included", "old"]
    monkeypatch.setattr(installation, "INCLUDED_RUN", library / "included")
    assert [run.name for run in list_runs(library)[0]] == ["new", "old", "included"]
    assert [run.name for run in list_runs(tmp_path / "missing")[0]] == ["included"]
    assert find_run("included", tmp_path / "missing").is_read_only


def test_an_included_run_writes_numbers_before_a_newer_own_one(
    new_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.runs.library.can_write_numbers", lambda run: run.name != "letters")
    library = tmp_path / "library"
    for name in ("own", "letters", "included"):
        new_run(name, 1)
    new_run("without a checkpoint")
    monkeypatch.setattr(installation, "INCLUDED_RUN", library / "included")
    found = find_number_writing_run(library)
    assert found is not None
    assert (found.name, found.is_read_only) == ("included", True)
    monkeypatch.setattr(installation, "INCLUDED_RUN", library / "letters")
    found = find_number_writing_run(library)
    assert found is not None
    assert not found.is_read_only


def test_broken_runs_are_reported_beside_the_readable_ones(
    new_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_run("whole")
    (new_run("torn").path / "config.json").write_text('{"format": 1, "crea')
    (new_run("bare").path / "config.json").unlink()
    monkeypatch.setattr(installation, "INCLUDED_RUN", new_run("included").path)
    (installation.INCLUDED_RUN / "config.json").write_text("")
    found, problems = list_runs(tmp_path / "library")
    assert [run.name for run in found] == ["whole"]
    assert [problem.split(":")[0] for problem in problems] == [
        "bare is not a whole run",
        "included",
        "torn",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="Other systems refuse such a name.")
def test_a_folder_whose_name_is_not_text_is_left_out_and_reported(
    new_run: Callable[..., Run], tmp_path: Path
) -> None:
    new_run("named")
    other = new_run("other").path
    other.rename(other.with_name(os.fsdecode(b"caf\xe9")))
    runs, problems = list_runs(tmp_path / "library")
    assert [run.name for run in runs if not run.is_read_only] == ["named"]
    assert problems == [
        "caf\N{REPLACEMENT CHARACTER} is left out: the name of this folder is not valid UTF-8. "
        "Rename the folder."
    ]


def test_a_library_that_cannot_be_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert list_runs(tmp_path) == (
        [],
        [f"{tmp_path} cannot be read (Permission denied); check its permissions."],
    )


def test_listing_the_library_writes_nothing(new_run: Callable[..., Run], tmp_path: Path) -> None:
    run = new_run("first", 4)
    run.write_status("running")
    (run.path / ".lock").unlink()
    before = read_files(tmp_path)
    assert list_runs(tmp_path / "library")[0][0].read_status().state == "interrupted"
    assert read_files(tmp_path) == before


# The trash


def test_a_deleted_run_can_be_restored_once(new_run: Callable[..., Run], tmp_path: Path) -> None:
    library = tmp_path / "library"
    run = new_run("first", 4)
    before = read_files(run.path)
    trashed = delete_run(run)
    assert list_runs(library) == ([], [])
    restored = restore_run(trashed)
    assert restored.path == run.path
    assert read_files(restored.path) == before
    with pytest.raises(RunError, match="first is no longer in the trash"):
        restore_run(trashed)


def test_a_restored_run_never_gets_the_included_runs_name(
    new_run: Callable[..., Run], tmp_path: Path
) -> None:
    trashed = delete_run(new_run("first", 4))
    old = trashed.rename(trashed.with_name("pretrained"))  # As an older version could name it.
    assert restore_run(old).name == "pretrained-2"


def test_runs_of_one_name_do_not_overwrite_each_other_in_the_trash(
    new_run: Callable[..., Run],
) -> None:
    first = delete_run(new_run("first", 1))
    second = delete_run(new_run("first", 2))
    third = new_run("first", 3)
    assert [restore_run(trashed).checkpoints.list_steps() for trashed in (first, second)] == [
        [1],
        [2],
    ]
    assert third.checkpoints.list_steps() == [3]


def test_old_deleted_runs_and_unfinished_imports_are_removed(
    new_run: Callable[..., Run], tmp_path: Path
) -> None:
    library = tmp_path / "library"
    old_run = new_run("old")
    os.utime(old_run.path, (0, 0))  # The age of trash counts from the deletion, not from the run.
    just_now = delete_run(old_run)
    long_ago = delete_run(new_run("long-ago"))
    dead_import, import_now = library / ".import-dead", library / ".import-now"
    dead_import.mkdir()
    import_now.mkdir()
    os.utime(long_ago, (0, 0))
    os.utime(dead_import, (0, 0))
    empty_trash(library)
    assert just_now.exists()
    assert import_now.exists()
    assert not long_ago.exists()
    assert not dead_import.exists()
    empty_trash(tmp_path / "missing")


def test_emptying_the_trash_removes_all_of_it_but_no_running_import(
    new_run: Callable[..., Run], tmp_path: Path
) -> None:
    library = tmp_path / "library"
    assert list_deleted_runs(library) == []
    trashed = [delete_run(new_run(name)) for name in ("first", "second")]
    (library / ".import-now").mkdir()
    kept = new_run("third")
    assert list_deleted_runs(library) == trashed
    empty_trash(library, older_than_days=0)
    assert list_deleted_runs(library) == []
    assert (library / ".import-now").exists()
    assert kept.path.exists()


def test_a_disk_error_while_moving_a_run_is_reported(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first", 4)
    monkeypatch.setattr(Path, "rename", raise_disk_full)
    with pytest.raises(RunError, match="No space left"):
        delete_run(run)
    assert run.path.is_dir()
    assert not run.lock.is_held()


def test_a_run_that_may_not_be_written_is_not_deleted(
    new_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = new_run("held")
    held.acquire_lock()
    with pytest.raises(RunError, match="held is being written"):
        delete_run(open_run(held.path))
    held.lock.release()
    included = new_run("included")
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.path)
    with pytest.raises(RunError, match="included comes with the program and stays as it is"):
        delete_run(included)
    assert held.path.is_dir()
    assert included.path.is_dir()
    gone = new_run("gone")
    gone.path.rename(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="gone is no longer there"):
        delete_run(gone)
    assert not gone.path.exists()
