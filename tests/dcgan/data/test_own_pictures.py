"""Own pictures: their path, their polarity, and changes of their files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dcgan.data.datasets import load_dataset
from dcgan.data.own_pictures import hash_file_metadata
from dcgan.errors import DatasetError
from tests.picture_files import ENOUGH, SAMPLE_FILES, as_is, fill, png, stroke
from tests.picture_kinds import put


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "expected mnist, keras, fashion_mnist, or"),
        ("  ", "no such file or folder"),
        ("mnits", "got 'mnits', but there is no such file or folder"),
        ("no\0path", "null"),
        ("~nobody-of-this-name/pictures", "home"),
        ("x" * 5000, "name too long"),
    ],
)
def test_a_missing_path_is_refused(name: str, message: str) -> None:
    with pytest.raises(DatasetError, match=rf"(?i){message}"):
        load_dataset(name)


def test_a_single_picture_is_refused_with_advice_to_give_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "one.png"
    file.write_bytes(png(stroke()))
    with pytest.raises(DatasetError, match=r"is one picture; .* put your pictures into a folder"):
        load_dataset(str(file))


def test_a_home_folder_and_the_current_one_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(tmp_path / "digits", [png(stroke())] * ENOUGH)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_dataset("~/digits").name == "digits"
    monkeypatch.chdir(folder)
    assert load_dataset(".").name == "digits"


def test_dark_strokes_on_light_paper_are_inverted_with_a_note(tmp_path: Path) -> None:
    folder = fill(tmp_path / "ink", [png(stroke(20, 240))] * ENOUGH)
    dataset = load_dataset(str(folder))
    assert dataset.note == (
        "64 pictures read, inverted: light borders. No classes: all pictures are in one folder."
    )
    np.testing.assert_array_equal(dataset.pixels[0, ..., 0], stroke(235, 15))


def test_light_strokes_on_black_are_not_inverted(tmp_path: Path) -> None:
    folder = fill(tmp_path / "chalk", [png(stroke(240, 20))] * ENOUGH)
    np.testing.assert_array_equal(load_dataset(str(folder)).pixels[0, ..., 0], stroke(240, 20))


def test_the_majority_decides_for_all(tmp_path: Path) -> None:
    light, dark = png(stroke(0, 255)), png(stroke(255, 0))
    assert "inverted" in load_dataset(str(fill(tmp_path / "a", [light] * 33 + [dark] * 31))).note
    assert (
        "inverted" not in load_dataset(str(fill(tmp_path / "b", [light] * 32 + [dark] * 32))).note
    )


def test_an_explicit_polarity_is_used(tmp_path: Path) -> None:
    folder = fill(tmp_path / "ink", [png(stroke(0, 255))] * ENOUGH)
    np.testing.assert_array_equal(
        load_dataset(str(folder), "as_is").pixels[0, ..., 0], stroke(0, 255)
    )
    inverted = load_dataset(str(folder), "inverted")
    np.testing.assert_array_equal(inverted.pixels[0, ..., 0], stroke(255, 0))
    assert (
        inverted.note == "64 pictures read, inverted. No classes: all pictures are in one folder."
    )


def test_every_kind_of_picture_is_read_by_its_suffix(tmp_path: Path) -> None:
    for index, suffix in enumerate(("png", "jpeg", "gif", "bmp", "webp", "tiff", "ppm")):
        copies = [SAMPLE_FILES[f".{suffix}"]] * ENOUGH
        assert len(as_is(fill(tmp_path / suffix, copies, f".{suffix}"))) == ENOUGH
        assert len(as_is(fill(tmp_path / f"{index}", copies, f".{suffix.upper()}"))) == ENOUGH


def alter_unseen(file: Path) -> None:
    """Change a file but neither its size nor its age."""
    before = file.stat()
    file.write_bytes(bytes(before.st_size))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "in" / "3.png").write_bytes(b"other"),
        lambda folder: alter_unseen(folder / "in" / "3.png"),
        lambda folder: (folder / "in" / "3.png").unlink(),
        lambda folder: (folder / "in" / "3.png").rename(folder / "in" / "4.png"),
        lambda folder: (folder / "in" / "3.png").rename(folder / "3.png"),
        lambda folder: (folder / "in" / "deep" / "x.txt").write_bytes(b""),
        lambda folder: (folder / "in").rename(folder / "out"),
        lambda folder: (folder / "other.png").replace(folder / "in" / "3.png"),
    ],
)
def test_the_stamp_changes_with_any_file_below_a_folder(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    put(tmp_path, {"in/3.png": b"png", "in/deep/5.png": b"png", "other.png": b"png"})
    first = hash_file_metadata(str(tmp_path))
    assert hash_file_metadata(str(tmp_path)) == first != ""
    change(tmp_path)
    assert hash_file_metadata(str(tmp_path)) != first


def test_the_stamp_of_a_file_changes_with_it_and_is_empty_without_a_file(tmp_path: Path) -> None:
    put(tmp_path, {"a.npz": b"npz"})
    first = hash_file_metadata(str(tmp_path / "a.npz"))
    alter_unseen(tmp_path / "a.npz")
    assert hash_file_metadata(str(tmp_path / "a.npz")) != first
    assert [hash_file_metadata(name) for name in ("/not/there", "no\0path", "x" * 5000)] == [""] * 3
