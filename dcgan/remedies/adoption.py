"""Adoption of a trial: its run is moved to the library."""

from __future__ import annotations

from dcgan.errors import RunError
from dcgan.files.file_names import find_free_path
from dcgan.files.whole_files import translate_write_errors
from dcgan.remedies.study import Study
from dcgan.remedies.study_files import (
    change_study,
    forget_folders,
    hold_study_lock,
    read_study,
)
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.trials_folder import TRIALS, delete_trial_runs

_LENGTH_SETTINGS = ("epochs", "max_seconds", "until_converged")


def adopt_trial(run: Run, step: int, trial_index: int) -> Run:
    """Move a trial's run beside the run that was studied, and delete the runs of other trials.

    The adopted run gets the planned length of the studied run. The studied run does not change.

    Args:
        run: The run whose remedies were tried.
        step: The step of the study.
        trial_index: Index of the trial in the study.

    Returns:
        The adopted run.

    Raises:
        RunError: If there is nothing to adopt, the run is being studied, or the file system
            refuses.
    """
    with hold_study_lock(run):
        return _adopt(run, step, trial_index)


def _adopt(run: Run, step: int, trial_index: int) -> Run:
    adopted = _open_trial_run(run, read_study(run, step), trial_index)
    adopted.acquire_lock()
    try:
        planned_length = {name: getattr(run.config, name) for name in _LENGTH_SETTINGS}
        adopted.change_config(adopted.config.replace(**planned_length))
        target = find_free_path(run.path.parent / adopted.name)
        # Written before the move, so that `read_study` recognizes a moved run after a crash.
        change_study(run, step, lambda study: study.model_copy(update={"adopted": target.name}))
        with translate_write_errors(target):
            adopted.lock.move_folder(target)
    finally:
        adopted.lock.release()
    delete_trial_runs(run.path / TRIALS)
    change_study(run, step, forget_folders)
    return open_run(target)


def _open_trial_run(run: Run, study: Study, trial_index: int) -> Run:
    """Open the run of a trial; raise a `RunError` with the reason if it cannot be adopted."""
    if study.adopted:
        raise RunError(
            f"{run.name}: one of these remedies has been adopted already, as {study.adopted}."
        )
    number, num_trials = trial_index + 1, len(study.trials)
    if not 1 <= number <= num_trials:
        raise RunError(f"{run.name}: there is no trial {number}; the last is {num_trials}.")
    trial = study.trials[trial_index]
    if trial.is_baseline:
        raise RunError(
            f"{run.name}: trial {number} changes nothing; continue the run with `resume`."
        )
    folder = run.path / TRIALS / trial.folder
    if not trial.is_adoptable or not folder.is_dir():
        raise RunError(f"{run.name}: trial {number} has no result; try the remedies again.")
    return open_run(folder)
