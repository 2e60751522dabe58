"""Atomic writes, reading of JSON files with errors for people, and safe names of files."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import resource
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from dcgan.errors import RunError
from dcgan.files import whole_files
from dcgan.files.file_names import (
    find_free_path,
    format_step_name,
    list_steps,
    make_dated_folder,
    slugify,
)
from dcgan.files.whole_files import (
    create_atomically,
    read_model,
    translate_write_errors,
    write_atomically,
    write_json,
)
from tests.disk_errors import raise_disk_full


class Spot(BaseModel):
    """A model of a JSON file."""

    size: int
    name: str = ""


# Writing


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    for content in (b"first", b"", b"third"):
        write_atomically(file, content)
        assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]


def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.bin"
    write_atomically(file, b"old")
    monkeypatch.setattr(os, "fsync", raise_disk_full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("system", "is_written"), [("nt", True), ("posix", False)])
def test_windows_waits_until_nobody_reads_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, is_written: bool
) -> None:
    path = tmp_path / "status.json"
    path.write_bytes(b"old")
    refusals = [PermissionError(13, "Access is denied")] * 2
    waits: list[float] = []

    def replace(temporary: Path, target: Path) -> None:
        if refusals:
            raise refusals.pop()
        temporary.rename(target)

    monkeypatch.setattr(Path, "replace", replace)
    clock = SimpleNamespace(sleep=waits.append, monotonic=lambda: 0.0)
    monkeypatch.setattr(whole_files, "time", clock)
    monkeypatch.setattr("dcgan.files.whole_files.os.name", system)
    with contextlib.nullcontext() if is_written else pytest.raises(PermissionError):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == (b"new" if is_written else b"old")
    assert len(waits) == (2 if is_written else 0)
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_content_may_be_read_from_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    write_atomically(file, b"1\n2\n3\n")
    with file.open("rb") as old:
        write_atomically(file, (line for line in old if line != b"2\n"))
    assert file.read_bytes() == b"1\n3\n"
    with pytest.raises(ZeroDivisionError):
        write_atomically(file, (bytes(1 // divisor) for divisor in (1, 0)))
    assert file.read_bytes() == b"1\n3\n"
    assert list(tmp_path.iterdir()) == [file]


def test_the_old_file_stays_until_the_new_one_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.bin"
    write_atomically(file, b"old")
    seen: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: seen.append(file.read_bytes()))
    write_atomically(file, b"new")
    assert seen == [b"old"]
    assert file.read_bytes() == b"new"


def test_a_new_file_never_replaces_another(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    create_atomically(file, b"first")
    with pytest.raises(FileExistsError):
        create_atomically(file, b"second")
    assert file.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [file]


def test_a_disk_without_hard_links_that_fills_up_keeps_no_part_of_a_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, limits = tmp_path / "a.bin", resource.getrlimit(resource.RLIMIT_FSIZE)

    def refuse_and_fill(path: Path, target: Path) -> NoReturn:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3, limits[1]))
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse_and_fill)
    try:
        with pytest.raises(OSError, match="File too large"):
            create_atomically(file, b"0123456789")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(Path, "hardlink_to", raise_disk_full)
    create_atomically(file, b"0123456789")
    with pytest.raises(FileExistsError):
        create_atomically(file, b"other")
    assert file.read_bytes() == b"0123456789"


def test_json_is_indented_and_can_hold_any_text(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_json(file, {"size": 3, "name": "Größe 数字"})
    assert file.read_text(encoding="utf-8") == '{\n  "size": 3,\n  "name": "Größe 数字"\n}\n'
    write_json(file, {"name": "\ud800"})
    assert json.loads(file.read_text(encoding="utf-8")) == {"name": "?"}


def test_a_disk_error_becomes_a_sentence_with_the_path(tmp_path: Path) -> None:
    with (
        pytest.raises(
            RunError,
            match=r"^cannot write to .*a\.bin: No space left on device; free some space, or",
        ) as caught,
        translate_write_errors(tmp_path / "a.bin"),
    ):
        raise_disk_full()
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(KeyError), translate_write_errors(tmp_path):
        raise KeyError  # Only disk errors are translated.


@pytest.mark.parametrize(
    ("is_new", "advice"),
    [
        (False, "No such file or directory; the folder was moved or deleted; put it back."),
        (True, "no folder can be made there; choose another place."),
    ],
)
def test_a_new_folder_that_cannot_be_made_was_not_deleted(
    tmp_path: Path, is_new: bool, advice: str
) -> None:
    with (
        pytest.raises(RunError, match=f"^cannot write to .*x: {re.escape(advice)}$"),
        translate_write_errors(tmp_path / "x", is_new=is_new),
    ):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


# Reading


def test_a_model_is_read_from_its_file(tmp_path: Path) -> None:
    write_json(tmp_path / "spot.json", {"size": 3})
    assert read_model(tmp_path / "spot.json", Spot) == Spot(size=3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"^first is not a whole run: spot\.json is missing; take it from a good copy"),
        (b"", r"^first: spot\.json is damaged \(Invalid JSON"),
        (b"\xff", r"^first: spot\.json is damaged \("),
        (b"[1]", r"^first: spot\.json is damaged \("),
        (b"{}", r"^first: spot\.json is damaged \(size: Field required\); take it from"),
        (b'{"size": "large"}', r"damaged \(size: Input should be a valid integer"),
    ],
)
def test_a_missing_or_damaged_file_is_reported_with_its_run(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    if content is not None:
        (folder / "spot.json").write_bytes(content)
    with pytest.raises(RunError, match=message):
        read_model(folder / "spot.json", Spot)


def test_a_file_without_read_permission_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(RunError, match=r"spot\.json cannot be read \(Permission denied\); check"):
        read_model(tmp_path / "spot.json", Spot)


# Names


@given(st.text())
def test_any_text_becomes_a_name_that_every_system_takes(text: str) -> None:
    name = slugify(text)
    assert 1 <= len(name) <= 60
    assert name.replace("-", "").isalnum()
    assert name.isascii()
    assert name == name.lower()
    assert not name.startswith("-")


def test_a_text_becomes_lower_case_letters_digits_and_hyphens() -> None:
    assert slugify("fashion-mnist") == "fashion-mnist"
    assert (slugify("数字"), slugify("数字", "text")) == ("run", "text")
    assert slugify("My Pictures.zip") == "my-pictures-zip"
    assert slugify("../..") == "run"
    assert (slugify("Con"), slugify("lpt1", "text")) == ("run-con", "text-lpt1")  # Windows.
    assert slugify("console") == "console"
    assert slugify("Smoothing 0 (branch of it)") == "smoothing-0-branch-of-it"


def test_a_path_that_is_taken_gets_the_first_free_number(tmp_path: Path) -> None:
    assert find_free_path(tmp_path / "a") == tmp_path / "a"
    (tmp_path / "a").mkdir()
    (tmp_path / "a-2").write_text("")
    (tmp_path / "a-3").symlink_to(tmp_path / "nowhere")  # Taken, though nothing is there.
    assert find_free_path(tmp_path / "a") == tmp_path / "a-4"
    assert find_free_path(tmp_path / "b", reserved=("b", "b-2")) == tmp_path / "b-3"


def test_new_folders_of_one_second_differ(tmp_path: Path) -> None:
    folders = [make_dated_folder(tmp_path / "root", "My Pictures") for _ in range(3)]
    assert len(set(folders)) == 3
    assert all(folder.is_dir() and folder.parent == tmp_path / "root" for folder in folders)
    assert all(folder.name.startswith("my-pictures-20") for folder in folders)


def test_files_with_other_names_are_not_listed_as_steps(tmp_path: Path) -> None:
    names = ("step-5.npz", "step--0000005.npz", "step-٠٠٠٠٠٠٠٥.npz", "step-00000005.npz.bak")
    for name in (*names, "step-0000x005.npz", "step-.npz", "other.npz", "step-000000005.npz"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "step-00000006.png").write_bytes(b"")
    for step in (938, 4, 123_456_789):
        (tmp_path / format_step_name(step, ".npz")).write_bytes(b"")
    assert list_steps(tmp_path, ".npz") == [4, 938, 123_456_789]
    assert list_steps(tmp_path, ".png") == [6]
    assert list_steps(tmp_path / "missing", ".npz") == []
    assert list_steps(tmp_path / "other.npz", ".npz") == []


def test_a_folder_that_cannot_be_read_does_not_seem_to_have_no_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: Path) -> NoReturn:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "listdir", fail)
    monkeypatch.setattr(os, "scandir", fail)
    with pytest.raises(OSError, match="Input/output error"):
        list_steps(tmp_path, ".npz")
