"""The place of own pictures: an upload, or a folder or file on the computer that trains."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.access import permissions
from dashboard.components import field_keys
from dashboard.components.plain_text import escape_markdown
from dashboard.process import picture_sets
from dashboard.process.storage_limits import LimitError
from dashboard.state.trainer import get_trainer
from dcgan.config.config_text import replace_path_in_text
from dcgan.errors import ConfigError, DatasetError
from dcgan.pictures.picture_limits import MIN_IMAGES

# Keys of the session.
_PATH = "dataset_path"  # Of the text field, for `field_keys`.
_UPLOAD = "dataset_upload"
_UPLOADED = "dataset_uploaded"  # Path of the last upload; "" without one.
_UNREAD = "dataset_unread"  # Path of a new upload that was not read successfully yet.
_PROBLEM = "dataset_problem"  # The error of the last upload.


def choose(path: str) -> None:
    """Choose an upload or a path on the server, such as that of a run; "" for none."""
    is_upload = picture_sets.is_upload(path)
    st.session_state[_UPLOADED] = path if is_upload else ""
    field_keys.set_value(_PATH, "" if is_upload else path)


# For operators only, as it reads any path on the server.
@permissions.operators_only
def ask_for_path() -> str:
    """Render the fields of the upload and the folder; return the path of the pictures, or ""."""
    upload = st.file_uploader(
        "A .zip of pictures, or a .npz, .npy, IDX or .csv file of them",
        key=_UPLOAD,
        on_change=_keep_upload,
        help=f"At least {MIN_IMAGES} pictures of any size and proportions. The sub-folders of a "
        ".zip are the classes of its pictures. An array has the shape (num_images, height, width), "
        "for colours with a last axis of 3; a table has one row for each picture.",
    )
    if st.session_state[_UPLOADED] and upload is None:  # Another page was shown since.
        st.caption("The pictures from the last upload are used.")
    with st.expander("A folder on the server instead", icon=":material/folder:"):
        st.text_input(
            "Path of a folder or a file on the computer that trains",
            key=field_keys.get_key(_PATH),
            persist_state="session",
        )
    path = str(field_keys.get_value(_PATH)).strip()
    return path or str(st.session_state[_UPLOADED])


@permissions.operators_only
def _keep_upload() -> None:
    """Save an upload under the root; drop the choice when the upload is removed."""
    upload = st.session_state[_UPLOAD]
    choose("")
    st.session_state.pop(_PROBLEM, None)
    if upload is None:
        return
    trainer = get_trainer()
    try:
        trainer.limits.check_bytes(trainer.root, upload.size)
        path, is_new = picture_sets.save_upload(upload.name, upload.getvalue(), trainer.root)
    except LimitError as error:
        st.session_state[_PROBLEM] = f"The file was not saved: {error}"
    except OSError as error:
        st.session_state[_PROBLEM] = f"The file could not be saved: {error}."
    else:
        choose(str(path))
        st.session_state[_UNREAD] = str(path) if is_new else ""


def render_upload_problem() -> None:
    """Render why the last upload is not used, if there was one."""
    if problem := st.session_state.get(_PROBLEM, ""):
        st.error(escape_markdown(problem), icon=":material/error:")


@permissions.operators_only
def render_read_error(path: str, error: ConfigError | DatasetError, *, may_be_usable: bool) -> None:
    """Render why pictures cannot be read, and delete a new upload that is never usable.

    Args:
        path: Path of the pictures.
        error: The error.
        may_be_usable: Whether other settings, such as another size, may make them usable.
    """
    message = str(error)
    if (upload := st.session_state[_UPLOAD]) is not None:  # Name the file as the person knows it.
        message = replace_path_in_text(message, path, repr(upload.name)[1:-1])
    # A file that was there before is kept, as a run may need it.
    is_new = path == st.session_state.get(_UNREAD)
    if is_new and isinstance(error, DatasetError) and not may_be_usable:
        picture_sets.delete_upload(Path(path))
        st.session_state[_UPLOADED] = ""
        st.session_state[_PROBLEM] = message
    st.error(escape_markdown(message), icon=":material/error:")


def record_read() -> None:
    """Record that the pictures could be read: an upload is never deleted after that."""
    st.session_state.pop(_UNREAD, None)
