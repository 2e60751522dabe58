"""A page with nothing but the choice of the data, as its tests render, fill in and read it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.forms import dataset_choice
from dcgan.config.training_config import TrainingConfig
from tests.dashboard.forms.form_page import find


def script() -> None:
    """Render the choice alone and note its result."""
    import streamlit as st

    from dashboard.forms.dataset_choice import ask_for_dataset
    from dcgan.config.training_config import TrainingConfig

    default = st.session_state.get("default", TrainingConfig())
    st.session_state["chosen"] = ask_for_dataset(default)


def show_choice(default: TrainingConfig | None = None) -> AppTest:
    """Render the choice for the first time."""
    page = AppTest.from_function(script, default_timeout=60)
    if default is not None:
        page.session_state["default"] = default
    page.run()
    assert not page.exception
    return page


def choose_own(page: AppTest) -> AppTest:
    """Choose own pictures."""
    find(page.selectbox, "dataset_name").set_value("own").run()
    return page


def get_chosen(page: AppTest) -> tuple[object, ...]:
    """Return the chosen values: data set, polarity, size, whether in colour, and with classes."""
    values: dict[str, object] = page.session_state["chosen"]
    assert tuple(values) == dataset_choice.DATASET_SETTINGS
    return tuple(values.values())[:5]


def get_selection(page: AppTest) -> tuple[object, ...]:
    """Return what is left out: near-duplicates, and the codes of excluded pictures."""
    values: dict[str, object] = page.session_state["chosen"]
    return values["near_duplicates"], values["excluded_pictures"]


def read_captions(page: AppTest) -> str:
    """Return the captions without Markdown's escapes."""
    return "\n".join(str(c.value) for c in page.caption).replace("\\", "").replace("\u2060", "")


def read_error(page: AppTest) -> str:
    """Return the one error without Markdown's escapes."""
    assert len(page.error) == 1
    return str(page.error[0].value).replace("\\", "").replace("\u2060", "")


def make_squares(shade: int = 255, background: int = 0, num: int = 70) -> np.ndarray:
    """Make pictures of one square each, uint8 (num, 28, 28)."""
    images = np.full((num, 28, 28), background, np.uint8)
    images[:, 8:20, 8:20] = shade
    return images


def pack_npz(images: np.ndarray) -> bytes:
    """Pack pictures as a .npz."""
    buffer = io.BytesIO()
    np.savez(buffer, images=images)
    return buffer.getvalue()


def pack_zip(images: np.ndarray) -> bytes:
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
    """Upload a file."""
    page.file_uploader(key="dataset_upload").set_value(
        (name, content, "application/octet-stream")
    ).run()
    assert not page.exception
    return page


def list_uploads(root: Path) -> list[str]:
    """Return the paths of the saved uploads; that of a folder if it is empty."""
    uploads = root / ".datasets"
    paths = [path for path in uploads.rglob("*") if path.is_file() or not list(path.iterdir())]
    return sorted(path.relative_to(uploads).as_posix() for path in paths)
