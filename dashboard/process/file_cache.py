"""File stamps, which change with a file, and a cache of values read from a run's folder."""

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
_ReadFunction = Callable[[Run], _Result]


def read_stamp(path: Path) -> FileStamp:
    """Return the stamp of a file or folder; `MISSING` if it does not exist.

    Raises:
        OSError: If the disk cannot be read.
    """
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return MISSING
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def cache_until_changed(
    part: str, *, max_runs: int
) -> Callable[[_ReadFunction[_Result]], _ReadFunction[_Result]]:
    """Decorate a function of a run so that its result is cached until a file of the run changes.

    Args:
        part: Name of the file or folder in the run's folder that the function reads.
        max_runs: Maximum number of cached results; the least recently used is evicted.
    """

    def decorate(read: _ReadFunction[_Result]) -> _ReadFunction[_Result]:
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
