"""A file's stamp, which changes with the file, and a cache of what is read from a run's folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TypeVar

from dashboard.process.lru_cache import LRUCache
from dcgan.runs.run_folder import Run

FileStamp = tuple[int, int, int]  # Inode, size in bytes and time of the last change.
MISSING: FileStamp = (0, 0, 0)
_Result = TypeVar("_Result")
_Read = Callable[[Run], _Result]


def read_stamp(path: Path) -> FileStamp:
    """Return the stamp of a file or folder; `MISSING` if there is none.

    Raises:
        OSError: If the disk cannot be read.
    """
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return MISSING
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def cache_until_changed(part: str, *, max_runs: int) -> Callable[[_Read[_Result]], _Read[_Result]]:
    """Cache the result of a function for each run until a part of the run's folder changes.

    Args:
        part: The file or folder in the run's folder that the function reads.
        max_runs: Number of runs to keep; the least recently used is evicted.
    """

    def decorate(read: _Read[_Result]) -> _Read[_Result]:
        cache: LRUCache[Path, tuple[FileStamp, _Result]] = LRUCache(max_runs)

        @wraps(read)
        def read_cached(run: Run) -> _Result:
            path = run.path / part
            try:
                stamp = read_stamp(path)
            except OSError:
                stamp = MISSING
            cached = cache.get(path)
            if cached is not None and cached[0] == stamp:
                return cached[1]
            result = read(run)
            cache.put(path, (stamp, result))
            return result

        return read_cached

    return decorate
