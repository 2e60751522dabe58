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
from dcgan.reports import ProgressCallback, no_progress
from dcgan.runs.run_folder import Run
from dcgan.sweeps.combinations import Combination

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN

# Under the root: a lock for each combination that was ever claimed, and folders to delete.
_LOCKS = ".sweep"


@contextlib.contextmanager
def claim(combination: Combination) -> Iterator[None]:
    """Keep every other process of any sweep from training a combination.

    A run's own lock cannot do that: it is in the run's folder, which may not exist yet.

    Raises:
        InUseError: If another process holds the claim.
        DiskWriteError: If the root cannot be written.
    """
    folder = combination.path.parent / _LOCKS
    with contextlib.ExitStack() as claims:
        with translate_write_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{combination.path.name}.lock"
            claims.enter_context(_lock(path, combination).held())
        yield


def _lock(path: Path, combination: Combination) -> FolderLock:
    return FolderLock(path, subject=_name_skipped(combination))


def _name_skipped(combination: Combination) -> str:
    """Return the beginning of an error for a combination that another process trains."""
    return f"{combination.path.name} is skipped: it"


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
        raise InUseError(f"{_name_skipped(combination)} is being written by {holder}.")
    if run is not None and _is_finished(run):
        return None
    if run is not None and run.checkpoints.list_steps():
        ready = continue_run(run, progress=progress)
        return PreparedRun(*ready, step=ready[1].step)
    _remove_remains(combination)
    ready = start_run(combination.config, path=combination.path, progress=progress)
    ready[0].write_label(combination.title, "")
    return PreparedRun(*ready, step=None)


def _is_finished(run: Run) -> bool:
    """Return whether training is done; first write the status that a crash prevented, if any."""
    if run.read_status().state == "finished":
        return True
    if not run.checkpoints.list_steps():
        return False
    state = run.checkpoints.load()
    if not run.config.is_done(int(state["step"]), float(state["seconds"]), run.dataset.num_images):
        return False
    run.acquire_lock()
    try:
        run.write_status("finished", step=int(state["step"]), seconds=float(state["seconds"]))
    finally:
        run.lock.release()
    return True


def _remove_remains(combination: Combination) -> None:
    """Remove the folder of a process that died before its first checkpoint."""
    path = combination.path
    if not path.is_dir():
        return
    # Moved away before it is deleted, while its lock is held: the claim keeps sweeps away, but
    # another program could write the folder as soon as the lock is released.
    remains = path.parent / _LOCKS / path.name
    with translate_write_errors(path):
        remains.parent.mkdir(exist_ok=True)
        if remains.exists():  # A process died while it deleted them.
            shutil.rmtree(remains)
        lock = _lock(path / ".lock", combination)
        with lock.held():
            if list_steps(path / "checkpoints", ".npz"):
                raise InUseError(f"{_name_skipped(combination)} has just been trained elsewhere.")
            lock.move_folder(remains)
        shutil.rmtree(remains)
