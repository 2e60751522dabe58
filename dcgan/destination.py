"""The file that a person names for an output: a wrong place is refused, a good one written whole.

It knows neither what is written nor who writes it.
"""

from __future__ import annotations

from pathlib import Path

from dcgan.errors import FAILED, DCGANError
from dcgan.files import is_wrong_place


class OutputError(DCGANError):
    """A file to write to has an ending or a place that will not do."""


class OutputDiskError(OutputError):
    """The disk refuses to write a file, such as one that is full."""

    exit_code = FAILED


def output_error(out: Path, error: OSError) -> OutputError:
    """Return the error that says why a file cannot be written."""
    kind = OutputError if is_wrong_place(error) else OutputDiskError
    return kind(f"--out: cannot write {out}: {error}.")


def check_folder(out: Path) -> None:
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
        raise output_error(out, error) from error
