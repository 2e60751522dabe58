"""The command `check`: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan.config.picture_codes import make_picture_code
from tests.command_line import invoke, read_refusal
from tests.encoding import encode_picture
from tests.picture_files import write_files
from tests.picture_kinds import IMAGES, sort_into


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of 70 grey pictures in two classes, with a copy and a text."""
    files = sort_into(("a/", "b/")) | {
        "b/zz.png": encode_picture(IMAGES[0]),
        "note.txt": b"no picture",
    }
    return write_files(tmp_path / "my set", files)


def test_the_check_says_what_is_there_and_how_to_train(folder: Path) -> None:
    result = invoke("check", folder)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "my set: 71 pictures."
    assert "Left out: 1 not a picture." in lines
    assert "Sizes: 28 × 28 (71)." in lines
    assert "Pictures of each class: a 35, b 36." in lines
    assert "Near-duplicates: 1 picture is nearly the same as another." in lines
    assert "  a/00.png = b/zz.png" in lines
    command = (
        f"python -m dcgan train --dataset '{folder}' --near-duplicates leave_out --epochs 2500"
    )
    assert lines[-2:] == [
        f"To train from the included run: {command} --from pretrained-classes",
        f"To train: {command}",
    ]


def test_a_long_group_of_copies_is_one_short_line(tmp_path: Path) -> None:
    copies = {f"{index:02}.png": encode_picture(IMAGES[0]) for index in range(70)}
    lines = invoke("check", write_files(tmp_path, copies)).stdout.splitlines()
    assert "Near-duplicates: 69 pictures are nearly the same as another." in lines
    assert "  00.png = 01.png = 02.png = 03.png = 04.png = 65 others" in lines


def test_the_command_keeps_the_polarity_with_which_the_pictures_were_checked(
    folder: Path,
) -> None:
    command = invoke("check", folder, "--polarity", "inverted").stdout.splitlines()[-1]
    assert " --polarity inverted " in command


def test_scripts_read_the_check_as_json(folder: Path) -> None:
    found = json.loads(invoke("check", folder, "--json").stdout)
    assert found["count"] == 71
    assert found["sizes"] == [{"width": 28, "height": 28, "count": 71}]
    assert found["classes"] == [{"name": "a", "count": 35}, {"name": "b", "count": 36}]
    assert found["left_out"] == {"not a picture": 1}
    assert found["left_out_files"] == ["note.txt (not a picture)"]
    assert found["near_duplicates"] == [
        [{"name": name, "code": make_picture_code(name)} for name in ("a/00.png", "b/zz.png")]
    ]
    assert found["settings"]["near_duplicates"] == "leave_out"
    assert found["start_from"] == "pretrained-classes"


def test_pictures_in_colour_are_read_again_as_advised(tmp_path: Path) -> None:
    colors = np.random.default_rng(0).integers(0, 255, (70, 60, 60, 3)).astype(np.uint8)
    colors[..., 1] = 0
    write_files(
        tmp_path, {f"{index}.png": encode_picture(color) for index, color in enumerate(colors)}
    )
    sheet = tmp_path / "sheet.png"
    found = json.loads(invoke("check", tmp_path, "--json", "--sheet", sheet).stdout)
    assert (found["image_size"], found["color"]) == (64, True)
    assert found["colored"] == {"looked_at": 70, "with_colors": 70}
    with Image.open(sheet) as picture:
        assert picture.mode == "RGB"
        assert picture.width == 16 * 66 - 2
    fixed = json.loads(invoke("check", tmp_path, "--json", "--image-size=32", "--color=off").stdout)
    assert (fixed["image_size"], fixed["color"]) == (32, False)
    assert fixed["settings"]["image_size"] == 64


def test_the_check_changes_no_file(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert invoke("check", folder).exit_code == 0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_wrong_input_is_refused_in_one_sentence(folder: Path, tmp_path: Path) -> None:
    assert "mnist is a named set" in read_refusal("check", "mnist")
    assert "no such file" in read_refusal("check", tmp_path / "gone")
    assert "must end in .png" in read_refusal("check", folder, "--sheet", "sheet.jpg")
    wrong_folder = tmp_path / "gone" / "sheet.png"
    assert "--sheet: there is no folder" in read_refusal("check", folder, "--sheet", wrong_folder)


def test_training_refuses_an_excluded_picture_that_is_not_there(
    folder: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    words = ("train", "--dataset", folder, "--run-dir", run, "--excluded-pictures")
    message = read_refusal(*words, "a/00.png,a/nope.png")
    assert "has 1 of the 2 names or codes; expected paths below the folder" in message
    assert not run.exists()
