"""Limits on the number of runs of a server and on their disk space. Imports no Streamlit.

When a limit is reached, nothing is deleted and a run in training continues; only requests that
would take more space are refused. Other limits are in the modules of their subjects: the length of
the queue in `dcgan.sweeps.queue`, the number of pins in `dcgan.runs.pins`, imported archives in
`dcgan.export.archive`, own pictures in `dcgan.pictures.picture_limits`, simultaneous downloads in
`dashboard.server.download_handler`, and the size of a large upload in `.streamlit/config.toml`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from dashboard.process.picture_sets import UPLOADS
from dcgan import installation
from dcgan.errors import ConfigError, RunError
from dcgan.runs.library import TRASH

# `python -m dashboard --max-runs` and `--max-disk-gb` set them.
MAX_RUNS_VARIABLE = "DCGAN_STUDIO_MAX_RUNS"
MAX_DISK_VARIABLE = "DCGAN_STUDIO_MAX_DISK_GB"

_GB = 10**9

# A run of the `classic` preset takes 0.3 to 0.5 GB, one of the default preset 0.05 GB.
MAX_RUNS = 1000
MAX_DISK_GB = 100.0
# With less free space no run starts, because training would soon wait for the disk.
MIN_FREE_BYTES = 200 * 10**6
# Largest upload of one picture or of pins, in MB.
MAX_SMALL_UPLOAD_MB = 16

_ADVICE = (
    "delete runs on the Runs page, or keep slim copies of them, which take a quarter of the space "
    "(python -m dcgan slim)"
)


class LimitError(RunError):
    """A request would exceed the limits of the server."""


@dataclass(frozen=True)
class Usage:
    """The number of runs in a folder, and their disk space in bytes.

    Attributes:
        num_runs: Number of run folders.
        num_bytes: Size of all files, including deleted runs and uploaded pictures.
        num_trash_bytes: Size of the deleted runs, which can be restored for a week.
        num_upload_bytes: Size of the uploaded pictures; a run needs its pictures to be resumed.
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
        max_disk_gb: Maximum size of all files in the folder of the runs, in 10⁹ bytes.
        min_free_bytes: Space that must stay free on the disk of that folder, in bytes.
    """

    max_runs: int = MAX_RUNS
    max_disk_gb: float = MAX_DISK_GB
    min_free_bytes: int = MIN_FREE_BYTES

    def check_room_for_run(self, root: Path) -> int:
        """Return how many bytes another run may take; measures the folder of the runs.

        Raises:
            LimitError: If there is no room for a run; says how much is used, what is allowed and
                what to do.
        """
        usage = measure_usage(root)
        if usage.num_runs >= self.max_runs:
            raise LimitError(
                f"This server keeps {self.max_runs:,} run{'s' if self.max_runs > 1 else ''} at "
                f"most and has {usage.num_runs:,}: delete some on the Runs page."
            )
        self._check_disk(root, usage, 0)
        allowed = int(self.max_disk_gb * _GB) - usage.num_bytes
        return max(0, min(allowed, count_free_bytes(root) - self.min_free_bytes))

    def check_bytes(self, root: Path, num_bytes: int) -> None:
        """Check that there is room for a file; measures the folder of the runs.

        Raises:
            LimitError: If there is no room; says how much is used, what is allowed and what to do.
        """
        self._check_disk(root, measure_usage(root), num_bytes)

    def check_free(self, root: Path, num_bytes: int = 0) -> None:
        """Check that the disk is not nearly full; fast, because no folder is measured.

        Args:
            root: The folder of the runs.
            num_bytes: Size of the file to be written.

        Raises:
            LimitError: If the disk is nearly full; says how much is free, what is needed and what
                to do.
        """
        free = count_free_bytes(root)
        if free < self.min_free_bytes + num_bytes:
            raise LimitError(
                f"Only {describe_bytes(free)} are free on the disk of the runs, and "
                f"{describe_bytes(self.min_free_bytes + num_bytes)} are needed: free some space "
                f"there, or {_ADVICE}."
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
                    f"{describe_bytes(usage.num_upload_bytes)} in uploaded pictures: delete the "
                    f"files in {root / UPLOADS} that no run needs"
                )
            of_which = f" (of which {'; '.join(parts)})" if parts else ""
            more = f", {describe_bytes(num_bytes)} more are needed" if num_bytes else ""
            raise LimitError(
                f"The runs take {describe_bytes(usage.num_bytes)}{of_which}{more}, and this server "
                f"allows {describe_bytes(allowed)}: {_ADVICE}."
            )
        self.check_free(root, num_bytes)


def read_limits() -> StorageLimits:
    """Return the limits that the server was started with.

    Raises:
        ConfigError: If a variable is not a number above 0, or the number of runs is not whole.
    """
    max_runs = _read_variable(MAX_RUNS_VARIABLE, MAX_RUNS)
    if not max_runs.is_integer():
        raise ConfigError(f"{MAX_RUNS_VARIABLE}: got {max_runs:g}; expected a whole number.")
    return StorageLimits(int(max_runs), _read_variable(MAX_DISK_VARIABLE, MAX_DISK_GB))


def _read_variable(variable: str, default: float) -> float:
    text = os.environ.get(variable, "")
    try:
        value = float(text) if text else float(default)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ConfigError(f"{variable}: got {text!r}; expected a number above 0.")
    return value


def measure_usage(root: Path) -> Usage:
    """Measure the number and size of the runs in a folder. Slow: a hundred runs take 0.1 s.

    Links are not followed. A file that is deleted during the measurement counts as empty.
    """
    included = [path.resolve() for path in installation.list_included_runs()]
    num_runs = num_bytes = num_trash_bytes = num_upload_bytes = 0
    for entry in _list_entries(root):
        if Path(entry.path).resolve() in included:
            continue  # An included run cannot be deleted, so it does not count.
        is_folder = entry.is_dir(follow_symlinks=False)
        size = _measure_folder(Path(entry.path)) if is_folder else _measure_file(entry)
        num_bytes += size
        num_trash_bytes += size if entry.name == TRASH else 0
        num_upload_bytes += size if entry.name == UPLOADS else 0
        num_runs += is_folder and not entry.name.startswith(".")
    return Usage(num_runs, num_bytes, num_trash_bytes, num_upload_bytes)


def _measure_folder(folder: Path) -> int:
    return sum(
        _measure_folder(Path(entry.path))
        if entry.is_dir(follow_symlinks=False)
        else _measure_file(entry)
        for entry in _list_entries(folder)
    )


def _list_entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # The folder does not exist or is not readable.
        return []


def _measure_file(entry: os.DirEntry[str]) -> int:
    with contextlib.suppress(OSError):
        return entry.stat(follow_symlinks=False).st_size
    return 0


def count_free_bytes(root: Path) -> int:
    """Return the free space on the disk of a folder, which need not exist yet.

    Raises:
        LimitError: If the disk cannot be read.
    """
    folder = root.absolute()
    try:
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise LimitError(
            f"The free space on the disk of the runs cannot be read ({error.strerror or error}); "
            f"check that {root} is readable, and try again."
        ) from error


def describe_bytes(num_bytes: int) -> str:
    """Format a size, such as "1.2 GB"."""
    if num_bytes < _GB:
        return f"{num_bytes / 10**6:.0f} MB"
    return f"{num_bytes / _GB:,.1f} GB"
