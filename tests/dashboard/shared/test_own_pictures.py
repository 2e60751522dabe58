"""The choice of the data set: named sets at no cost, own pictures kept, read and previewed."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.shared import own_pictures
from dashboard.state import picture_sets
from dashboard.state.storage_limits import StorageLimits
from dashboard.state.trainer import Trainer
from dcgan.config import TrainingConfig
from dcgan.data.datasets import load_dataset


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let uploads be kept under a folder of this test."""
    trainer = Trainer(tmp_path / "shelf")
    monkeypatch.setattr(own_pictures, "process_trainer", lambda: trainer)
    return trainer.root


def script() -> None:
    """Draw the choice alone and keep what it returns."""
    import streamlit as st

    from dashboard.shared.own_pictures import choose_dataset
    from dcgan.config import TrainingConfig

    default = st.session_state.get("default", TrainingConfig())
    st.session_state["chosen"] = choose_dataset(default)


def show(default: TrainingConfig | None = None) -> AppTest:
    """Draw the choice for the first time."""
    page = AppTest.from_function(script, default_timeout=60)
    if default is not None:
        page.session_state["default"] = default
    page.run()
    assert not page.exception
    return page


def own(page: AppTest) -> AppTest:
    """Choose own pictures."""
    page.selectbox(key="dataset_name").set_value("own").run()
    return page


def chosen(page: AppTest) -> tuple[object, ...]:
    """Return what is chosen: data set, polarity, size, and whether in colour."""
    values: dict[str, object] = page.session_state["chosen"]
    assert tuple(values) == own_pictures.CHOSEN
    return tuple(values.values())


def captions(page: AppTest) -> str:
    """Return what the captions say, Markdown's escapes taken out."""
    return "\n".join(str(c.value) for c in page.caption).replace("\\", "").replace("\u2060", "")


def error(page: AppTest) -> str:
    """Return the one error, Markdown's escapes taken out."""
    assert len(page.error) == 1
    return str(page.error[0].value).replace("\\", "").replace("\u2060", "")


def squares(shade: int = 255, background: int = 0, num: int = 70) -> np.ndarray:
    """Make pictures of one square each, uint8 (num, 28, 28)."""
    images = np.full((num, 28, 28), background, np.uint8)
    images[:, 8:20, 8:20] = shade
    return images


def npz(images: np.ndarray) -> bytes:
    """Pack pictures as a .npz."""
    buffer = io.BytesIO()
    np.savez(buffer, images=images)
    return buffer.getvalue()


