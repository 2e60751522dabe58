"""Opening of untrusted ZIP files with limited memory."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO, BinaryIO, cast

# Errors of `zipfile` on a damaged archive (NotImplementedError is a RuntimeError).
ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    LookupError,
    RuntimeError,
    ValueError,
)


class TooManyFilesError(zipfile.BadZipFile):
    """The table of contents of an archive is too large."""


class _BoundedFile:
    """A file that refuses very large reads."""

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self._file, self._max_bytes = file, max_bytes
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        limit = self._max_bytes + 1
        data = self._file.read(limit if size < 0 else min(size, limit))
        if len(data) == limit:
            raise TooManyFilesError("its list of files, or one of its files, is too large")
        return data


def open_zip(file: BinaryIO, max_read_bytes: int) -> zipfile.ZipFile:
    """Open a ZIP archive for reading.

    `zipfile` reads the whole table of contents at once and makes an object for each entry, so an
    archive of millions of empty files would take many times its size in memory.

    Args:
        file: The archive, seekable.
        max_read_bytes: Largest table of contents, and largest single read of a file in it.

    Raises:
        TooManyFilesError: If the table of contents is larger.
        ARCHIVE_ERRORS: If the archive is damaged.
    """
    return zipfile.ZipFile(cast("IO[bytes]", _BoundedFile(file, max_read_bytes)))


def is_encrypted(info: zipfile.ZipInfo) -> bool:
    """Return whether a file of an archive needs a password."""
    return bool(info.flag_bits & 0x1)


def has_usual_compression(info: zipfile.ZipInfo) -> bool:
    """Return whether a file of an archive is stored or deflated; both unpack in little memory."""
    return info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
