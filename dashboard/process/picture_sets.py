"""Uploaded pictures: files under the root, named by their content.

A resumed run finds its upload by this name. An upload that was read is never deleted, because a
run under another root may use it. Imports neither Streamlit nor TensorFlow.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePath

from dcgan.files.whole_files import write_atomically

UPLOADS = ".datasets"  # Under the root.


def is_upload(path: str) -> bool:
    """Return whether a data set is an upload; its file name is then a hash, not for people."""
    return Path(path).parent.name == UPLOADS


def save_upload(name: str, content: bytes, root: Path) -> tuple[Path, bool]:
    """Store an upload.

    Returns:
        Its path, which is the same for the same content, and whether the file is new.

    Raises:
        OSError: If it cannot be written.
    """
    # `load_dataset` needs the suffix; one with other characters is dropped.
    suffix = PurePath(name.lower()).suffix
    suffix = suffix if re.fullmatch(r"\.[a-z0-9-]{1,12}", suffix) else ""
    path = root.absolute() / UPLOADS / f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
    if path.exists():
        return path, False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # Private to this account.
    write_atomically(path, content)
    return path, True
