"""The check of own pictures in the form: what is left out, the advice, and a check that runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.own_pictures import own_pictures_panel
from dashboard.process.picture_checks import PictureChecks
from dcgan.config.picture_codes import make_picture_code
from dcgan.config.training_config import TrainingConfig
from dcgan.data_check.check import DataCheck, check_pictures
from dcgan.progress import ProgressCallback
from tests.dashboard.forms.dataset_page import (
    choose_own,
    get_chosen,
    get_selection,
    read_captions,
    read_error,
    show_choice,
)
from tests.dashboard.forms.form_page import find
from tests.dashboard.rendering import list_buttons, press, remove_escapes
from tests.encoding import encode_npz, encode_picture
from tests.picture_files import write_files
from tests.picture_kinds import IMAGES, sort_into

# The white picture, and one of the noise; their codes are sorted, as in the settings.
OUTLIERS = tuple(sorted(map(make_picture_code, ("a/white.png", "b/03.png"))))

pytestmark = pytest.mark.usefixtures("root")


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Return a folder of 72 pictures: noise, a copy and a white one."""
    files = sort_into(("a/", "b/")) | {
        "b/zz.png": encode_picture(IMAGES[0]),
        "a/white.png": encode_picture(np.full((28, 28), 250, np.uint8)),
    }
    return str(write_files(tmp_path / "set", files))


def choose_folder(folder: str, default: TrainingConfig | None = None) -> AppTest:
    """Render the choice, and choose a folder."""
    page = choose_own(show_choice(default))
    find(page.text_input, "dataset_path").set_value(folder).run()
    assert not page.exception
    return page


def test_the_check_shows_what_is_there_and_leaves_nothing_out_by_itself(folder: str) -> None:
    page = choose_folder(folder)
    captions = read_captions(page)
    assert "72 pictures read. 2 classes: a, b." in captions
    assert "20 of them, a row for each class, as the networks will see them:" in captions
    assert "**2 look unlike the others.**" in captions
    assert get_selection(page) == ("keep", ())
    assert "will be learned" not in captions


def test_near_duplicates_are_left_out_on_request(folder: str) -> None:
    page = choose_folder(folder)
    assert find(page.toggle, "dataset_near_duplicates").label == "Leave out 1 near-duplicate"
    find(page.toggle, "dataset_near_duplicates").set_value(True).run()
    assert get_selection(page) == ("leave_out", ())
    assert "71 of 72 pictures will be learned." in read_captions(page)


def test_outliers_are_excluded_and_included_again(folder: str) -> None:
    page = press(choose_folder(folder), "Exclude all 2")
    assert get_selection(page) == ("keep", OUTLIERS)
    assert "70 of 72 pictures will be learned." in read_captions(page)
    assert "Exclude all 2" not in list_buttons(page)
    page = press(page, "Include the 2 excluded again")
    assert get_selection(page) == ("keep", ())


def test_pictures_that_will_be_held_out_are_not_counted_as_learned(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (1_010, 5, 5)).astype(np.uint8)
    images[-10:] = images[0]  # Copies.
    (tmp_path / "own.npz").write_bytes(encode_npz(images=images))
    page = choose_folder(str(tmp_path / "own.npz"))
    held_out = "pictures will be learned. {} are held out to compare with."
    assert f"909 of 1,010 {held_out.format(101)}" in read_captions(page)
    find(page.toggle, "dataset_near_duplicates").set_value(True).run()
    assert f"900 of 1,010 {held_out.format(100)}" in read_captions(page)


def test_another_folder_begins_without_exclusions(folder: str, tmp_path: Path) -> None:
    page = press(choose_folder(folder), "Exclude all 2")
    other = write_files(tmp_path / "other", sort_into(("",)))
    find(page.text_input, "dataset_path").set_value(str(other)).run()
    assert get_selection(page) == ("keep", ())


def test_the_settings_of_a_run_bring_what_it_left_out(folder: str) -> None:
    config = TrainingConfig.create(
        dataset=folder, near_duplicates="leave_out", excluded_pictures=("a/white.png,a/gone.png")
    )
    page = show_choice(config)
    # A picture that is no longer there cannot be excluded.
    assert get_selection(page) == ("leave_out", (make_picture_code("a/white.png"),))
    assert "70 of 72 pictures will be learned." in read_captions(page)


def test_a_named_set_leaves_nothing_out(folder: str) -> None:
    page = press(choose_folder(folder), "Exclude all 2")
    find(page.selectbox, "dataset_name").set_value("mnist").run()
    assert get_selection(page) == ("keep", ())
    find(page.selectbox, "dataset_name").set_value("own").run()
    assert get_selection(page) == ("keep", OUTLIERS)


