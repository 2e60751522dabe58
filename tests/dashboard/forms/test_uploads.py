"""Uploads of own pictures: saved, read, previewed and refused."""

from __future__ import annotations

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard.own_pictures import own_pictures_panel, picture_source
from dashboard.process import picture_sets
from dashboard.process.picture_checks import PictureChecks
from dashboard.process.storage_limits import StorageLimits
from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import load_dataset
from dcgan.data_check.check import DataCheck, check_pictures
from dcgan.progress import ProgressCallback
from tests.dashboard.forms.dataset_page import (
    choose_own,
    get_chosen,
    list_uploads,
    make_squares,
    pack_npz,
    pack_zip,
    read_captions,
    read_error,
    show_choice,
    upload,
)
from tests.dashboard.forms.form_page import find
from tests.dashboard.rendering import press
from tests.disk_errors import raise_disk_full

pytestmark = pytest.mark.usefixtures("root")


def test_an_upload_above_the_disk_limit_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pack_npz(make_squares())
    trainer = Trainer(root, StorageLimits(max_disk_gb=(len(content) - 1) / 10**9))
    monkeypatch.setattr(picture_source, "get_trainer", lambda: trainer)
    page = upload(choose_own(show_choice()), "mine.npz", content)
    assert read_error(page).startswith("The file was not saved: The runs take 0 MB, ")
    assert list_uploads(root) == []
    assert page.session_state["chosen"] is None


def test_the_error_of_an_upload_disappears_when_a_folder_is_chosen(tmp_path: Path) -> None:
    page = upload(choose_own(show_choice()), "mine.npz", b"no pictures")
    assert "mine.npz" in read_error(page)
    path = tmp_path / "good.npz"
    path.write_bytes(pack_npz(make_squares()))
    find(page.text_input, "dataset_path").set_value(str(path)).run()
    assert not page.error
    assert get_chosen(page)[0] == str(path)


def test_nothing_is_chosen_before_there_are_pictures() -> None:
    page = choose_own(show_choice())
    assert page.session_state["chosen"] is None
    assert not page.error


@pytest.mark.parametrize("suffix", [".npz", ".zip"])
def test_an_upload_is_saved_under_its_name_and_read(root: Path, suffix: str) -> None:
    content = pack_npz(make_squares()) if suffix == ".npz" else pack_zip(make_squares())
    page = upload(choose_own(show_choice()), f"../My Digits{suffix.upper()}", content)
    path = root / ".datasets" / hashlib.sha256(content).hexdigest()[:16] / f"My Digits{suffix}"
    assert get_chosen(page) == (str(path), "auto", 28, False, True)
    assert path.read_bytes() == content
    assert list_uploads(root) == [f"{path.parent.name}/{path.name}"]
    note = (
        ", 1 left out (1 not a picture). No classes: all pictures are in one folder. Left out: "
        "read me.txt (not a picture)."
        if suffix == ".zip"
        else ". No classes: there are no labels beside the pictures."
    )
    assert f"70 pictures read{note}\n40 of them, as the networks will see them" in read_captions(
        page
    )
    np.testing.assert_array_equal(load_dataset(str(path)).pixels[..., 0], make_squares())


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("own.NPY", "own.npy"),
        ("train-images.idx3-ubyte", "train-images.idx3-ubyte"),
        ("train-images-idx3-ubyte", "train-images-idx3-ubyte"),
        ("train-images-idx3-ubyte.gz", "train-images-idx3-ubyte.gz"),
        ("../../a.csv", "a.csv"),
        ("..\\..\\a.csv", "a.csv"),
        ("a.../x", "x"),
        ("a.b c", "a"),
        ("a." + "x" * 300, "a"),
        ("y" * 300 + ".zip", "y" * 80 + ".zip"),
        ("\U0001f600" * 90 + ".zip", "_" * 80 + ".zip"),
        ("猫" * 90 + ".zip", "猫" * 53 + ".zip"),
        (".zip", "zip"),
        ("a\nb:*?.zip", "a_b___.zip"),
        ("", "pictures"),
    ],
)
def test_an_upload_keeps_its_name_without_what_a_file_system_refuses(
    root: Path, name: str, saved: str
) -> None:
    path, is_new = picture_sets.save_upload(name, b"pictures", root)
    assert is_new
    assert path == root / ".datasets" / hashlib.sha256(b"pictures").hexdigest()[:16] / saved
    assert path.read_bytes() == b"pictures"


def test_a_partial_file_of_another_tab_or_of_a_crash_is_not_taken_for_the_upload(
    root: Path,
) -> None:
    path, _ = picture_sets.save_upload("own.npy", b"pictures", root)
    path.rename(path.with_name("own.npy.0123abcd.tmp"))
    assert picture_sets.save_upload("own.npy", b"pictures", root) == (path, True)
    assert picture_sets.save_upload("again.npy", b"pictures", root) == (path, False)


def test_mnists_own_file_is_uploaded_and_read(root: Path) -> None:
    data = struct.pack(">HBB3I", 0, 8, 3, 70, 28, 28) + make_squares().tobytes()
    page = upload(choose_own(show_choice()), "train-images-idx3-ubyte.gz", gzip.compress(data))
    assert "70 pictures read." in read_captions(page)
    np.testing.assert_array_equal(
        load_dataset(str(get_chosen(page)[0])).pixels[..., 0], make_squares()
    )


