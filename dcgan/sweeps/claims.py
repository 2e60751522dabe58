"""Claims on the runs of a sweep: one process at a time trains a combination.

Imports TensorFlow only to train.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dcgan.errors import InUseError
from dcgan.files.file_names import list_steps
from dcgan.files.whole_files import translate_write_errors
from dcgan.locking.lock import FolderLock
from dcgan.progress import ProgressCallback, no_progress
from dcgan.runs.copying import is_finished
from dcgan.runs.run_folder import Run
from dcgan.sweeps.combinations import Combination

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN

# Folder under the root: a lock for each combination that was ever claimed, and folders to delete.
_CLAIMS_FOLDER = ".sweep"


@contextlib.contextmanager
def claim(combination: Combination) -> Iterator[None]:
    """Keep every other process of any sweep from training a combination.

    The run's own lock is not enough: it is in the run's folder, which may not exist yet.

    Raises:
        InUseError: If another process holds the claim.
        DiskWriteError: If the root cannot be written.
    """
    folder = combination.path.parent / _CLAIMS_FOLDER
    with contextlib.ExitStack() as claims:
        with translate_write_errors(folder, is_new=True):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{combination.path.name}.lock"
            claims.enter_context(_lock(path, combination).held())
        yield


def _lock(path: Path, combination: Combination) -> FolderLock:
    return FolderLock(path, subject=combination.path.name)


@dataclass(frozen=True, eq=False)
class PreparedRun:
    """A run that is ready to be recorded.

    Attributes:
        run, gan, dataset: The arguments of `recording.record`.
        step: The step at which it resumes; None for a new run.
    """

    run: Run
    gan: DCGAN
    dataset: ImageDataset
    step: int | None


def prepare_run(
    combination: Combination, progress: ProgressCallback = no_progress
) -> PreparedRun | None:
    """Start the run of a combination, or resume it from its last checkpoint.

    Args:
        combination: Must be claimed.
        progress: Reports how many own pictures have been read.

    Returns:
        The run, not yet trained; None if it is already finished.

    Raises:
        InUseError: If another program, such as a dashboard, holds the run.
        DCGANError: If the run cannot be started or resumed.
    """
    from dcgan.recording.start import continue_run, start_run

    run = combination.find_run()
    if run is not None and (holder := run.lock.read_holder()) is not None:
        raise InUseError(f"{combination.path.name} is being written by {holder}.")
    if run is not None and _finish_if_done(run):
        return None
    if run is not None and run.checkpoints.list_steps():
        run, gan, dataset = continue_run(run, progress=progress)
        return PreparedRun(run, gan, dataset, step=gan.step)
    _delete_abandoned_folder(combination)
    run, gan, dataset = start_run(
        combination.config,
        root=combination.path.parent,
        path=combination.path,
        title=combination.title,
        progress=progress,
    )
    return PreparedRun(run, gan, dataset, step=None)


def _finish_if_done(run: Run) -> bool:
    """Return whether training is done; if a crash has left no status that says so, write one."""
    if run.read_status().state == "finished":
        return True
    if not run.checkpoints.list_steps():
        return False
    state = run.checkpoints.load()
    if not is_finished(run, int(state["step"]), float(state["seconds"])):
        return False
    run.acquire_lock()
    try:
        run.write_status("finished", step=int(state["step"]), seconds=float(state["seconds"]))
    finally:
        run.lock.release()
    return True


def _delete_abandoned_folder(combination: Combination) -> None:
    """Delete the folder of a process that died before its first checkpoint."""
    path = combination.path
    if not path.is_dir():
        return
    # The claim keeps other sweeps away, but another program could write the folder as soon as its
    # lock is released. So the folder is moved while its lock is held, and then deleted.
    moved = path.parent / _CLAIMS_FOLDER / path.name
    with translate_write_errors(path):
        moved.parent.mkdir(exist_ok=True)
        if moved.exists():  # A process died while it deleted the folder.
            shutil.rmtree(moved)
        lock = _lock(path / ".lock", combination)
        with lock.held():
            if list_steps(path / "checkpoints", ".npz"):
                raise InUseError(f"{combination.path.name} has just been trained elsewhere.")
            lock.move_folder(moved)
        shutil.rmtree(moved)
