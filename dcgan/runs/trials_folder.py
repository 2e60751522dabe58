"""The folder `trials/` of a run: the remedies that were tried, and their end at a rollback.

`dcgan.remedies` writes it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from dcgan.files.file_names import format_step_name, list_steps
from dcgan.locking.lock import is_in_training

TRIALS = "trials"


def delete_trial_runs(folder: Path, keep: frozenset[str] = frozenset()) -> None:
    """Delete the runs of trials, except those to keep and those in training.

    The next call tries again to delete a folder that could not be deleted.

    Args:
        folder: The folder `trials/` of a run, whether or not it exists.
        keep: Names of the folders to keep.
    """
    for path in folder.glob("*/"):
        if path.name not in keep and not is_in_training(path):
            shutil.rmtree(path, ignore_errors=True)


def delete_trials_after(folder: Path, step: int) -> None:
    """Delete the studies of later steps; the only runs of trials belong to the newest of them.

    Raises:
        OSError: If the file system refuses.
    """
    steps = list_steps(folder, ".json")
    later = [other for other in steps if other > step]
    for other in later:
        (folder / format_step_name(other, ".json")).unlink(missing_ok=True)
    if later or not steps:  # Without a study, what an earlier call could not delete.
        delete_trial_runs(folder)