def encode_colors() -> dict[str, bytes]:
    """Return 70 pictures of 60×60 pixels in colour, by the names of their files."""
    colors = np.random.default_rng(0).integers(0, 255, (70, 60, 60, 3)).astype(np.uint8)
    colors[..., 1] = 0
    return {f"{index}.png": encode_picture(color) for index, color in enumerate(colors)}


def test_new_pictures_are_read_once_with_the_advised_size_and_colour(
    folder: str, tmp_path: Path
) -> None:
    other = str(write_files(tmp_path / "other", encode_colors()))
    page = choose_folder(other)
    assert get_chosen(page)[2:4] == (64, True)
    find(page.text_input, "dataset_path").set_value(folder).run()
    assert get_chosen(page)[2:4] == (28, False)
    find(page.text_input, "dataset_path").set_value(other).run()
    find(page.toggle, "dataset_color").set_value(False).run()
    assert get_chosen(page)[2:4] == (64, False)


def test_a_size_that_a_person_chose_stays(tmp_path: Path) -> None:
    page = show_choice()
    find(page.selectbox, "dataset_size").set_value(32).run()
    page = choose_own(page)
    path = write_files(tmp_path / "set", encode_colors())
    find(page.text_input, "dataset_path").set_value(str(path)).run()
    assert get_chosen(page)[2:4] == (32, False)


def test_advice_is_taken_with_one_click(tmp_path: Path) -> None:
    files = encode_colors()
    files["copy.png"] = files["0.png"]
    page = choose_folder(str(write_files(tmp_path / "set", files)))
    text = remove_escapes("\n".join(str(part.value) for part in page.markdown))
    assert "**Size:** learn 64 × 64 pixels (all are 60 × 60)" in text
    page = press(page, "Use these settings")
    assert get_chosen(page)[2:4] == (64, True)
    assert get_selection(page)[0] == "leave_out"


def test_a_click_right_after_the_advice_was_taken_does_not_undo_it(tmp_path: Path) -> None:
    files = encode_colors()
    files["copy.png"] = files["0.png"]
    page = choose_folder(str(write_files(tmp_path / "set", files)))
    find(page.selectbox, "dataset_size").set_value(32).run()
    find(page.toggle, "dataset_color").set_value(False).run()
    before = page._tree.get_widget_states()
    page = press(page, "Use these settings")
    page._run(before)  # A browser that does not show the new values sends the old ones.
    assert get_chosen(page)[2:4] == (64, True)
    assert get_selection(page)[0] == "leave_out"


def test_a_running_check_shows_its_progress_and_can_be_cancelled(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, may_go_on = threading.Event(), threading.Event()

    def check_slowly(config: TrainingConfig, progress: ProgressCallback) -> DataCheck:
        def wait() -> Iterator[int]:
            yield 0
            has_begun.set()
            assert may_go_on.wait(60)
            yield 1

        list(progress(wait(), "Reading the pictures", 2))
        return check_pictures(config, progress)

    checks = PictureChecks(check_slowly)
    monkeypatch.setattr(own_pictures_panel, "get_picture_checks", lambda: checks)
    monkeypatch.setattr(own_pictures_panel, "_PATIENCE", 0.0)
    page = choose_folder(folder)
    assert has_begun.wait(60)
    page.run()
    assert "Cancel the check" in list_buttons(page)
    assert page.session_state["chosen"] is not None  # Training may start before the check ends.
    page = press(page, "Cancel the check")
    may_go_on.set()
    (running,) = checks._checks.values()
    assert running.wait(60)
    page.run()
    assert "The check was cancelled." in read_captions(page)
    page = press(page, "Check these pictures")
    (running,) = checks._checks.values()
    assert running.wait(60)
    page.run()
    assert "72 pictures read." in read_captions(page)


def test_too_few_pictures_that_are_left_cannot_be_learned(tmp_path: Path) -> None:
    copies = {f"{index}.png": encode_picture(IMAGES[0]) for index in range(70)}
    page = choose_folder(str(write_files(tmp_path / "set", copies)))
    text = remove_escapes("\n".join(str(part.value) for part in page.markdown))
    assert "**Number:** only 1 picture without near-duplicates" in text
    find(page.toggle, "dataset_near_duplicates").set_value(True).run()
    assert read_error(page) == "Too few pictures are left: 1; at least 64 are needed."
    assert page.session_state["chosen"] is None
