"""Names of files and folders: safe names, free names, and names of a step's files."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from dcgan.errors import RunError

# Windows takes such a name for a device, also with a suffix.
_WINDOWS_DEVICE = re.compile(r"con|prn|aux|nul|(com|lpt)\d")


def is_text(name: str) -> bool:
    """Return whether the name of a file is text: other bytes than UTF-8 can be names on Linux."""
    try:
        name.encode()
    except UnicodeEncodeError:  # Python keeps such a byte as a lone surrogate.
        return False
    return True


def slugify(text: str, fallback: str = "run") -> str:
    """Turn any text into a folder name of 1 to 60 lower-case letters, digits and hyphens.

    Args:
        text: The text.
        fallback: The name for a text without any Latin letter or digit.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if _WINDOWS_DEVICE.fullmatch(slug):
        slug = f"{fallback}-{slug}"
    return slug[:60].rstrip("-") or fallback


def find_free_path(path: Path, *, reserved: Collection[str] = ()) -> Path:
    """Return the path, or the first of path-2, path-3, … that is neither taken nor reserved."""
    number, candidate = 2, path
    while candidate.exists() or candidate.is_symlink() or candidate.name in reserved:
        candidate = path.with_name(f"{path.name}-{number}")
        number += 1
    return candidate


def make_dated_folder(root: Path, title: str) -> Path:
    """Make an empty folder under a root, named after a title and the time, and return its path.

    Raises:
        OSError: If the disk refuses.
    """
    stem = f"{slugify(title)}-{datetime.now():%Y%m%d-%H%M%S}"
    root.mkdir(parents=True, exist_ok=True)
    while True:
        path = find_free_path(root / stem)
        with contextlib.suppress(FileExistsError):  # Another process made it first.
            path.mkdir()
            return path.resolve()


def make_empty_folder(path: Path, advice: str) -> Path:
    """Make a folder that a person named, unless it exists and is empty; return its full path.

    Args:
        path: The folder.
        advice: What to do if the folder has content; added to the error.

    Raises:
        RunError: If the folder has content, or is a file.
        OSError: If the file system refuses.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise RunError(f"{path} exists and is not empty; {advice}.")
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


def format_step_name(step: int, suffix: str) -> str:
    """Return the name of a step's file, such as step-00000938.png; names sort like steps."""
    return f"step-{step:08d}{suffix}"


def list_steps(folder: Path, suffix: str) -> list[int]:
    """Return the steps of all files in a folder that `format_step_name` named, ascending.

    Returns:
        An empty list if there is no such folder, or this process may not read it.

    Raises:
        OSError: If the disk cannot be read, which does not mean that there are no files.
    """
    try:
        names = os.listdir(folder)  # noqa: PTH208 - `glob` hides errors of the disk (3.13).
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
    steps = []
    for name in names:
        digits = name.removeprefix("step-").removesuffix(suffix)
        if digits.isdecimal() and name == format_step_name(int(digits), suffix):
            steps.append(int(digits))
    return sorted(steps)
