"""The file that a person names for an output: a wrong place is refused, a good one written whole.

It knows neither what is written nor who writes it.
"""

from __future__ import annotations

from pathlib import Path

from dcgan.errors import DCGANError


class OutputError(DCGANError):
    """A file to write to has an ending or a place that will not do."""


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
        raise OutputError(f"--out: cannot write {out}: {error}.") from error
