"""The folders of tunings under a root, hidden from the library of runs.

.tunings/NAME/tuning.json       the plan and the results, which stay
.tunings/NAME/run-03/           an ordinary run of a candidate, deleted when the tuning is finished
.tunings/NAME/.lock             held while it trains

The name is made of the starting settings and the time, so the same command finds its tuning again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.data.picture_paths import make_absolute
from dcgan.errors import RunError
from dcgan.files.whole_files import read_model, translate_write_errors, write_json
from dcgan.locking.lock import FolderLock
from dcgan.tuning.tuning import FORMAT, Tuning, TuningFormat

_FOLDER = ".tunings"
_FILE = "tuning.json"
_NAME_DIGITS = 12


def find_folder(root: Path, base: TrainingConfig, minutes: float) -> Path:
    """Return the folder of a tuning, whether or not it exists.

    Args:
        root: The folder of the runs.
        base: The starting settings.
        minutes: Time for the whole tuning.

    Raises:
        DatasetError: If the path of own pictures begins with an unknown person's home.
    """
    # Without defaults, so that new settings of a later version do not change the name, and without
    # what a run takes from its data.
    settings = base.model_dump(
        mode="json", include=set(Settings.model_fields), exclude_defaults=True
    )
    if base.dataset not in NAMED_SETS:
        settings["dataset"] = make_absolute(base.dataset)
    text = json.dumps([settings, minutes], sort_keys=True)
    return root / _FOLDER / hashlib.sha256(text.encode()).hexdigest()[:_NAME_DIGITS]


def list_tunings(root: Path) -> list[Path]:
    """Return the folders of all tunings under a root, the last written one first."""
    try:
        files = [(path.stat().st_mtime_ns, path) for path in (root / _FOLDER).glob(f"*/{_FILE}")]
    except OSError:
        return []
    return [path.parent for _, path in sorted(files, reverse=True)]


def read_tuning(folder: Path) -> Tuning | None:
    """Read the tuning of a folder; None if there is none.

    Raises:
        RunError: If it is damaged or of a newer version.
    """
    path = folder / _FILE
    if not path.is_file():
        return None
    # Check the format first, because a newer format may have other fields.
    version = read_model(path, TuningFormat).format
    if version > FORMAT:
        raise RunError(
            f"This tuning has format {version}; this program reads up to {FORMAT}, so update it."
        )
    return read_model(path, Tuning)


def write_tuning(folder: Path, tuning: Tuning) -> None:
    """Write a tuning.

    Raises:
        DiskWriteError: If the file system refuses.
    """
    with translate_write_errors(folder, is_new=True):
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / _FILE, tuning.model_dump(mode="json"))


@contextlib.contextmanager
def hold_lock(folder: Path) -> Iterator[None]:
    """Make the folder of a tuning, and hold its lock during a block.

    Raises:
        InUseError: If another process trains this tuning.
        DiskWriteError: If the file system refuses.
    """
    lock = FolderLock(folder / ".lock", subject="This tuning")
    with translate_write_errors(folder, is_new=True):
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        if (folder / _FILE).exists():
            lock.release()
        else:  # The block failed before it had planned a tuning, or deleted the tuning.
            _delete_locked(folder, lock)


def _delete_locked(folder: Path, lock: FolderLock) -> None:
    """Delete a folder and release its lock, unless the file system refuses to delete.

    The folder is moved first: once its lock is free, another process may make a new one.
    """
    moved = folder.with_name(f"{folder.name}.deleted")
    shutil.rmtree(moved, ignore_errors=True)  # Left by a process that died here.
    try:
        lock.move_folder(moved)
    except OSError:
        lock.release()
    shutil.rmtree(moved, ignore_errors=True)


def get_run_path(folder: Path, run_index: int) -> Path:
    """Return the folder of a run of a tuning."""
    return folder / f"run-{run_index:02d}"


def delete_runs(folder: Path) -> None:
    """Delete all runs of a tuning, except runs that the file system does not delete."""
    for path in folder.glob("run-*/"):
        shutil.rmtree(path, ignore_errors=True)


def delete_tuning(folder: Path) -> None:
    """Delete a tuning with its results and its runs.

    Raises:
        InUseError: If it trains.
        DiskWriteError: If the file system refuses.
    """
    # Without the file, the end of the lock deletes the folder.
    with hold_lock(folder), translate_write_errors(folder):
        (folder / _FILE).unlink(missing_ok=True)


def delete_run(folder: Path, run_index: int) -> None:
    """Delete a run of a tuning, unless the file system refuses."""
    shutil.rmtree(get_run_path(folder, run_index), ignore_errors=True)
