"""Files of a run: written whole or not at all, read with a sentence, named safely.

Owns how bytes get on to a disk so that a death at any moment leaves the old file or the new one,
how a JSON file becomes a model, and which names are safe, free and in order. What a disk refuses
and what is found damaged becomes a `RunError`. It knows neither which files make a run nor what
is in them.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from dcgan.errors import (
    FAILED,
    DCGANError,
    DiskWriteError,
    RunError,
    UnreadableFileError,
    UnwritablePathError,
)

_Model = TypeVar("_Model", bound=BaseModel)

# A path where nothing can be written, however much space the disk has.
_WRONG_PLACE = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST),
    *(errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL),
)


# Writing and reading.


@contextlib.contextmanager
def translate_write_errors(path: Path) -> Iterator[None]:
    """Turn what a disk refuses into a sentence.

    Args:
        path: What is being written; it is named in the sentence.

    Raises:
        DiskWriteError: In place of an `OSError`; a UnwritablePathError where `is_path_error`.
    """
    try:
        yield
    except OSError as error:
        mend = "free some space, or check that you may write there."
        if isinstance(error, FileNotFoundError):
            mend = "the folder was moved or deleted; put it back."
        kind = UnwritablePathError if is_path_error(error) else DiskWriteError
        raise kind(f"cannot write to {path}: {error.strerror or error}; {mend}") from error


def is_path_error(error: OSError) -> bool:
    """Whether the path is to blame for an error, and not the disk, such as a full one."""
    return error.errno in _WRONG_PLACE


def write_json(path: Path, data: Mapping[str, object]) -> None:
    """Write a JSON file whole or not at all; what UTF-8 cannot say becomes "?".

    Raises:
        OSError: If the disk refuses.
    """
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, text.encode(errors="replace"))


def write_atomically(path: Path, data: bytes | memoryview | Iterable[bytes]) -> None:
    """Write a file so that, whatever happens, either the old or the new one is there.

    A death while it is written leaves a file beside it whose name ends in `.tmp`.

    Args:
        path: The file.
        data: What it will hold; pieces are written as they come, so they may be made from the
            old file.

    Raises:
        OSError: If the disk refuses; nothing is left beside the old file then, nor if a piece
            cannot be made.
    """
    with staged_write(path, data):
        pass


@contextlib.contextmanager
def staged_write(path: Path, data: bytes | memoryview | Iterable[bytes]) -> Iterator[None]:
    """Write a file as `write_atomically` does, and put it into place when the block has ended.

    What the block does is done with the room on the disk already taken; where it fails, the old
    file stays.

    Args:
        path, data: As of `write_atomically`.

    Raises:
        OSError: If the disk refuses.
    """
    # A name of its own for each writer: two tabs may write one label at once.
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("wb") as file:
            file.writelines([data] if isinstance(data, bytes | memoryview) else data)
            file.flush()
            os.fsync(file.fileno())
        yield
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def append_or_undo(path: Path, data: bytes) -> None:
    """Add to a file's end whole or not at all; a file that is not there is made.

    Raises:
        OSError: If the disk refuses; the file is as it was then.
    """
    with path.open("ab", buffering=0) as file:
        size = file.tell()
        try:
            if file.write(data) != len(data):  # A disk that fills up takes a part.
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            # Else what comes next, when there is room again, would be spoiled with it.
            file.truncate(size)
            raise


def read_model(path: Path, kind: type[_Model]) -> _Model:
    """Read a JSON file of a run's folder, and check it.

    Args:
        path: The file, in the run's folder.
        kind: The pydantic model of what it holds.

    Raises:
        RunError: If it is missing; if it cannot be read or holds something else, an
            UnreadableFileError. Names the run, the file and the first thing that is wrong.
    """
    name = path.parent.name
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise RunError(
            f"{name} is not a whole run: {path.name} is missing; take it from a good copy."
        ) from None
    except OSError as error:
        raise UnreadableFileError(
            f"{name}: {path.name} cannot be read ({error.strerror}); check that it is a file that "
            "you may read."
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"{part}: " for part in first["loc"])
        raise UnreadableFileError(
            f"{name}: {path.name} is damaged ({where}{first['msg']}); take it from a good copy."
        ) from None


# Names.


def slugify(name: str) -> str:
    """Map any text to a short folder name of letters, digits and hyphens."""
    slug = "".join(c if c.isalnum() and c.isascii() else "-" for c in name.lower()).strip("-")
    return slug[:60] or "run"


def find_free_path(path: Path, *, reserved: Collection[str] = ()) -> Path:
    """Return the path, or the first of path-2, path-3, … that is neither taken nor reserved."""
    number, candidate = 2, path
    while candidate.exists() or candidate.is_symlink() or candidate.name in reserved:
        candidate = path.with_name(f"{path.name}-{number}")
        number += 1
    return candidate


def make_dated_folder(root: Path, name: str) -> Path:
    """Make an empty folder under a root, called by a name and the time, and return its path.

    Raises:
        OSError: If the disk refuses.
    """
    stem = f"{slugify(name)}-{datetime.now():%Y%m%d-%H%M%S}"
    root.mkdir(parents=True, exist_ok=True)
    while True:
        path = find_free_path(root / stem)
        with contextlib.suppress(FileExistsError):  # Another process was quicker.
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
        raise RunError(f"{path} is there and not empty; {advice}.")
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


def format_step_name(step: int, suffix: str) -> str:
    """Return the name of a step's file, such as step-00000938.png: sorted by name, by step."""
    return f"step-{step:08d}{suffix}"


def list_steps(folder: Path, suffix: str) -> list[int]:
    """Return the steps of files called as `format_step_name` calls them, ascending."""
    found = []
    for path in folder.glob(f"step-*{suffix}"):
        digits = path.name.removeprefix("step-").removesuffix(suffix)
        if digits.isdecimal() and path.name == format_step_name(int(digits), suffix):
            found.append(int(digits))
    return sorted(found)


class OutputError(DCGANError):
    """A file to write to has an ending or a place that will not do."""


class OutputWriteError(OutputError):
    """The disk refuses to write a file, such as one that is full."""

    exit_code = FAILED


def make_output_error(out: Path, error: OSError) -> OutputError:
    """Return the error that says why a file cannot be written."""
    kind = OutputError if is_path_error(error) else OutputWriteError
    return kind(f"--out: cannot write {out}: {error}.")


def check_output_folder(out: Path) -> None:
    """Refuse a file whose folder is not there, before any work is done.

    Raises:
        OutputError: Says so.
    """
    try:
        is_there = out.absolute().parent.is_dir()
    except OSError as error:  # A name too long, or a folder that may not be entered.
        raise OutputError(f"--out: cannot write {out}: {error.strerror}.") from error
    if not is_there:
        raise OutputError(f"--out: there is no folder {out.parent}; make it first.")


def write_output(out: Path, data: bytes) -> None:
    """Write a file whole or not at all; one that is there is replaced.

    Raises:
        OutputError: If the disk refuses; nothing half-written is left.
    """
    temporary = out.with_name(f".{out.name}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(out)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise make_output_error(out, error) from error
