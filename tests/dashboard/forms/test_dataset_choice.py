"""The choice of the data: named sets, sizes, and folders on the server."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard.own_pictures import own_pictures_panel
from dcgan.config.training_config import TrainingConfig
from dcgan.data_check.check import check_pictures
from tests.dashboard.forms.dataset_page import (
    choose_own,
    get_chosen,
    make_squares,
    pack_npz,
    read_captions,
    read_error,
    show_choice,
    upload,
)
from tests.dashboard.forms.form_page import find

pytestmark = pytest.mark.usefixtures("root")


@pytest.mark.parametrize("name", ["mnist", "keras", "fashion_mnist"])
def test_a_named_set_is_chosen_without_reading_anything(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("read before training")

    monkeypatch.setattr(own_pictures_panel, "get_picture_checks", refuse)
    page = show_choice()
    find(page.selectbox, "dataset_name").set_value(name).run()
    assert not page.exception
    assert get_chosen(page) == (name, "auto", 28, False, True)
    assert ("Downloaded once" in read_captions(page)) == (name != "mnist")
    assert not page.file_uploader


def test_a_preset_or_the_settings_of_a_run_set_the_choice(tmp_path: Path) -> None:
    (tmp_path / "mine.npz").write_bytes(pack_npz(make_squares()))
    path = str(tmp_path / "mine.npz")
    page = show_choice(TrainingConfig.create(dataset=path, polarity="inverted"))
    assert get_chosen(page) == (path, "inverted", 28, False, True)
    page.session_state["default"] = TrainingConfig()
    page.run()
    assert get_chosen(page) == ("mnist", "auto", 28, False, True)


def test_pictures_are_read_in_the_size_and_the_colours_that_are_chosen(root: Path) -> None:
    red = np.zeros((70, 28, 28, 3), np.uint8)
    red[:, :14, :, 0] = 200
    page = upload(choose_own(show_choice()), "red.npz", pack_npz(red))
    find(page.selectbox, "dataset_size").set_value(64).run()
    find(page.toggle, "dataset_color").set_value(True).run()
    assert not page.exception
    others = list(get_chosen(page))[1:]
    assert others == ["auto", 64, True, True]
    config = TrainingConfig.create(**page.session_state["chosen"])
    assert config.image_shape == (64, 64, 3)
    check = check_pictures(config)
    np.testing.assert_array_equal(check.dataset.pixels[0, 0, 0], [200, 0, 0])


def test_a_named_set_may_be_larger_and_is_never_in_colour() -> None:
    page = show_choice(TrainingConfig.create(dataset="own.npz", color=True))
    find(page.selectbox, "dataset_name").set_value("mnist").run()
    find(page.selectbox, "dataset_size").set_value(32).run()
    assert get_chosen(page) == ("mnist", "auto", 32, False, True)


def test_a_folder_on_the_server_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index, image in enumerate(make_squares(num=64)):
        Image.fromarray(image).save(folder / f"{index}.png")
    page = choose_own(show_choice())
    find(page.text_input, "dataset_path").set_value(f" {folder} ").run()
    assert get_chosen(page) == (str(folder), "auto", 28, False, True)
    assert "64 pictures read." in read_captions(page)


def test_the_preview_follows_what_changes_below_the_folder(tmp_path: Path) -> None:
    deep = tmp_path / "deep" / "er"
    deep.mkdir(parents=True)
    for index, image in enumerate(make_squares(num=65)):
        Image.fromarray(image).save(deep / f"{index}.png")
    page = choose_own(show_choice())
    find(page.text_input, "dataset_path").set_value(str(tmp_path)).run()
    assert "65 pictures read." in read_captions(page)
    before = (deep / "3.png").stat()
    (deep / "3.png").write_bytes(b"x" * before.st_size)
    os.utime(deep / "3.png", ns=(before.st_atime_ns, before.st_mtime_ns))  # As old as before.
    page.run()
    assert "64 pictures read, 1 left out (1 not a picture)." in read_captions(page)


@pytest.mark.parametrize(
    ("path", "message"),
    [("/not/there", "there is no such file or folder"), ("mnist", "is the name of a data set")],
)
def test_a_wrong_path_is_refused(path: str, message: str) -> None:
    page = choose_own(show_choice())
    find(page.text_input, "dataset_path").set_value(path).run()
    assert message in read_error(page)
    assert page.session_state["chosen"] is None
