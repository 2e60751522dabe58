"""The pictures that saved runs learned from, read once for all tabs. Imports no Streamlit.

Own pictures take seconds to minutes to decode, and the tabs that show them draw themselves again
with each report of a training.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from dashboard.state.file_stamp import MISSING, FileStamp, read_stamp
from dashboard.state.live_networks import choose_real_pictures
from dashboard.state.lru_cache import LRUCache
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DCGANError
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.training_data import load_training_data

_Result = TypeVar("_Result")


class _ReadOnce(Generic[_Result]):
    """Results of a slow function of a run, its errors included, until the pictures change.

    Tabs that ask while another one's answer is being found wait for it.
    """

    def __init__(self, read: Callable[[Run], _Result], max_runs: int) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._found: LRUCache[tuple[Path, str, FileStamp], _Result | DCGANError] = LRUCache(
            max_runs
        )

    def get(self, run: Run) -> _Result:
        key = (run.path, run.created, _stamp_pictures(run))
        with self._lock:
            found = self._found.get(key)
            if found is None:
                try:
                    # Opened again: its own pictures may have been given a new place.
                    found = self._read(open_run(run.path))
                except DCGANError as error:
                    found = error
                self._found.put(key, found)
        if isinstance(found, DCGANError):
            raise found.with_traceback(None)
        return found


def _stamp_pictures(run: Run) -> FileStamp:
    """Return the stamp of the file or folder of own pictures; always the same for named sets."""
    try:
        return read_stamp(Path(run.config.dataset))
    except OSError:
        return MISSING


def _read_some(run: Run) -> np.ndarray:
    return choose_real_pictures(load_training_data(run).pixels)


# One, as a set may take gigabytes; MNIST is kept in any case.
_all_pictures = _ReadOnce(load_training_data, max_runs=1)
_some_pictures = _ReadOnce(_read_some, max_runs=4)


def load_all_pictures(run: Run) -> ImageDataset:
    """Load all pictures that a run learned from.

    Raises:
        DCGANError: As `load_training_data`.
    """
    return _all_pictures.get(run)


def load_some_pictures(run: Run) -> np.ndarray:
    """Load up to 500 of the pictures, as `choose_real_pictures` returns them.

    Raises:
        DCGANError: As `load_training_data`.
    """
    return _some_pictures.get(run)
