"""A file's stamp: a value that changes with the file, so that nothing is read twice."""

from __future__ import annotations

from pathlib import Path

FileStamp = tuple[int, int, int]  # Inode, size in bytes and time of the last change.
MISSING: FileStamp = (0, 0, 0)


def read_stamp(path: Path) -> FileStamp:
    """Return the stamp of a file or folder; `MISSING` if there is none.

    Raises:
        OSError: If the disk cannot be read.
    """
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return MISSING
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
