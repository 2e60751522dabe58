"""Atomic writes of files, and reading of JSON files with errors for people.

A crash at any moment leaves the old file or the new one, never a partial file. The one exception is
`create_atomically` on a disk without hard links. A damaged file raises a `RunError`. Write errors
are `OSError`; `translate_write_errors` turns them into a `DiskWriteError`. This module does not
know which files make a run, nor their meaning.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from dcgan.errors import DiskWriteError, RunError, UnreadableFileError, UnwritablePathError

_Model = TypeVar("_Model", bound=BaseModel)

# Errors of a path where nothing can be written, however much space the disk has.
_PATH_ERRORS = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST),
    *(errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL),
)

# How long a write waits for readers of the old file on Windows, and between two attempts.
_READER_SECONDS, _RETRY_SECONDS = 1.0, 0.01


# Writing.


@contextlib.contextmanager
def translate_write_errors(path: Path, *, is_new: bool = False) -> Iterator[None]:
    """Turn an `OSError` of the block into an error with a sentence for people.

    Args:
        path: The file or folder that the block writes; the sentence names it.
        is_new: Whether the block makes the folders above it too, so that none can be missing.

    Raises:
        DiskWriteError: In place of an `OSError`; an UnwritablePathError where `is_path_error`.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        advice = "free some space, or check that you may write there."
        if isinstance(error, FileNotFoundError):
            advice = "the folder was moved or deleted; put it back."
            if is_new:  # Such as below /proc.
                reason, advice = "no folder can be made there", "choose another place."
        kind = UnwritablePathError if is_path_error(error) else DiskWriteError
        raise kind(f"cannot write to {path}: {reason}; {advice}") from error


def is_path_error(error: OSError) -> bool:
    """Return whether an error comes from the path, not from the disk, such as a full one."""
    return error.errno in _PATH_ERRORS


def write_json(path: Path, data: Mapping[str, object]) -> None:
    """Write a JSON file atomically, as `encode_json` encodes it.

    Raises:
        OSError: If the disk refuses.
    """
    write_atomically(path, encode_json(data))


def encode_json(data: Mapping[str, object]) -> bytes:
    """Encode the content of a JSON file; characters that UTF-8 cannot encode become "?"."""
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return text.encode(errors="replace")


def write_atomically(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file, or replace an existing one, so that no reader ever finds a partial file.

    The data are on the disk before the file appears. A crash can leave a temporary file in the same
    folder, whose name ends in `.tmp`.

    Args:
        path: The file.
        data: Its content, in one piece or several. Pieces are written one by one, so an iterator
            may read them from the old file.

    Raises:
        OSError: If the disk refuses; the old file stays, and no temporary file is left.
    """
    with staged_write(path, data):
        pass


@contextlib.contextmanager
def staged_write(path: Path, data: bytes | Iterable[bytes]) -> Iterator[None]:
    """Write a temporary file beside the old one, run the block, then replace the old file.

    The temporary file is complete when the block begins, so a full disk fails before the block. If
    the block fails, the old file stays.

    Args:
        path: The file.
        data: Its content, in one piece or several.

    Raises:
        OSError: If the disk refuses.
    """
    with _temporary_file_beside(path, data) as temporary:
        yield
        _replace(temporary, path)


def _replace(temporary: Path, path: Path) -> None:
    """Move a file over another, which may exist.

    Windows refuses while somebody reads the old file, such as a page or a virus scanner.
    """
    deadline = time.monotonic() + _READER_SECONDS
    while True:
        try:
            temporary.replace(path)
            return
        except PermissionError:
            if os.name != "nt" or time.monotonic() >= deadline:
                raise
        time.sleep(_RETRY_SECONDS)


def create_atomically(path: Path, data: bytes) -> None:
    """Write a new file; of two processes that create it at once, one fails.

    Raises:
        FileExistsError: If the file exists.
        OSError: If the disk refuses; no file is left.
    """
    with _temporary_file_beside(path, data) as temporary:
        try:
            path.hardlink_to(temporary)  # Unlike a rename, it never replaces a file.
        except FileExistsError:
            raise
        except OSError:  # A disk without hard links: readers may briefly find a partial file.
            file = path.open("xb")
            try:
                with file:
                    file.write(data)
            except BaseException:  # Also an interruption.
                path.unlink(missing_ok=True)
                raise


@contextlib.contextmanager
def _temporary_file_beside(path: Path, data: bytes | Iterable[bytes]) -> Iterator[Path]:
    """Write a temporary file in the folder of another file, and remove it after the block."""
    # A random name for each writer, because two tabs may write the same file at once.
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("wb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def append_or_undo(path: Path, data: bytes) -> None:
    """Append to a file, which is created if needed; undo an append that fails half-way.

    Raises:
        OSError: If the disk refuses; the file is then as it was.
    """
    with path.open("ab", buffering=0) as file:
        size = file.tell()
        try:
            if file.write(data) != len(data):  # A disk that fills up takes only a part.
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except BaseException:  # Also an interruption.
            file.truncate(size)  # Otherwise the next append would continue a partial line.
            raise


# Reading.


def read_model(path: Path, kind: type[_Model]) -> _Model:
    """Read a JSON file of a run's folder, and validate it.

    Args:
        path: The file, in the run's folder.
        kind: The pydantic model class of its content.

    Raises:
        RunError: If it is missing; the message names the run, the file and the first problem.
        UnreadableFileError: If it cannot be read, or does not fit the model.
    """
    run_name = path.parent.name
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise RunError(
            f"{run_name} is not a whole run: {path.name} is missing; take it from a good copy."
        ) from None
    except OSError as error:
        raise UnreadableFileError(
            f"{run_name}: {path.name} cannot be read ({error.strerror}); check that it is a file "
            "that you may read."
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = "".join(f"{part}: " for part in first["loc"])
        raise UnreadableFileError(
            f"{run_name}: {path.name} is damaged ({field}{first['msg']}); take it from a good copy."
        ) from None
