"""Uploaded pictures: files under the root, named by their content.

A resumed run finds its upload by this name. No upload that could be read is deleted, because a run
under another root may use it. Imports neither Streamlit nor TensorFlow.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePath

from dcgan.files.whole_files import write_atomically

UPLOADS = ".datasets"  # Under the root.


def is_upload(path: str) -> bool:
    """Return whether the path of a data set is an upload, whose file name is a hash."""
    return Path(path).parent.name == UPLOADS


def save_upload(file_name: str, content: bytes, root: Path) -> tuple[Path, bool]:
    """Store an upload.

    Returns:
        Path of the file, which depends on the content only, and whether the file is new.

    Raises:
        OSError: If it cannot be written.
    """
    # `load_dataset` needs the suffix; a suffix with other characters is dropped.
    suffix = PurePath(file_name.lower()).suffix
    suffix = suffix if re.fullmatch(r"\.[a-z0-9-]{1,12}", suffix) else ""
    path = root.absolute() / UPLOADS / f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
    if path.exists():
        return path, False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # Private to this account.
    write_atomically(path, content)
    return path, True
