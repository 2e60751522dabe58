"""What a person can learn from: the named data sets, and pictures that came by upload.

An upload is kept under the root by a name made from its content alone, so that a run that learned
from it finds it again when it is continued. Nothing removes it once it was read: a run that uses
it may be on another shelf. It imports no Streamlit and no TensorFlow.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePath

NAMES: Mapping[str, str] = {
    "mnist": "MNIST (built in)",
    "keras": "MNIST through Keras",
    "fashion_mnist": "Fashion-MNIST through Keras",
}

UPLOADS = ".datasets"  # Under the root.


def is_upload(path: str) -> bool:
    """Whether a run's data set is an upload, whose file's name is only a number."""
    return Path(path).parent.name == UPLOADS


def save_upload(name: str, content: bytes | memoryview, root: Path) -> tuple[Path, bool]:
    """Keep an upload whole or not at all.

    Returns:
        Where, the same for the same content, and whether it was not there before.

    Raises:
        OSError: If the disk refuses.
    """
    # By its suffix `load_dataset` tells what it is, so it is kept as far as it is a plain word.
    suffix = PurePath(name.lower()).suffix
    suffix = suffix if re.fullmatch(r"\.[a-z0-9-]{1,12}", suffix) else ""
    path = root.absolute() / UPLOADS / f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}"
    if path.exists():
        return path, False
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except OSError:
            Path(file.name).unlink()
            raise
    return path, True
