"""Deletion in the folder `trials/` of a run, which `dcgan.remedies` writes."""

from __future__ import annotations

import shutil
from pathlib import Path

from dcgan.files.file_names import format_step_name, list_steps
from dcgan.locking.lock import is_in_training

TRIALS = "trials"


def delete_trial_runs(folder: Path, keep: frozenset[str] = frozenset()) -> None:
    """Delete the runs of trials, except those to keep and those in training.

    A folder that cannot be deleted stays for the next call.

    Args:
        folder: The folder `trials/` of a run, whether or not it exists.
        keep: Names of the folders to keep.
    """
    for path in folder.glob("*/"):
        if path.name not in keep and not is_in_training(path):
            shutil.rmtree(path, ignore_errors=True)


def delete_trials_after(folder: Path, step: int) -> None:
    """Delete the studies of steps after a step, and the runs of their trials.

    Only the newest study has runs of trials.

    Raises:
        OSError: If the file system refuses.
    """
    study_steps = list_steps(folder, ".json")
    later_steps = [study_step for study_step in study_steps if study_step > step]
    for later_step in later_steps:
        (folder / format_step_name(later_step, ".json")).unlink(missing_ok=True)
    # If there was no study, delete the runs that an earlier call could not delete.
    if later_steps or not study_steps:
        delete_trial_runs(folder)
