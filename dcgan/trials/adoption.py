"""Adoption of a trial: its branch becomes a run of its own."""

from __future__ import annotations

from dcgan.errors import RunError
from dcgan.file_names import find_free_path
from dcgan.files import translate_write_errors
from dcgan.runs.run_folder import TRIALS, Run, open_run
from dcgan.trials.records import (
    TrialRecord,
    change_record,
    delete_branches,
    locking_trials,
    read_record,
)


def adopt_trial(run: Run, step: int, number: int) -> Run:
    """Make a run of a trial's branch, beside the run, and delete the other branches.

    The new run has the planned length of the old one, which stays as it is.

    Args:
        run: The run whose remedies were tried.
        step: The step of the record.
        number: The trial's number, from 0.

    Returns:
        The new run.

    Raises:
        RunError: If the trial has no branch, the run is being tried, or the file system refuses.
    """
    with locking_trials(run):
        return _adopt(run, step, number)


def _adopt(run: Run, step: int, number: int) -> Run:
    trials = read_record(run, step).trials
    trial = trials[number] if 0 <= number < len(trials) else None
    folder = run.path / TRIALS / (trial.branch if trial is not None else "")
    if trial is None or not trial.branch or trial.is_open or not folder.is_dir():
        raise RunError(
            f"{run.name}: trial {number + 1} has no branch that can be adopted; try it again."
        )
    branch = open_run(folder)
    branch.acquire_lock()
    try:
        branch.change_config(
            branch.config.replace(epochs=run.config.epochs, max_seconds=run.config.max_seconds)
        )
        target = find_free_path(run.path.parent / branch.name)
        with translate_write_errors(target):
            branch.lock.move_folder(target)
    finally:
        branch.lock.release()

    def note(record: TrialRecord) -> TrialRecord:
        rest = tuple(trial.model_copy(update={"branch": ""}) for trial in record.trials)
        return record.model_copy(update={"trials": rest, "adopted": target.name})

    change_record(run, step, note)
    delete_branches(run)
    return open_run(target)
