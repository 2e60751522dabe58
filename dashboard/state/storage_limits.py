"""Limits on the number of runs of a server and on their disk space. Imports no Streamlit.

Nothing is deleted when a limit is reached: what would take more is refused in a sentence, and a
run in training goes on. Other bounds are where what they bound is: the queue's in `run_queue`, the
pins' in `pins`, an upload's size in `.streamlit/config.toml`, what is taken in, in `archive` and
`pictures`, and files made at once in `downloads`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from dashboard.state.picture_sets import UPLOADS
from dcgan.errors import ConfigError, RunError
from dcgan.runs.library import TRASH
from dcgan.runs.run_folder import SHIPPED

# `python -m dashboard --max-runs` and `--max-disk-gb` set them.
MAX_RUNS_VARIABLE = "DCGAN_STUDIO_MAX_RUNS"
MAX_DISK_VARIABLE = "DCGAN_STUDIO_MAX_DISK_GB"

_GB = 10**9

# A run of the classic preset takes 0.3 to 0.5 GB, one of the default settings 0.05 GB.
MAX_RUNS = 1000
MAX_DISK_GB = 100.0
# Below this nothing begins that writes: a training would soon wait for the disk.
MIN_FREE_BYTES = 200 * 10**6

_MEND = (
    "delete runs on the Runs page, or keep slim copies of them, a quarter the size (python -m "
    "dcgan slim)"
)


class LimitError(RunError):
    """A request would exceed the limits of the server."""


@dataclass(frozen=True)
class Usage:
    """The number of runs in a folder and their disk space.

    Attributes:
        num_runs: Folders in the library of runs.
        num_bytes: Of all files, deleted runs and uploaded pictures included.
        num_trash_bytes: Of it deleted runs, which can be taken back for a week.
        num_upload_bytes: Of it uploaded pictures, which stay for the runs that learned from them.
    """

    num_runs: int
    num_bytes: int
    num_trash_bytes: int
    num_upload_bytes: int


@dataclass(frozen=True)
class StorageLimits:
    """The limits on the runs of a server.

    Attributes:
        max_runs: Maximum number of runs in the library.
        max_disk_gb: Of all that is in the folder of the runs, in 10⁹ bytes.
        min_free_bytes: What is to stay free on its disk.
    """

    max_runs: int = MAX_RUNS
    max_disk_gb: float = MAX_DISK_GB
    min_free_bytes: int = MIN_FREE_BYTES

    def check_room_for_run(self, root: Path) -> int:
        """Return how many bytes another run may take; measures the folder of the runs.

        Raises:
            LimitError: If there may be no other; says how much is used, what is allowed and what
                to do.
        """
        usage = measure(root)
        if usage.num_runs >= self.max_runs:
            raise LimitError(
                f"This server keeps {self.max_runs:,} run{'s' if self.max_runs > 1 else ''} at "
                f"most and has {usage.num_runs:,}: delete some on the Runs page."
            )
        self._check_disk(root, usage, 0)
        allowed = int(self.max_disk_gb * _GB) - usage.num_bytes
        return max(0, min(allowed, free_bytes(root) - self.min_free_bytes))

    def check_bytes(self, root: Path, num_bytes: int) -> None:
        """Refuse a file for which there is no room; measures the folder of the runs.

        Raises:
            LimitError: As of `check_room_for_run`.
        """
        self._check_disk(root, measure(root), num_bytes)

    def check_free(self, root: Path, num_bytes: int = 0) -> None:
        """Refuse to write where the disk is nearly full; quick.

        Args:
            root: Folder of the runs.
            num_bytes: What is to be written.

        Raises:
            LimitError: Says how much is free, what is needed and what to do.
        """
        free = free_bytes(root)
        if free < self.min_free_bytes + num_bytes:
            raise LimitError(
                f"Only {describe_bytes(free)} are free on the disk of the runs, and "
                f"{describe_bytes(self.min_free_bytes + num_bytes)} are needed: free some space "
                f"there, or {_MEND}."
            )

    def _check_disk(self, root: Path, usage: Usage, num_bytes: int) -> None:
        allowed = int(self.max_disk_gb * _GB)
        if usage.num_bytes + num_bytes > allowed or usage.num_bytes >= allowed:
            parts = []
            if usage.num_trash_bytes:
                parts.append(
                    f"{describe_bytes(usage.num_trash_bytes)} in deleted runs: empty the trash on "
                    "the Runs page"
                )
            if usage.num_upload_bytes:
                parts.append(
                    f"{describe_bytes(usage.num_upload_bytes)} in uploaded pictures, which lie in "
                    f"{root / UPLOADS} and can be removed there when no run needs them"
                )
            of_it = f" (of it {'; '.join(parts)})" if parts else ""
            more = f", {describe_bytes(num_bytes)} more are asked for" if num_bytes else ""
            raise LimitError(
                f"The runs take {describe_bytes(usage.num_bytes)}{of_it}{more}, and this server "
                f"allows them {describe_bytes(allowed)}: {_MEND}."
            )
        self.check_free(root, num_bytes)


def read_limits() -> StorageLimits:
    """Return the limits that the server was started with.

    Raises:
        ConfigError: If a variable is no number above 0, or that of runs is none.
    """
    max_runs = _read(MAX_RUNS_VARIABLE, MAX_RUNS)
    if not max_runs.is_integer():
        raise ConfigError(f"{MAX_RUNS_VARIABLE}: got {max_runs:g}; expected a whole number.")
    return StorageLimits(int(max_runs), _read(MAX_DISK_VARIABLE, MAX_DISK_GB))


def _read(variable: str, default: float) -> float:
    text = os.environ.get(variable, "")
    try:
        value = float(text) if text else float(default)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ConfigError(f"{variable}: got {text!r}; expected a number above 0.")
    return value


def measure(root: Path) -> Usage:
    """Add up a folder of runs; a tenth of a second for a hundred runs, so not at each refresh.

    What goes away meanwhile is not counted, nor what a link leads to.
    """
    num_runs = num_bytes = num_trash_bytes = num_upload_bytes = 0
    for entry in _entries(root):
        if entry.name == SHIPPED.name and Path(entry.path).resolve() == SHIPPED.resolve():
            continue  # Nobody can delete it.
        is_folder = entry.is_dir(follow_symlinks=False)
        size = _size_of(Path(entry.path)) if is_folder else _size(entry)
        num_bytes += size
        num_trash_bytes += size if entry.name == TRASH else 0
        num_upload_bytes += size if entry.name == UPLOADS else 0
        num_runs += is_folder and not entry.name.startswith(".")
    return Usage(num_runs, num_bytes, num_trash_bytes, num_upload_bytes)


def _size_of(folder: Path) -> int:
    return sum(
        _size_of(Path(entry.path)) if entry.is_dir(follow_symlinks=False) else _size(entry)
        for entry in _entries(folder)
    )


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:  # Not made yet, deleted meanwhile, or not for us to read.
        return []


def _size(entry: os.DirEntry[str]) -> int:
    with contextlib.suppress(OSError):
        return entry.stat(follow_symlinks=False).st_size
    return 0


def free_bytes(root: Path) -> int:
    """Return what is free on the disk of a folder, which need not be there yet.

    Raises:
        LimitError: If the disk does not say.
    """
    place = root.absolute()
    try:
        while not place.exists() and place != place.parent:
            place = place.parent
        return shutil.disk_usage(place).free
    except OSError as error:
        raise LimitError(
            f"The disk of the runs cannot be looked at ({error.strerror or error}); see that "
            f"{root} can be read, and try again."
        ) from error


def describe_bytes(num_bytes: int) -> str:
    """Format a size, such as "1.2 GB"."""
    if num_bytes < _GB:
        return f"{num_bytes / 10**6:.0f} MB"
    return f"{num_bytes / _GB:,.1f} GB"
