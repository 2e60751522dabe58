"""The files of studies: one JSON file in a run's folder for each step at which remedies were tried.

trials/.lock                    held while trials train, and while one is adopted or all are deleted
trials/step-00001256.json       the study
trials/NAME/                    the run of a trial, until it is adopted or deleted
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import ValidationError

from dcgan.errors import RunError, UnreadableFileError
from dcgan.files.file_names import format_step_name, list_steps
from dcgan.files.whole_files import translate_write_errors, write_json
from dcgan.locking.lock import FolderLock, editing
from dcgan.remedies.study import FORMAT, Study, StudyFormat
from dcgan.runs.manifest import MANIFEST_NAME
from dcgan.runs.run_folder import Run
from dcgan.runs.trials_folder import TRIALS, delete_trial_runs


def is_trial_run(run: Run) -> bool:
    """Return whether a run belongs to a trial, in the folder of the run that is studied."""
    folder = run.path.parent
    return folder.name == TRIALS and (folder.parent / MANIFEST_NAME).is_file()


@contextlib.contextmanager
def hold_study_lock(run: Run) -> Iterator[None]:
    """Hold the lock of all studies of a run during a block, as they share the folder.

    Raises:
        InUseError: If another process holds it.
        DiskWriteError: If the file system refuses.
    """
    run.check_folder()
    folder = run.path / TRIALS
    lock = FolderLock(folder / ".lock", subject=f"The folder of tried remedies of {run.name}")
    with translate_write_errors(folder):
        folder.mkdir(exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def list_study_steps(run: Run) -> list[int]:
    """Return the steps at which remedies were tried, ascending.

    Raises:
        OSError: If the disk cannot be read.
    """
    return list_steps(run.path / TRIALS, ".json")


def get_study_path(run: Run, step: int) -> Path:
    """Return the path of a study, whether or not it exists."""
    return run.path / TRIALS / format_step_name(step, ".json")


def read_study(run: Run, step: int) -> Study:
    """Read the study of a step.

    If an adoption was interrupted, it counts as done if the trial's run has been moved, and
    otherwise as not begun.

    Raises:
        RunError: If the study is missing, damaged, or has a newer format.
    """
    about = f"{run.name}: the remedies tried at step {step:,}"
    try:
        data = get_study_path(run, step).read_bytes()
        version = StudyFormat.model_validate_json(data).format
        if version > FORMAT:
            raise RunError(
                f"{about} have format {version}; this program reads up to {FORMAT}, so update it."
            )
        return _settle_adoption(run, Study.model_validate_json(data))
    except FileNotFoundError:
        raise RunError(f"{about} are no longer there; test the remedies again.") from None
    except OSError as error:
        raise UnreadableFileError(
            f"{about} cannot be read ({error.strerror}); check its permissions."
        ) from None
    except ValidationError:
        raise UnreadableFileError(
            f"{about} are in a damaged file, {get_study_path(run, step).name}: try them again."
        ) from None


def _settle_adoption(run: Run, study: Study) -> Study:
    """Return the study with an interrupted adoption completed or undone."""
    folders = [run.path / TRIALS / trial.folder for trial in study.trials if trial.folder]
    if not study.adopted or not folders:  # Nothing adopted, or already completed.
        return study
    is_moved = (run.path.parent / study.adopted).is_dir() and not all(
        folder.is_dir() for folder in folders
    )
    return forget_folders(study) if is_moved else study.model_copy(update={"adopted": ""})


def forget_folders(study: Study) -> Study:
    """Return a study without the folders of its trials' runs, after these were moved or deleted."""
    trials = tuple(trial.model_copy(update={"folder": ""}) for trial in study.trials)
    return study.model_copy(update={"trials": trials})


def write_study(run: Run, study: Study) -> None:
    """Write a study; it replaces an earlier one of the same step.

    Raises:
        RunError: If the run is gone, or the file system refuses.
    """
    run.check_folder()
    path = get_study_path(run, study.step)
    with editing(path), translate_write_errors(path):
        write_json(path, study.model_dump(mode="json"))


def change_study(run: Run, step: int, change: Callable[[Study], Study]) -> Study:
    """Read a study, change it and write it, while other processes are kept out.

    Raises:
        RunError: If the study is missing or damaged, or cannot be written.
    """
    run.check_folder()
    path = get_study_path(run, step)
    with editing(path), translate_write_errors(path):
        study = change(read_study(run, step))
        write_json(path, study.model_dump(mode="json"))
    return study


def change_trial(run: Run, step: int, trial_index: int, **changes: object) -> Study:
    """Replace attributes of one trial of a study; errors as in `change_study`."""

    def change(study: Study) -> Study:
        trials = list(study.trials)
        trials[trial_index] = trials[trial_index].model_copy(update=changes)
        return study.model_copy(update={"trials": tuple(trials)})

    return change_study(run, step, change)


def delete_study(run: Run, step: int) -> None:
    """Delete a study and the runs of its trials. Only the newest study has runs.

    Raises:
        RunError: If the run is being studied, or the file system refuses.
    """
    with hold_study_lock(run):
        with translate_write_errors(get_study_path(run, step)):
            get_study_path(run, step).unlink(missing_ok=True)
        delete_trial_runs(run.path / TRIALS)
