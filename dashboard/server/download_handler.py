"""Files that are made when a person clicks on a download button.

Streamlit would make any number at the same time, and would not show why one failed. Here at most
MAX_AT_ONCE are made at the same time; later clicks wait for a slot. If the wait is too long or a
file cannot be made, the page shows the reason and saves nothing. A finished file is kept for
KEEP_SECONDS, so that many files do not fill the memory.

A click may come just after a change, such as a text that is applied when its field is left. The
file then contains the change, although the button was drawn before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import PurePosixPath
from typing import TypeVar

from dashboard.server.streamlit_internals import (
    BackendOperationRequest,
    BackendOperationResponse,
    DeferredFileHandler,
    DeferredFileResponsePayload,
    LateRemovalFileManager,
    MediaFileManager,
    MediaFileStorageError,
    drop_media_file,
    get_media_files,
    is_script_running,
    keep_media_file,
    replace_download_handler,
    replace_media_file_manager,
)
from dcgan.errors import DCGANError

_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)

# Each file takes several times its size in memory while it is made, and its thread competes with
# the pages for Python's lock.
MAX_AT_ONCE = 2
# The longest wait for a slot; meanwhile the button only shows that it is busy.
WAIT_SECONDS = 30.0

# The longest wait until a change is applied; while a run trains, the page is often redrawn.
CHANGE_SECONDS = 5.0
# A page may send the change just after the click on the button: some milliseconds were measured.
_FIRST_SECONDS, _CHECK_SECONDS = 0.1, 0.02

# How long a file is kept for the browser, and how many bytes of files are kept together.
KEEP_SECONDS = 60.0
KEEP_BYTES = 256 * 2**20

_OWNER = "dcgan-studio-downloads"  # In place of a session's id.


class BusyError(DCGANError):
    """No slot to make a file became free in time."""


class FileMaker:
    """Makes files in a few threads, first come first served."""

    def __init__(self, max_at_once: int = MAX_AT_ONCE, wait_seconds: float = WAIT_SECONDS) -> None:
        """Start without work.

        Args:
            max_at_once: Files that are made at the same time.
            wait_seconds: The longest wait for a slot.
        """
        self._max_at_once, self._wait_seconds = max_at_once, wait_seconds
        self._slots = asyncio.Semaphore(max_at_once)
        # At normal priority, unlike training: a slow thread would hold Python's lock while it waits
        # for the processor, and pages would wait with it.
        self._threads = ThreadPoolExecutor(max_at_once, thread_name_prefix="export")

    async def make(self, work: Callable[[], _Result]) -> _Result:
        """Call `work` in a thread as soon as a slot is free, and return its result.

        Raises:
            BusyError: If no slot became free in time.
        """
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise BusyError(
                f"This server is making {self._max_at_once} other files, its limit: try again in "
                "a moment."
            ) from None
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._slots.release()


class RecentFiles:
    """Keeps finished files until the browser has had time to fetch them.

    Streamlit itself drops a file when scripts of any sessions have ended twice. On a busy server
    that is before a slow browser asks for the file; without running scripts it never happens.
    """

    def __init__(self, max_bytes: int = KEEP_BYTES) -> None:
        """Start empty; `max_bytes` bounds the sum of all sizes, except for the newest file."""
        self._max_bytes = max_bytes
        self._sizes: dict[str, int] = {}  # Bytes by the file's name, oldest first.
        self._num_requests: Counter[str] = Counter()

    def keep(self, files: MediaFileManager, url: str) -> Callable[[], None]:
        """Keep a file that has just been made.

        Returns:
            A function that drops the file. A file made twice is kept until the second call.
        """
        name = PurePosixPath(url).stem
        file = files.read_file(name)
        if file is None:
            return lambda: None
        keep_media_file(files, name, _OWNER)
        self._sizes.pop(name, None)
        self._sizes[name] = file.content_size
        self._num_requests[name] += 1
        while len(self._sizes) > 1 and sum(self._sizes.values()) > self._max_bytes:
            self._drop(files, next(iter(self._sizes)))
        return partial(self._end, files, name)

    def _end(self, files: MediaFileManager, name: str) -> None:
        self._num_requests[name] -= 1
        if self._num_requests[name] <= 0:
            del self._num_requests[name]
            self._drop(files, name)

    def _drop(self, files: MediaFileManager, name: str) -> None:
        if self._sizes.pop(name, None) is not None:  # Otherwise it was dropped for newer files.
            drop_media_file(files, name, _OWNER)


file_maker = FileMaker()
recent_files = RecentFiles()


class DownloadHandler(DeferredFileHandler):
    """Answers clicks on download buttons in place of Streamlit's own class."""

    async def handle(
        self, request: BackendOperationRequest, session_id: str
    ) -> BackendOperationResponse:
        """Make the file and answer with its address, or with the reason why there is none."""
        files = get_media_files(self)
        await asyncio.sleep(_FIRST_SECONDS)
        with contextlib.suppress(TimeoutError):  # The change was applied long ago.
            async with asyncio.timeout(CHANGE_SECONDS):
                while is_script_running(session_id):
                    await asyncio.sleep(_CHECK_SECONDS)
        file_id = request.deferred_file.file_id
        if isinstance(files, LateRemovalFileManager):
            file_id = files.find_newest(file_id)
        make = partial(files.execute_deferred, file_id)
        try:
            url = await file_maker.make(make)
        except (BusyError, MediaFileStorageError) as error:
            reason = _explain(error)
            return BackendOperationResponse(request_id=request.request_id, error_msg=reason)
        asyncio.get_running_loop().call_later(KEEP_SECONDS, recent_files.keep(files, url))
        return BackendOperationResponse(
            request_id=request.request_id, deferred_file=DeferredFileResponsePayload(url=url)
        )


def _explain(error: BusyError | MediaFileStorageError) -> str:
    """Return the reason why there is no file, for the page; log unexpected errors."""
    cause = error.__cause__ if isinstance(error, MediaFileStorageError) else error
    if isinstance(cause, DCGANError):
        return str(cause)
    if cause is None:  # The button's function is gone, as the page was rendered again long ago.
        return "The page has changed meanwhile: click again."
    _log.error("A download could not be made.", exc_info=cause)
    return "This file could not be made; the server's log has the details."


def install_download_handler() -> None:
    """Make servers that start from now on answer clicks on download buttons with this module."""
    replace_download_handler(DownloadHandler)
    replace_media_file_manager(LateRemovalFileManager)
