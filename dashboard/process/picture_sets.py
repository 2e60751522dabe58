"""Uploaded pictures: files under the root, each in a folder named by its content.

A resumed run finds its upload by this path. No upload that could be read is deleted, because a run
under another root may use it. Imports neither Streamlit nor TensorFlow.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path, PurePath

from dcgan.files.whole_files import write_atomically

UPLOADS = ".datasets"  # Under the root.
_MAX_STEM = 80  # Characters.


def is_upload(path: str) -> bool:
    """Return whether the path of a data set is an upload."""
    # Uploads of older versions have no folder of their own.
    return UPLOADS in (Path(path).parent.name, Path(path).parent.parent.name)


def has_hash_name(path: str) -> bool:
    """Return whether the file name of an upload is a hash, as in older versions."""
    return Path(path).parent.name == UPLOADS


def save_upload(file_name: str, content: bytes, root: Path) -> tuple[Path, bool]:
    """Store an upload under the name that it came with.

    Args:
        file_name: Its name; folders in it are left out. Runs are named by it.
        content: The bytes of the file.
        root: The folder of the runs.

    Returns:
        Path of the file, and whether the file is new: the same content is stored once, under the
        name that it had first.

    Raises:
        OSError: If it cannot be written.
    """
    folder = root.absolute() / UPLOADS / hashlib.sha256(content).hexdigest()[:16]
    for stored in folder.glob("[!.]*"):
        if stored.suffix != ".tmp":  # The partial file of another tab, or of a crash.
            return stored, False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # Private to this account.
    path = folder / _clean_name(file_name)
    try:
        write_atomically(path, content)
    except OSError:
        with contextlib.suppress(OSError):
            folder.rmdir()
        raise
    return path, True


def delete_upload(path: Path) -> None:
    """Delete an upload and its folder."""
    path.unlink(missing_ok=True)
    if path.parent.parent.name == UPLOADS:
        with contextlib.suppress(OSError):  # Another file is in it.
            path.parent.rmdir()


def _clean_name(file_name: str) -> str:
    """Return a name that any file system takes.

    `load_dataset` needs the suffix; a suffix with other characters than usual is dropped.
    """
    name = PurePath(file_name.replace("\\", "/")).name
    suffix = PurePath(name.lower()).suffix
    suffix = suffix if re.fullmatch(r"\.[a-z0-9-]{1,12}", suffix) else ""
    stem = "".join(c if c.isalnum() or c in " ._-()+,&" else "_" for c in PurePath(name).stem)
    # At most 160 bytes: a name has at most 255, also that of the temporary file.
    stem = stem.strip(" .")[:_MAX_STEM].encode()[:160].decode(errors="ignore").strip(" .")
    return f"{stem or 'pictures'}{suffix}"
