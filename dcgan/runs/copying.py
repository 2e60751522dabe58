"""Copies and branches of runs."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from dcgan.evaluation.evaluations_since_change import find_convergence_event
from dcgan.files.file_names import make_dated_folder, make_empty_folder
from dcgan.files.whole_files import translate_write_errors
from dcgan.installation import ROOT
from dcgan.runs.manifest import State, get_current_time
from dcgan.runs.run_folder import Run


def branch_run(run: Run, root: Path | None = None, step: int | None = None) -> Run:
    """Create a new run from one of a run's checkpoints, and acquire its lock.

    Args:
        run: The run, which stays as it is.
        root: Folder for the branch; None for the run's own parent folder, or for
            the default root if the run is read-only.
        step: The checkpoint; None for the newest.

    Raises:
        RunError: If there is no such checkpoint, or the file system refuses; nothing is left
            behind.
    """
    if root is None:
        root = ROOT if run.is_read_only else run.path.parent
    checkpoint = run.checkpoints.load(step)
    with translate_write_errors(root):
        path = make_dated_folder(root, run.name)
    branch = Run(path, run.config, run.dataset, created=get_current_time(), parent=run.name)
    _fill(branch, run, checkpoint, run.samples.list_steps(), "stopped")
    return branch


def copy_run(
    run: Run, path: Path, checkpoint: Mapping[str, np.ndarray], sample_steps: Iterable[int]
) -> Run:
    """Copy a run as it was at a checkpoint, and acquire the lock of the copy.

    Args:
        run: The run, which stays as it is.
        path: Folder of the copy, new or empty.
        checkpoint: The only checkpoint of the copy, as arrays of `checkpoints.load`.
        sample_steps: Steps of the sample grids to copy; those after the checkpoint are left out.

    Raises:
        RunError: If the folder is in use, or the file system refuses; nothing is left behind.
    """
    copy = Run(
        path.resolve(),
        run.config,
        run.dataset,
        created=run.created,
        parent=run.parent,
        versions=run.versions,
    )
    copy.check_writable()
    with translate_write_errors(path):
        make_empty_folder(path, "give a new folder")
    step, seconds = int(checkpoint["step"]), float(checkpoint["seconds"])
    state: State = "finished" if is_finished(run, step, seconds) else "stopped"
    _fill(copy, run, checkpoint, sample_steps, state)
    return copy


def is_finished(run: Run, step: int, seconds: float) -> bool:
    """Return whether a run ended by itself at a step: as planned, or as it stopped improving.

    Args:
        run: The run.
        step, seconds: Step and training time of one of its checkpoints.
    """
    is_done = run.config.is_done(step, seconds, run.dataset.num_images)
    return is_done or find_convergence_event(run.history.read_events(), step) is not None


def _fill(
    target: Run,
    source: Run,
    checkpoint: Mapping[str, np.ndarray],
    sample_steps: Iterable[int],
    state: State,
) -> None:
    """Fill a new run's folder with the history, grids and weights of another at a checkpoint."""
    step = int(checkpoint["step"])
    with target.filling_new_folder():
        with translate_write_errors(target.path):
            if source.history.path.is_file():
                shutil.copyfile(source.history.path, target.history.path)
            for sample_step in sample_steps:
                with contextlib.suppress(FileNotFoundError):  # Deleted meanwhile by a training.
                    shutil.copyfile(
                        source.samples.get_path(sample_step), target.samples.get_path(sample_step)
                    )
        target.save_checkpoint(checkpoint)
        target.rewind(step)
        target.change_config(target.config)  # Writes its settings.
        target.write_status(state, step=step, seconds=float(checkpoint["seconds"]))
