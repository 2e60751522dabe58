"""Files that are made when a person clicks on a download: a few at once, and words for the others.

Streamlit calls what a download button's `data` is in a thread of the server's, as many at once as
people click, and tells the page of a failure only that it failed. Here no more than a few are made
at once; who comes later waits for a turn, with the button turning, and is told
in a sentence where that takes too long or the file cannot be made: nothing is saved then. What was
made is kept for a minute and no longer, so that many files do not fill the memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import PurePosixPath
from typing import TypeVar

from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import (
    BackendOperationResponse,
    DeferredFileResponsePayload,
)
from streamlit.runtime import app_session
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError

from dcgan.errors import DCGANError

_Result = TypeVar("_Result")
_log = logging.getLogger(__name__)

# Files that are made at once. Each takes several times its size in memory meanwhile, and turns
# with the pages for Python's lock.
MAX_AT_ONCE = 2
# How long one waits for its turn; a page shows no more than that it works, so not long.
PATIENCE_SECONDS = 30.0

# How long a file is kept for the browser that asked, and how much of them together.
KEEP_SECONDS = 60.0
KEEP_BYTES = 256 * 2**20

_KEPT = "dcgan-studio-downloads"  # In place of a session's id.


class BusyError(DCGANError):
    """Others are having files made, and the wait for a turn was too long."""


class Exports:
    """Makes files, a few at once."""

    def __init__(self, most: int = MAX_AT_ONCE, patience: float = PATIENCE_SECONDS) -> None:
        """Begin with nothing to make.

        Args:
            most: How many at once.
            patience: Seconds that one waits for its turn.
        """
        self._most, self._patience = most, patience
        self._places = asyncio.Semaphore(most)
        # Not of a lower priority, as the training's: it would keep Python's lock for as long as the
        # system makes it wait, and pages with it.
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="export")

    async def make(self, work: Callable[[], _Result]) -> _Result:
        """Make a file when it is its turn, first come first served.

        Args:
            work: Done in a thread.

        Raises:
            BusyError: If its turn did not come in time.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError:
            raise BusyError(
                "Other files are being made on this server, which makes "
                f"{self._most} at once: try again in a moment."
            ) from None
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._places.release()


class Kept:
    """Keeps what was made until a browser has had time to fetch it.

    By itself Streamlit drops a file at the second end of any session's script, which on a busy
    server comes before a slow browser asks; and where no script ends, never.
    """

    def __init__(self, most_bytes: int = KEEP_BYTES) -> None:
        """Keep nothing yet; later no more than so many bytes, but always the newest file."""
        self._most_bytes = most_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()  # By the file's name, oldest first.
        self._num_asked: Counter[str] = Counter()

    def keep(self, files: MediaFileManager, url: str) -> Callable[[], None]:
        """Keep a file that was just made; returns what to call when its time is over.

        One that was made twice is kept until the second's time is over.
        """
        name = PurePosixPath(url).stem
        file = files.read_file(name)
        if file is None:
            return lambda: None
        with files._lock:  # There is no public way to say that a file is in use.
            files._files_by_session_and_coord[_KEPT][name] = name
        self._sizes[name] = file.content_size
        self._sizes.move_to_end(name)
        self._num_asked[name] += 1
        while len(self._sizes) > 1 and sum(self._sizes.values()) > self._most_bytes:
            self._drop(files, next(iter(self._sizes)))
        return partial(self._end, files, name)

    def _end(self, files: MediaFileManager, name: str) -> None:
        self._num_asked[name] -= 1
        if self._num_asked[name] <= 0:
            del self._num_asked[name]
            self._drop(files, name)

    def _drop(self, files: MediaFileManager, name: str) -> None:
        if self._sizes.pop(name, None) is None:  # It has made way for others before.
            return
        with files._lock:
            files._files_by_session_and_coord[_KEPT].pop(name, None)
        for _ in range(2):  # The first time only marks it.
            files.remove_orphaned_files()


exports = Exports()
kept = Kept()


class Downloads(DeferredFileHandler):
    """Answers a click on a download button, in place of Streamlit's own class."""

    async def handle(
        self, request: BackendOperationRequest, session_id: str
    ) -> BackendOperationResponse:
        """Make the file and tell its address, or say why not."""
        del session_id
        files = self._get_media_file_mgr()
        make = partial(files.execute_deferred, request.deferred_file.file_id)
        try:
            url = await exports.make(make)
        except (BusyError, MediaFileStorageError) as error:
            return BackendOperationResponse(request_id=request.request_id, error_msg=_words(error))
        asyncio.get_running_loop().call_later(KEEP_SECONDS, kept.keep(files, url))
        return BackendOperationResponse(
            request_id=request.request_id, deferred_file=DeferredFileResponsePayload(url=url)
        )


def _words(error: BusyError | MediaFileStorageError) -> str:
    """Say to a person why there is no file."""
    cause = error.__cause__ if isinstance(error, MediaFileStorageError) else error
    if isinstance(cause, DCGANError):
        return str(cause)
    if cause is None:  # The page was drawn anew, and what the button stood for is gone.
        return "The page has changed meanwhile: click again."
    _log.error("A download could not be made.", exc_info=cause)
    return "This file could not be made; the server's log has the details."


def install() -> None:
    """Let sessions that begin from now on answer by `Downloads`."""
    vars(app_session)["DeferredFileHandler"] = Downloads
