"""Standard output that takes any text, whatever encoding the locale or PYTHONIOENCODING give it."""

from __future__ import annotations

import codecs
import io
import sys
from typing import TextIO

_HANDLER = "dcgan-escape"


def _escape(error: UnicodeError) -> tuple[str | bytes, int]:
    """Encode a file name's undecodable bytes as they are, and escape other characters."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)


def accept_any_text(*streams: TextIO) -> None:
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
