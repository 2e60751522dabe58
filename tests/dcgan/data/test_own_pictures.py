"""Own pictures: their path, their polarity, and changes of their files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dcgan.data.datasets import load_dataset
from dcgan.data.file_stamp import hash_file_metadata
from dcgan.errors import DatasetError
from dcgan.pictures.picture_limits import MIN_IMAGES
from tests.encoding import encode_picture
from tests.picture_files import (
    VALID_FILES,
    draw_square,
    load_pixels,
    write_files,
    write_pictures,
    write_squares,
)


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
    file.write_bytes(encode_picture(draw_square()))
    with pytest.raises(DatasetError, match=r"is one picture; .* put your pictures into a folder"):
        load_dataset(str(file))


def test_a_home_folder_and_the_current_one_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_squares(tmp_path / "digits")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_dataset("~/digits").name == "digits"
    monkeypatch.chdir(folder)
    assert load_dataset(".").name == "digits"


def test_dark_strokes_on_light_paper_are_inverted_with_a_note(tmp_path: Path) -> None:
    folder = write_squares(tmp_path / "ink", 20, 240)
    dataset = load_dataset(str(folder))
    assert dataset.summary == (
        "64 pictures read, inverted: light borders. No classes: all pictures are in one folder."
    )
    np.testing.assert_array_equal(dataset.pixels[0, ..., 0], draw_square(235, 15))


def test_light_strokes_on_black_are_not_inverted(tmp_path: Path) -> None:
    folder = write_squares(tmp_path / "chalk", 240, 20)
    np.testing.assert_array_equal(load_dataset(str(folder)).pixels[0, ..., 0], draw_square(240, 20))


@pytest.mark.parametrize(("num_light", "is_inverted"), [(33, True), (32, False)])
def test_the_majority_of_64_pictures_decides_for_all(
    tmp_path: Path, num_light: int, is_inverted: bool
) -> None:
    light, dark = encode_picture(draw_square(0, 255)), encode_picture(draw_square(255, 0))
    pictures = [light] * num_light + [dark] * (64 - num_light)
    note = load_dataset(str(write_pictures(tmp_path / "mixed", pictures))).summary
    assert ("inverted" in note) == is_inverted


def test_an_explicit_polarity_is_used(tmp_path: Path) -> None:
    folder = write_squares(tmp_path / "ink", 0, 255)
    np.testing.assert_array_equal(
        load_dataset(str(folder), "as_is").pixels[0, ..., 0], draw_square(0, 255)
    )
    inverted = load_dataset(str(folder), "inverted")
    np.testing.assert_array_equal(inverted.pixels[0, ..., 0], draw_square(255, 0))
    assert (
        inverted.summary
        == "64 pictures read, inverted. No classes: all pictures are in one folder."
    )


def test_every_kind_of_picture_is_read_by_its_suffix(tmp_path: Path) -> None:
    for kind in ("png", "jpeg", "gif", "bmp", "webp", "tiff", "ppm"):
        copies = [VALID_FILES[f".{kind}"]] * MIN_IMAGES
        for suffix in (f".{kind}", f".{kind.upper()}"):
            folder = write_pictures(tmp_path / f"with{suffix}", copies, suffix)
            assert len(load_pixels(folder)) == MIN_IMAGES


def overwrite_keeping_size_and_time(file: Path) -> None:
    """Change the content of a file, but neither its size nor its time of modification."""
    before = file.stat()
    file.write_bytes(bytes(before.st_size))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "in" / "3.png").write_bytes(b"other"),
        lambda folder: overwrite_keeping_size_and_time(folder / "in" / "3.png"),
        lambda folder: (folder / "in" / "3.png").unlink(),
        lambda folder: (folder / "in" / "3.png").rename(folder / "in" / "4.png"),
        lambda folder: (folder / "in" / "3.png").rename(folder / "3.png"),
        lambda folder: (folder / "in" / "deep" / "x.txt").write_bytes(b""),
        lambda folder: (folder / "in").rename(folder / "out"),
        lambda folder: (folder / "other.png").replace(folder / "in" / "3.png"),
    ],
)
def test_the_hash_of_a_folders_metadata_changes_with_any_file_below_it(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    write_files(tmp_path, {"in/3.png": b"png", "in/deep/5.png": b"png", "other.png": b"png"})
    first = hash_file_metadata(str(tmp_path))
    assert hash_file_metadata(str(tmp_path)) == first != ""
    change(tmp_path)
    assert hash_file_metadata(str(tmp_path)) != first


def test_the_hash_of_a_files_metadata_changes_with_the_file_and_is_empty_without_one(
    tmp_path: Path,
) -> None:
    write_files(tmp_path, {"a.npz": b"npz"})
    first = hash_file_metadata(str(tmp_path / "a.npz"))
    overwrite_keeping_size_and_time(tmp_path / "a.npz")
    assert hash_file_metadata(str(tmp_path / "a.npz")) != first
    assert [hash_file_metadata(name) for name in ("/not/there", "no\0path", "x" * 5000)] == [""] * 3
