"""Folders of own pictures: files that are read, left out and counted."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from dcgan.data.datasets import load_dataset
from dcgan.errors import DatasetError
from dcgan.pictures import picture_limits
from dcgan.pictures.picture_limits import MIN_IMAGES
from tests.encoding import encode_picture, make_png_that_claims
from tests.picture_files import draw_square, load_pixels, write_files, write_pictures, write_squares
from tests.picture_kinds import IMAGES, encode_images


def test_a_folder_of_mnist_pngs_is_read_pixel_for_pixel(tmp_path: Path) -> None:
    digits = load_dataset("mnist").pixels[:MIN_IMAGES]
    folder = write_pictures(
        tmp_path / "digits", (encode_picture(digit[..., 0]) for digit in digits)
    )
    dataset = load_dataset(str(folder))
    np.testing.assert_array_equal(dataset.pixels, digits)
    assert dataset.name == "digits"
    assert dataset.labels is None
    assert dataset.summary.startswith("64 pictures read.")
    assert not dataset.pixels.flags.writeable


def test_pictures_are_sorted_by_their_paths_in_all_folders(tmp_path: Path) -> None:
    shades = np.random.default_rng(0).permutation(MIN_IMAGES)
    for shade in shades:  # Not in the order of their names.
        folder = tmp_path / f"{shade // 10}"
        folder.mkdir(exist_ok=True)
        (folder / f"{shade % 10}.png").write_bytes(
            encode_picture(np.full((28, 28), shade, np.uint8))
        )
    assert load_pixels(tmp_path)[:, 0, 0].tolist() == list(range(MIN_IMAGES))


def test_files_that_are_left_out_are_counted_by_reason(tmp_path: Path) -> None:
    good = encode_picture(np.random.default_rng(0).integers(0, 100, (28, 28)).astype(np.uint8))
    folder = write_pictures(tmp_path / "mixed", [good] * MIN_IMAGES)
    (folder / "readme.txt").write_text("no picture")
    (folder / "text.png").write_text("no picture either")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "cut.png").write_bytes(good[: len(good) // 2])
    (folder / "dot.png").write_bytes(encode_picture(np.zeros((1, 1), np.uint8)))
    (folder / "inner.zip").write_bytes(b"")
    (folder / ".DS_Store").write_bytes(b"the system's own")
    assert load_dataset(str(folder)).summary == (
        "64 pictures read, 6 left out (1 damaged, 3 not a picture, 1 smaller than 4 "
        "pixels, 1 still packed in an archive). No classes: all pictures are in one folder."
    )


@pytest.mark.parametrize(
    ("width", "height"),
    [(20_000, 20_000), (10_000, 10_000), (20_000, 2_501), (2_147_483_647, 2_147_483_647)],
)
def test_a_huge_picture_is_left_out_by_its_header(tmp_path: Path, width: int, height: int) -> None:
    folder = write_squares(tmp_path / "big")
    (folder / "huge.png").write_bytes(make_png_that_claims(width, height))
    assert load_dataset(str(folder)).summary.startswith(
        "64 pictures read, 1 left out (1 too large)."
    )


def test_a_huge_file_is_left_out_unread(tmp_path: Path) -> None:
    folder = write_squares(tmp_path / "big")
    with (folder / "huge.png").open("wb") as file:
        file.truncate(picture_limits.MAX_FILE_BYTES + 1)  # Takes no room on disk.
    assert load_dataset(str(folder)).summary.startswith(
        "64 pictures read, 1 left out (1 too large)."
    )


def test_links_and_pipes_cause_no_loop_and_no_wait(tmp_path: Path) -> None:
    folder = write_squares(tmp_path / "links", num=MIN_IMAGES - 1)
    (folder / "inside").mkdir()
    (folder / "inside" / "around").symlink_to(folder, target_is_directory=True)
    (folder / "itself.png").symlink_to(folder / "itself.png")
    (folder / "nowhere.png").symlink_to(folder / "nothing.png")
    (folder / "twin.png").symlink_to(folder / "0000.png")
    os.mkfifo(folder / "pipe.png")
    assert load_dataset(str(folder)).summary == (
        "64 pictures read, 4 left out (1 behind a link to a folder, 1 not a picture, 2 "
        "not readable). No classes: all pictures are in one folder."
    )


def test_a_tree_deeper_than_the_stack_is_walked(tmp_path: Path) -> None:
    deep = write_squares(tmp_path / "deep")
    before = Path.cwd()
    os.chdir(deep)
    try:
        for _ in range(1200):
            Path("d").mkdir()
            os.chdir("d")
        assert len(load_dataset(str(deep))) == MIN_IMAGES
    finally:
        os.chdir(before)
        subprocess.run(["rm", "-rf", deep / "d"], check=True)  # shutil.rmtree recurses.


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda folder: None, r"holds no usable pictures; expected at least 64: add more"),
        (
            lambda folder: (folder / "a.txt").write_text("a"),
            r"no usable pictures, 1 left out \(1 not a picture\)",
        ),
        (
            lambda folder: write_squares(folder, num=63),
            "holds 63 usable pictures; expected",
        ),
        (
            lambda folder: write_squares(folder, num=1),
            "holds 1 usable picture; expected",
        ),
        (
            lambda folder: write_pictures(folder, [encode_picture(draw_square(size=1))] * 99),
            r"no usable pictures, 99 left out \(99 smaller than 4 pixels\)",
        ),
        (lambda folder: (folder / "a.zip").write_bytes(b""), "unpack the archives inside it"),
        (
            lambda folder: (folder / "a").symlink_to(folder, target_is_directory=True),
            "give the folder that they lead to",
        ),
    ],
    ids=["empty", "text", "few", "one", "dots", "zips", "links"],
)
def test_a_folder_without_enough_pictures_is_refused(
    tmp_path: Path, prepare: Callable[[Path], object], message: str
) -> None:
    prepare(tmp_path)
    with pytest.raises(DatasetError, match=message):
        load_dataset(str(tmp_path))


def test_a_folder_with_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_limits, "MAX_IMAGES", 10)
    with pytest.raises(DatasetError, match="more than 10 files"):
        load_dataset(str(write_pictures(tmp_path / "many", [b""] * 11)))


def test_a_few_of_the_files_left_out_are_named(tmp_path: Path) -> None:
    files = encode_images(".jpg", lambda image: encode_picture(image, "JPEG"))
    cut = {f"{row}-cut.jpg": encode_picture(IMAGES[row], "JPEG")[:-300] for row in range(8)}
    dataset = load_dataset(
        str(write_files(tmp_path, {**files, **cut, "in/read\nme.txt": b"", "b.pdf": b""}))
    )
    assert dataset.left_out == {"PDF": 1, "damaged": 8, "not a picture": 1}
    assert dataset.summary.startswith(
        "70 pictures read, 10 left out (1 PDF, 8 damaged, 1 not a picture)."
    )
    assert len(dataset.examples) == 10
    assert "b.pdf (PDF)" in dataset.describe()
    assert "0-cut.jpg (damaged: image file is truncated" in dataset.describe()
    assert dataset.describe().endswith(" and 7 more.")
    assert "\n" not in dataset.describe()


def test_a_folder_that_may_not_be_read_is_not_called_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)  # Tests may run as root, who may read all.
    with pytest.raises(DatasetError, match=r"Permission denied.*: check its permissions"):
        load_dataset(str(tmp_path))


def test_files_that_cannot_be_read_are_no_reason_to_add_others(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "a.png")
    with pytest.raises(DatasetError, match=r"1 not readable.*: check the permissions of the files"):
        load_dataset(str(tmp_path))
