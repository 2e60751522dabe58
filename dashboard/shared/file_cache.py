"""A cache for what is read of runs' folders; an entry is dropped when its file changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TypeVar

from dcgan.runs.run_folder import Run

_Result = TypeVar("_Result")
_Read = Callable[[Run], _Result]


def cache_until_changed(part: str, *, max_runs: int) -> Callable[[_Read[_Result]], _Read[_Result]]:
    """Cache the result of a function for each run until a part of the run's folder changes.

    Args:
        part: The file or folder in the run's folder that the function reads.
        max_runs: Number of runs to keep; the least recently used is evicted.
    """

    def decorate(read: _Read[_Result]) -> _Read[_Result]:
        cached: OrderedDict[Path, tuple[tuple[int, int], _Result]] = OrderedDict()
        lock = threading.Lock()

        @wraps(read)
        def read_cached(run: Run) -> _Result:
            path = run.path / part
            try:
                stat = path.stat()
                version = (stat.st_mtime_ns, stat.st_size)
            except OSError:
                version = (0, 0)
            with lock:
                if path in cached and cached[path][0] == version:
                    cached.move_to_end(path)
                    return cached[path][1]
            result = read(run)
            with lock:
                cached[path] = (version, result)
                cached.move_to_end(path)
                if len(cached) > max_runs:
                    cached.popitem(last=False)
            return result

        return read_cached

    return decorate
