"""Adoption of a trial: its branch becomes a run of its own."""

from __future__ import annotations

from dcgan.errors import RunError
from dcgan.file_names import find_free_path
from dcgan.files import translate_write_errors
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.trials_folder import TRIALS, delete_trial_runs
from dcgan.trials.records import TrialRecord, change_record, locking_trials, read_record


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
        RunError: If there is nothing to adopt, the run is being tried, or the file system refuses.
    """
    with locking_trials(run):
        return _adopt(run, step, number)


def _adopt(run: Run, step: int, number: int) -> Run:
    branch = _open_branch(run, read_record(run, step), number)
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
    delete_trial_runs(run.path / TRIALS)
    return open_run(target)


def _open_branch(run: Run, record: TrialRecord, number: int) -> Run:
    """Open the branch of a trial; raise a `RunError` with the reason if it cannot be adopted."""
    if record.adopted:
        raise RunError(
            f"{run.name}: one of these remedies has been adopted already, as {record.adopted}."
        )
    if not 0 <= number < len(record.trials):
        raise RunError(
            f"{run.name}: there is no trial {number + 1}; the last is {len(record.trials)}."
        )
    trial = record.trials[number]
    if trial.kind in ("nothing", "repeated"):
        raise RunError(
            f"{run.name}: trial {number + 1} changes nothing; continue the run with `resume`."
        )
    folder = run.path / TRIALS / trial.branch
    if trial.is_open or not trial.branch or not folder.is_dir():
        raise RunError(f"{run.name}: trial {number + 1} has no result; try the remedies again.")
    return open_run(folder)