def zipped(images: np.ndarray) -> bytes:
    """Pack pictures as PNG files in a .zip, with a text beside them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for index, image in enumerate(images):
            png = io.BytesIO()
            Image.fromarray(image).save(png, "PNG")
            archive.writestr(f"{index:03}.png", png.getvalue())
        archive.writestr("read me.txt", "pictures")
    return buffer.getvalue()


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    """Hand in a file."""
    page.file_uploader(key="dataset_upload").set_value(
        (name, content, "application/octet-stream")
    ).run()
    assert not page.exception
    return page


def kept(root: Path) -> list[str]:
    """Return the names of the kept uploads."""
    return sorted(path.name for path in (root / ".datasets").glob("*"))


# Named sets.


@pytest.mark.parametrize("name", ["mnist", "keras", "fashion_mnist"])
def test_a_named_set_is_chosen_without_reading_anything(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("read before training")

    monkeypatch.setattr(own_pictures, "load_configured_dataset", refuse)
    page = show()
    page.selectbox(key="dataset_name").set_value(name).run()
    assert not page.exception
    assert chosen(page) == (name, "auto", 28, False)
    assert ("Downloaded once" in captions(page)) == (name != "mnist")
    assert not page.file_uploader


def test_a_preset_or_another_runs_settings_take_the_choice_over(tmp_path: Path) -> None:
    (tmp_path / "mine.npz").write_bytes(npz(squares()))
    path = str(tmp_path / "mine.npz")
    page = show(TrainingConfig.create(dataset=path, polarity="inverted"))
    assert chosen(page) == (path, "inverted", 28, False)
    page.session_state["default"] = TrainingConfig()
    page.run()
    assert chosen(page) == ("mnist", "auto", 28, False)


# Uploads.


def test_an_upload_for_which_there_is_no_room_is_refused_in_words(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = npz(squares())
    trainer = Trainer(root, StorageLimits(max_disk_gb=(len(content) - 1) / 10**9))
    monkeypatch.setattr(own_pictures, "process_trainer", lambda: trainer)
    page = upload(own(show()), "mine.npz", content)
    assert error(page).startswith("The file was not saved: The runs take 0 MB, ")
    assert kept(root) == []
    assert page.session_state["chosen"] is None


def test_nothing_is_chosen_before_there_are_pictures() -> None:
    page = own(show())
    assert page.session_state["chosen"] is None
    assert not page.error


@pytest.mark.parametrize("suffix", [".npz", ".zip"])
def test_an_upload_is_kept_by_its_content_and_read(root: Path, suffix: str) -> None:
    content = npz(squares()) if suffix == ".npz" else zipped(squares())
    page = upload(own(show()), f"../My Digits{suffix.upper()}", content)
    path = root / ".datasets" / f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
    assert chosen(page) == (str(path), "auto", 28, False)
    assert path.read_bytes() == content
    assert kept(root) == [path.name]
    left_out = (
        ", 1 left out (1 not a picture). Left out: read me.txt (not a picture)"
        if suffix == ".zip"
        else ""
    )
    assert f"70 pictures read{left_out}.\nThe first 40, as" in captions(page)
    np.testing.assert_array_equal(load_dataset(str(path)).pixels[..., 0], squares())


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("own.NPY", ".npy"),
        ("train-images.idx3-ubyte", ".idx3-ubyte"),
        ("train-images-idx3-ubyte", ""),
        ("train-images-idx3-ubyte.gz", ".gz"),
        ("../../a.csv", ".csv"),
        ("a.../x", ""),
        ("a.b c", ""),
        ("a." + "x" * 300, ""),
    ],
)
def test_an_upload_keeps_a_plain_suffix_which_tells_its_kind(
    root: Path, name: str, suffix: str
) -> None:
    path, is_new = picture_sets.save_upload(name, b"pictures", root)
    assert is_new
    assert path == root / ".datasets" / f"{hashlib.sha256(b'pictures').hexdigest()[:16]}{suffix}"
    assert path.read_bytes() == b"pictures"


def test_mnists_own_file_is_uploaded_and_read(root: Path) -> None:
    data = struct.pack(">HBB3I", 0, 8, 3, 70, 28, 28) + squares().tobytes()
    page = upload(own(show()), "train-images-idx3-ubyte.gz", gzip.compress(data))
    assert "70 pictures read." in captions(page)
    np.testing.assert_array_equal(load_dataset(str(chosen(page)[0])).pixels[..., 0], squares())


def test_an_upload_that_is_not_read_is_named_with_the_way_out(root: Path) -> None:
    page = upload(own(show()), "own.mat", b"MATLAB 5.0 MAT-file")
    assert "'own.mat' is a MATLAB file, which is not read: save with np.save" in error(page)
    assert page.session_state["chosen"] is None
    assert kept(root) == []


def test_what_was_left_out_and_stretched_is_shown(tmp_path: Path) -> None:
    for index, image in enumerate(squares(1)):
        Image.fromarray(image).save(tmp_path / f"{index}.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "0.png").read_bytes()[:60])
    page = own(show())
    page.text_input(key="dataset_path").set_value(str(tmp_path)).run()
    assert "70 pictures read, 1 left out (1 damaged), values 0 to 1 stretched" in captions(page)
    assert "Left out: cut.png (damaged: " in captions(page)


def test_the_same_upload_is_kept_once_and_its_polarity_can_be_set(root: Path) -> None:
    page = upload(own(show()), "a.npz", npz(squares(0, 255)))
    assert "inverted: light borders" in captions(page)
    page.segmented_control(key="dataset_polarity").set_value("as_is").run()
    path, polarity, *_ = chosen(page)
    assert polarity == "as_is"
    assert "inverted" not in captions(page)
    again = upload(own(show()), "b.npz", npz(squares(0, 255)))
    assert chosen(again) == (path, "auto", 28, False)
    assert len(kept(root)) == 1


def test_an_unusable_upload_is_refused_under_the_name_it_came_with() -> None:
    page = upload(own(show()), "few.npz", npz(squares(num=3)))
    assert page.session_state["chosen"] is None
    assert "expected 64 to 1,000,000 pictures" in error(page)
    assert "'few.npz'" in error(page)
    upload(page, "more.npz", npz(squares(num=64)))
    assert not page.error
    assert page.session_state["chosen"] is not None


def test_a_full_disk_is_said_and_leaves_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int) -> None:
        raise OSError(28, "No space left on device")

    page = own(show())
    monkeypatch.setattr("os.fsync", refuse)
    upload(page, "a.npz", npz(squares()))
    assert "The file could not be saved: [Errno 28] No space left on device." in error(page)
    assert page.session_state["chosen"] is None
    assert kept(root) == []


def test_an_upload_of_a_run_stays_whatever_is_asked_of_it(root: Path) -> None:
    content = npz(squares())
    page = upload(own(show()), "a.npz", content)
    (kept_path, *_) = chosen(page)
    Path(str(kept_path)).write_bytes(b"damaged")
    again = own(show(TrainingConfig.create(dataset=kept_path)))
    assert again.error
    assert kept(root) == [Path(str(kept_path)).name]


def test_a_path_that_is_too_long_is_a_sentence() -> None:
    page = own(show())
    page.text_input(key="dataset_path").set_value("x" * 5000).run()
    assert not page.exception
    assert error(page).startswith("dataset: got 'xxx")


@pytest.mark.parametrize(
    ("epochs", "words"),
    [
        (10, "An epoch of these is 2 steps. A first likeness takes about 500, so plan 250"),
        (600, ""),
    ],
)
def test_few_pictures_are_told_to_take_many_epochs(epochs: int, words: str) -> None:
    page = upload(own(show(TrainingConfig.create(epochs=epochs))), "a.npz", npz(squares()))
    assert ("An epoch of these" in captions(page)) is bool(words)
    assert words in captions(page)


# Size and colour.


def test_pictures_are_read_in_the_size_and_the_colours_that_are_chosen(root: Path) -> None:
    red = np.zeros((70, 28, 28, 3), np.uint8)
    red[:, :14, :, 0] = 200
    page = upload(own(show()), "red.npz", npz(red))
    page.selectbox(key="dataset_size").set_value(64).run()
    page.toggle(key="dataset_color").set_value(True).run()
    assert not page.exception
    others = list(chosen(page))[1:]
    assert others == ["auto", 64, True]
    config = TrainingConfig.create(**page.session_state["chosen"])
    assert config.image_shape == (64, 64, 3)
    shown = own_pictures._read(config, "")
    np.testing.assert_array_equal(shown.pixels[0, 0, 0], [200, 0, 0])


def test_a_named_set_may_be_larger_and_is_never_in_colour() -> None:
    page = show(TrainingConfig.create(dataset="own.npz", color=True))
    page.selectbox(key="dataset_name").set_value("mnist").run()
    page.selectbox(key="dataset_size").set_value(32).run()
    assert chosen(page) == ("mnist", "auto", 32, False)


# Folders on the server.


def test_a_folder_on_the_server_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index, image in enumerate(squares(num=64)):
        Image.fromarray(image).save(folder / f"{index}.png")
    page = own(show())
    page.text_input(key="dataset_path").set_value(f" {folder} ").run()
    assert chosen(page) == (str(folder), "auto", 28, False)
    assert "64 pictures read." in captions(page)


def test_the_preview_follows_what_changes_below_the_folder(tmp_path: Path) -> None:
    deep = tmp_path / "deep" / "er"
    deep.mkdir(parents=True)
    for index, image in enumerate(squares(num=65)):
        Image.fromarray(image).save(deep / f"{index}.png")
    page = own(show())
    page.text_input(key="dataset_path").set_value(str(tmp_path)).run()
    assert "65 pictures read." in captions(page)
    first = own_pictures._stamp(str(tmp_path))
    assert own_pictures._stamp(str(tmp_path)) == first  # What stays is not read again.
    before = (deep / "3.png").stat()
    (deep / "3.png").write_bytes(b"x" * before.st_size)
    os.utime(deep / "3.png", ns=(before.st_atime_ns, before.st_mtime_ns))  # As old as before.
    page.run()
    assert "64 pictures read, 1 left out (1 not a picture)." in captions(page)


def test_looking_through_a_large_folder_is_not_repeated_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([10.0, 12.0, 13.0, 40.0, 40.1])  # The first look takes two seconds.
    looks = iter(["first", "second"])
    monkeypatch.setattr(own_pictures, "stamp", lambda path: next(looks))
    monkeypatch.setattr("dashboard.shared.own_pictures.time.monotonic", lambda: next(seconds))
    assert [own_pictures._stamp(str(tmp_path)) for _ in range(3)] == ["first", "first", "second"]


@pytest.mark.parametrize(
    ("path", "message"),
    [("/not/there", "there is no such file or folder"), ("mnist", "is the name of a data set")],
)
def test_a_path_that_leads_nowhere_is_said(path: str, message: str) -> None:
    page = own(show())
    page.text_input(key="dataset_path").set_value(path).run()
    assert message in error(page)
    assert page.session_state["chosen"] is None
