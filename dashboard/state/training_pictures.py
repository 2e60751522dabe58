"""The training pictures of saved runs, read once for all tabs. Imports no Streamlit.

Own pictures take seconds to minutes to decode, and a tab that shows them is redrawn often.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from dashboard.process.file_cache import MISSING, FileStamp, read_stamp
from dashboard.process.lru_cache import LRUCache
from dashboard.state.live_networks import RealPictures, choose_real_pictures
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DCGANError
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.training_data import load_training_data

_Result = TypeVar("_Result")
_Key = tuple[Path, str, FileStamp]

# A failed read is retried after this time. Its cause may be corrected without a change of the
# stamp: a download, a permission, or a file deep in a folder.
_RETRY_SECONDS = 10.0


class _PictureCache(Generic[_Result]):
    """Caches the result of a slow function of a run's pictures until the pictures change.

    Errors are cached too, for `_RETRY_SECONDS`. Several tabs that need the same run share one read.
    """

    def __init__(self, read: Callable[[Run], _Result], max_runs: int) -> None:
        self._read = read
        self._locks: LRUCache[_Key, threading.Lock] = LRUCache(16)
        self._entries: LRUCache[_Key, tuple[_Result | DCGANError, float]] = LRUCache(max_runs)

    def get(self, run: Run) -> _Result:
        key = (run.path, run.created, _stamp_pictures(run))
        entry = self._look_up(key)
        if entry is None:
            with self._locks.setdefault(key, threading.Lock()):
                entry = self._look_up(key) or self._read_and_store(key, run)
        result, _ = entry
        if isinstance(result, DCGANError):
            raise result.with_traceback(None)
        return result

    def _look_up(self, key: _Key) -> tuple[_Result | DCGANError, float] | None:
        entry = self._entries.get(key)
        if entry is not None and isinstance(entry[0], DCGANError):
            return entry if time.monotonic() - entry[1] < _RETRY_SECONDS else None
        return entry

    def _read_and_store(self, key: _Key, run: Run) -> tuple[_Result | DCGANError, float]:
        result: _Result | DCGANError
        try:
            # The run is opened again, because its pictures may have moved.
            result = self._read(open_run(run.path))
        except DCGANError as error:
            result = error
        entry = (result, time.monotonic())
        self._entries.put(key, entry)
        return entry


def _stamp_pictures(run: Run) -> FileStamp:
    """Return the stamp of the file or folder of the user's pictures; `MISSING` for named sets."""
    if run.config.dataset in NAMED_SETS:
        return MISSING
    try:
        return read_stamp(Path(run.config.dataset))
    except OSError:
        return MISSING


def _read_some(run: Run) -> RealPictures:
    return choose_real_pictures(load_training_data(run))


# Only one set, as it may take gigabytes; the library itself caches MNIST.
_all_pictures = _PictureCache(load_training_data, max_runs=1)
_some_pictures = _PictureCache(_read_some, max_runs=4)


def load_all_pictures(run: Run) -> ImageDataset:
    """Load all pictures that a run learned from.

    Raises:
        DCGANError: As `load_training_data`.
    """
    return _all_pictures.get(run)


def load_some_pictures(run: Run) -> RealPictures:
    """Load up to 500 of the pictures that a run learned from, as `choose_real_pictures` does.

    Raises:
        DCGANError: As `load_training_data`.
    """
    return _some_pictures.get(run)
