"""Output files and folders of commands: checked before the work, written whole or not at all."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dcgan.errors import OutputError, OutputWriteError
from dcgan.files.whole_files import is_path_error, write_atomically


def check_parent_exists(out: Path, option: str = "--out") -> None:
    """Check that the folder in which `out` will be written exists, before any work is done.

    Args:
        out: The file or folder to write.
        option: The option that named it.

    Raises:
        OutputError: If the folder does not exist, or its path cannot be used.
    """
    try:
        exists = out.absolute().parent.is_dir()
    except OSError as error:  # The name is too long, or permission is missing.
        raise OutputError(f"{option}: cannot write {out}: {error.strerror}.") from error
    if not exists:
        raise OutputError(f"{option}: there is no folder {out.parent}; make it first.")


def is_folder_path(out: Path) -> bool:
    """Return whether a path is a folder, or its name lacks the suffix of a file.

    A version is not a suffix: "model-1.2" is a folder, "model.h5" a file.
    """
    return out.is_dir() or not out.suffix[1:2].isalpha()


def write_output(out: Path, data: bytes) -> None:
    """Write a file, or replace an existing one, atomically.

    Raises:
        OutputError: If the disk refuses; no partial file is left.
    """
    try:
        write_atomically(out, data)
    except OSError as error:
        raise make_output_error(out, error) from error


@contextlib.contextmanager
def writing_folder(out: Path) -> Iterator[Path]:
    """Yield an empty hidden folder beside `out` that becomes `out` once the block has succeeded.

    Raises:
        OutputError: If `out` exists and is not an empty folder, or the disk refuses.
    """
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise OutputError(f"--out: {out} exists and is not empty; give a new folder.")
        with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=".export-") as hidden:
            # A separate folder, because the temporary one is readable by its owner only.
            folder = Path(hidden) / "folder"
            folder.mkdir()
            yield folder
            if out.exists():
                out.rmdir()
            folder.replace(out)
    except OSError as error:
        raise make_output_error(out, error) from error


def make_output_error(out: Path, error: OSError) -> OutputError:
    """Return the error for a file that cannot be written, without raising it."""
    kind = OutputError if is_path_error(error) else OutputWriteError
    return kind(f"--out: cannot write {out}: {error}.")
