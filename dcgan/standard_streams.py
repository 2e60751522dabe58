"""Standard streams that never end a training run.

A reader that has gone (a closed terminal, `| head`) and a character that the encoding lacks cause
no error.
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

# Errors of a pipe whose reader has ended, or of a closed terminal.
_READER_IS_GONE = (errno.EPIPE, errno.EIO)
_HANDLER = "dcgan-escape"  # Name of the error handler of `escape_unencodable_text`.


class _LastingFile(io.FileIO):
    """An open file that drops data whose reader has gone."""

    def __init__(self, descriptor: int, drops_everything: bool) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._drops_everything = drops_everything

    def write(self, data: ReadableBuffer) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if not self._drops_everything and error.errno not in _READER_IS_GONE:
                self._drops_everything = True  # The flush at exit must not fail again.
                raise DiskWriteError(
                    f"cannot write to standard output: {error.strerror}; free some space, or "
                    "redirect it elsewhere."
                ) from error
            return memoryview(data).nbytes


def reopen_closed_streams() -> None:
    """Open the null device in place of closed standard streams.

    Otherwise the next opened file, such as a checkpoint, gets the descriptor of standard output,
    and TensorFlow prints into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # Takes the lowest free descriptor: this one.


def tolerate_closed_readers() -> None:
    """Make standard output and standard error of this process work without a reader.

    Standard error, which shows progress, drops text that cannot be written, also on a full disk.
    Standard output, which has results, drops text only if its reader has gone; any other failure
    raises a DiskWriteError where it is printed.
    """
    sys.stdout = _make_lasting(sys.stdout, drops_everything=False)
    sys.stderr = _make_lasting(sys.stderr, drops_everything=True)


def _make_lasting(stream: TextIO | None, drops_everything: bool) -> TextIO | None:
    """Return a lasting stream to the same file; a stream without a file is returned unchanged."""
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
    """Make streams escape characters that they cannot encode, instead of raising an error.

    A Windows console or a pipe with cp437 or latin-1 has no en dash and no arrow; a table with
    one must not end a sweep. Python already does this for standard error.

    Args:
        streams: The streams to change; by default standard output and standard error.
    """
    codecs.register_error(_HANDLER, _escape)
    for stream in streams or (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # A replaced stream may lack it.
            stream.reconfigure(errors=_HANDLER)