def test_an_unreadable_upload_is_refused_with_a_suggestion(root: Path) -> None:
    page = upload(choose_own(show_choice()), "own.mat", b"MATLAB 5.0 MAT-file")
    assert "'own.mat' is a MATLAB file, which is not read: save with np.save" in read_error(page)
    assert page.session_state["chosen"] is None
    assert list_uploads(root) == []


def test_pictures_that_were_left_out_or_stretched_are_reported(tmp_path: Path) -> None:
    for index, image in enumerate(make_squares(1)):
        Image.fromarray(image).save(tmp_path / f"{index}.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "0.png").read_bytes()[:60])
    page = choose_own(show_choice())
    find(page.text_input, "dataset_path").set_value(str(tmp_path)).run()
    assert "70 pictures read, 1 left out (1 damaged), values 0 to 1 stretched" in read_captions(
        page
    )
    assert "Left out: cut.png (damaged: " in read_captions(page)


def test_the_same_upload_is_saved_once_and_its_polarity_can_be_set(root: Path) -> None:
    page = upload(choose_own(show_choice()), "a.npz", pack_npz(make_squares(0, 255)))
    assert "inverted: light borders" in read_captions(page)
    find(page.segmented_control, "dataset_polarity").set_value("as_is").run()
    path, polarity, *_ = get_chosen(page)
    assert polarity == "as_is"
    assert "inverted" not in read_captions(page)
    again = upload(choose_own(show_choice()), "b.npz", pack_npz(make_squares(0, 255)))
    assert get_chosen(again) == (path, "auto", 28, False, True)
    assert len(list_uploads(root)) == 1


def test_an_unusable_upload_is_refused_under_the_name_it_came_with() -> None:
    page = upload(choose_own(show_choice()), "few.npz", pack_npz(make_squares(num=3)))
    assert page.session_state["chosen"] is None
    assert "expected 64 to 1,000,000 pictures" in read_error(page)
    assert "'few.npz'" in read_error(page)
    upload(page, "more.npz", pack_npz(make_squares(num=64)))
    assert not page.error
    assert page.session_state["chosen"] is not None


def test_a_full_disk_is_reported_and_leaves_no_file(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = choose_own(show_choice())
    monkeypatch.setattr("os.fsync", raise_disk_full)
    upload(page, "a.npz", pack_npz(make_squares()))
    assert "The file could not be saved: [Errno 28] No space left on device." in read_error(page)
    assert page.session_state["chosen"] is None
    assert list_uploads(root) == []


def test_an_upload_is_kept_after_an_error_that_is_not_about_the_file(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[Exception] = [MemoryError()]

    def check(config: TrainingConfig, progress: ProgressCallback) -> DataCheck:
        if errors:
            raise errors.pop()
        return check_pictures(config, progress)

    checks = PictureChecks(check)
    monkeypatch.setattr(own_pictures_panel, "get_picture_checks", lambda: checks)
    page = upload(choose_own(show_choice()), "a.npz", pack_npz(make_squares()))
    assert "do not fit into the free memory" in read_error(page)
    assert [Path(name).name for name in list_uploads(root)] == ["a.npz"]
    press(page, "Check these pictures")
    assert not page.error
    assert "70 pictures read" in read_captions(page)


def test_an_upload_of_a_run_is_never_deleted(root: Path) -> None:
    content = pack_npz(make_squares())
    page = upload(choose_own(show_choice()), "a.npz", content)
    (kept_path, *_) = get_chosen(page)
    Path(str(kept_path)).write_bytes(b"damaged")
    again = choose_own(show_choice(TrainingConfig.create(dataset=kept_path)))
    assert again.error
    assert [Path(name).name for name in list_uploads(root)] == [Path(str(kept_path)).name]


def test_a_path_that_is_too_long_is_refused() -> None:
    page = choose_own(show_choice())
    find(page.text_input, "dataset_path").set_value("x" * 5000).run()
    assert not page.exception
    assert read_error(page).startswith("dataset: got 'xxx")


@pytest.mark.parametrize(
    ("epochs", "message"),
    [
        (10, "Recognizable pictures take about 500 steps: plan 250 epochs or more"),
        (600, ""),
    ],
)
def test_more_epochs_are_suggested_for_few_pictures(epochs: int, message: str) -> None:
    page = upload(
        choose_own(show_choice(TrainingConfig.create(epochs=epochs))),
        "a.npz",
        pack_npz(make_squares()),
    )
    assert ("One epoch of these" in read_captions(page)) is bool(message)
    assert message in read_captions(page)


def test_the_error_of_an_upload_names_the_file_also_under_a_root_with_a_long_path(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer(root / ("deep" * 40))
    monkeypatch.setattr(picture_source, "get_trainer", lambda: trainer)
    page = upload(choose_own(show_choice()), "mine.npz", b"no pictures")
    assert read_error(page).startswith("dataset: 'mine.npz' ")
