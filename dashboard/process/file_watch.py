"""A watch for changes of the files of the user's pictures, which no page waits for.

Imports neither Streamlit nor TensorFlow.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from dcgan.data.file_stamp import hash_file_metadata
from dcgan.progress import ProgressCallback, no_progress

# Returns a text that changes when the files of a path change.
ComputeStamp = Callable[[str, ProgressCallback], str]

_SLOW_SECONDS = 0.5  # A page waits for a listing that is quicker, such as that of 10,000 files.
_PAUSE = 10  # Time between two slow listings, as a multiple of the time that one takes.


class FileWatch:
    """Lists the files of a set of pictures, and again to notice changes."""

    def __init__(self, path: str, compute_stamp: ComputeStamp = hash_file_metadata) -> None:
        """Prepare the watch of a folder or a file; nothing is listed yet."""
        self._path, self._compute_stamp = path, compute_stamp
        self._lock = threading.Lock()
        self._first: str | None = None
        self._newest: str | None = None
        self._seconds, self._next_look = 0.0, 0.0
        self._is_idle = threading.Event()
        self._is_idle.set()

    @property
    def is_looking(self) -> bool:
        """Whether the files are being listed again."""
        return not self._is_idle.is_set()

    @property
    def has_changed(self) -> bool:
        """Whether the newest list differs from the first; False until the first is complete."""
        return self._first is not None and self._newest != self._first

    def look(self, progress: ProgressCallback) -> None:
        """List the files for the first time."""
        self._look(progress)
        self._first = self._newest

    def look_again(self) -> None:
        """List the files in a thread; a quick listing has ended on return."""
        with self._lock:
            if self._first is None or self.is_looking or time.monotonic() < self._next_look:
                return
            self._is_idle.clear()
        threading.Thread(target=self._run, name="picture-files", daemon=True).start()
        if self._seconds <= _SLOW_SECONDS:
            self._is_idle.wait(_SLOW_SECONDS)

    def _run(self) -> None:
        try:
            self._look(no_progress)
        finally:
            self._is_idle.set()

    def _look(self, progress: ProgressCallback) -> None:
        started = time.monotonic()
        self._newest = self._compute_stamp(self._path, progress)
        ended = time.monotonic()
        self._seconds = ended - started
        is_slow = self._seconds > _SLOW_SECONDS
        self._next_look = ended + (_PAUSE * self._seconds if is_slow else 0.0)
