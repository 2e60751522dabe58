"""Standard streams that end no training.

They outlive their reader (a closed terminal, `| head`) and take any text, whatever encoding the
locale or PYTHONIOENCODING give them.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

from dcgan.errors import DiskWriteError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# The reader of a pipe has ended, or the terminal was closed.
_READER_IS_GONE = (errno.EPIPE, errno.EIO)
_HANDLER = "dcgan-escape"  # Name of the error handler of `escape_unencodable_text`.


class _LastingFile(io.FileIO):
    """An open file that drops what cannot be written."""

    def __init__(self, descriptor: int, drops_everything: bool) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._drops_everything = drops_everything

    def write(self, data: ReadableBuffer) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if not self._drops_everything and error.errno not in _READER_IS_GONE:
                self._drops_everything = True  # Or Python would try again when it ends, and fail.
                raise DiskWriteError(
                    f"cannot write to standard output: {error.strerror}; free some space, or send "
                    "it to another place."
                ) from error
            return memoryview(data).nbytes


def reopen_closed_streams() -> None:
    """Open the null device in place of closed standard streams.

    Else the next files that are opened, such as a checkpoint, would get their numbers, and what
    TensorFlow prints.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # Takes the lowest free number: this one.


def tolerate_closed_readers() -> None:
    """Let standard output and standard error go on without a reader, in this whole process.

    Progress that cannot be written is dropped, also on a full disk. Results on
    standard output are dropped only if nobody reads them; else who prints gets a DiskWriteError.
    """
    sys.stdout = _lasting(sys.stdout, drops_everything=False)
    sys.stderr = _lasting(sys.stderr, drops_everything=True)


def _lasting(stream: TextIO | None, drops_everything: bool) -> TextIO | None:
    """Return a stream to the same file that lasts; what is none of a file stays as it is."""
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # `python -u` has no buffer.
    if stream is None or type(raw) is not io.FileIO:  # Closed at the start, or Windows' console.
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_LastingFile(raw.fileno(), drops_everything)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=True,
    )


def _escape(error: UnicodeError) -> tuple[str | bytes, int]:
    """Encode a file name's undecodable bytes as they are, and escape other characters."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)


def escape_unencodable_text(*streams: TextIO) -> None:
    """Let streams escape a character that they cannot encode, instead of raising an error.

    A Windows console or a pipe with cp437 or latin-1 has no en dash and no arrow, and a table
    that has one must not end a sweep. Python does the same for standard error by itself.

    Args:
        streams: Those to change; standard output and standard error if none are given.
    """
    codecs.register_error(_HANDLER, _escape)
    for stream in streams or (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Not where somebody has replaced it.
            stream.reconfigure(errors=_HANDLER)
