"""Records of trials: one JSON file in a run's folder for each step at which remedies were tried.

A trial trains a run of its own, called its branch, for a short time with one remedy.

trials/.lock                    held during a try, and while its results are adopted or deleted
trials/step-00001256.json       the record
trials/NAME/                    the branch of a trial, until it is adopted or deleted
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dcgan.errors import (
    DiskWriteError,
    InUseError,
    OutOfMemoryError,
    RunError,
    UnreadableFileError,
)
from dcgan.file_names import format_step_name, list_steps
from dcgan.files import translate_write_errors, write_json
from dcgan.runs.lock import FolderLock, editing
from dcgan.runs.run_folder import Run
from dcgan.runs.trials_folder import TRIALS, delete_trial_runs

FORMAT = 1  # Increased when an older version could misread a newer record.

ROWS, COLUMNS = 5, 8  # Of the grid of digits in a measurement.

_DIGIT_METRICS = ("frechet_distance", "confident", "diversity")
_OTHER_METRICS = ("frechet_distance", "precision", "coverage")

# Errors that say nothing about a remedy: a trial that met one can be tried again.
MACHINE_ERRORS = (DiskWriteError, InUseError, OutOfMemoryError)

TrialKind = Literal["nothing", "changed", "returned", "new_run", "repeated"]

_Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_PICTURES_AS_TEXT = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")


class Figure(BaseModel, frozen=True):
    """A metric of one generator over several seeds of z.

    Attributes:
        value: The mean.
        low, high: The minimum and the maximum.
    """

    value: _Number
    low: _Number
    high: _Number


class Measurement(BaseModel):
    """The state of a generator at one step.

    Attributes:
        step: The step.
        figures: Metrics by their names in `metric_info.METRIC_INFO`; empty if the data set has too
            few images.
        png: A grid of its digits. All trials of a record use the same z.
    """

    model_config = _PICTURES_AS_TEXT

    step: _Count
    figures: Mapping[str, Figure]
    png: bytes


class Trial(BaseModel):
    """A short training with one remedy, or without any for comparison.

    Attributes:
        kind: "nothing" continues without a change; "repeated" also, but with other noise, which
            shows the influence of chance; "changed" continues with other settings; "returned"
            starts from an earlier checkpoint, "new_run" from random weights.
        changes: The new values of settings, by name.
        step: For "returned", the step of the checkpoint; otherwise None.
        result: Measurement after its last step; None before.
        num_steps: Number of steps that it trained.
        problem: Error message if it failed, otherwise "".
        branch: Name of its branch's folder; "" if there is none.
    """

    model_config = _PICTURES_AS_TEXT

    kind: TrialKind
    changes: Mapping[str, _Number] = Field(default_factory=dict)
    step: _Count | None = None
    result: Measurement | None = None
    num_steps: _Count = 0
    problem: str = ""
    branch: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it has neither a result nor an error yet."""
        return self.result is None and not self.problem


class _Format(BaseModel):
    """The part of a record that every format has."""

    format: int


class TrialRecord(_Format):
    """The trials of the remedies that a verdict suggests, at one step of a run.

    Attributes:
        step: The step of the checkpoint from which they start.
        seconds: Training time of each.
        headline: Headline of the verdict.
        real_figures: Metrics of real images, for comparison.
        before: Measurement at the checkpoint; None before the first trial.
        trials: In the order of their training.
        adopted: Name of the run made from the adopted branch, or "".
    """

    model_config = _PICTURES_AS_TEXT

    step: _Count
    seconds: _Number
    headline: str
    real_figures: Mapping[str, _Number] = Field(default_factory=dict)
    before: Measurement | None = None
    trials: tuple[Trial, ...]
    adopted: str = ""

    @property
    def open_numbers(self) -> tuple[int, ...]:
        """Indices of the trials that have neither a result nor an error yet."""
        return tuple(number for number, trial in enumerate(self.trials) if trial.is_open)

    @property
    def adoptable_numbers(self) -> tuple[int, ...]:
        """Indices of the trials whose branches can become runs."""
        return tuple(
            number for number, trial in enumerate(self.trials) if trial.branch and not trial.is_open
        )

    @property
    def num_measured(self) -> int:
        """Number of trials with a result; those that failed have none."""
        return sum(trial.result is not None for trial in self.trials)

    @property
    def shown_metrics(self) -> tuple[str, ...]:
        """Names of the metrics that people compare, which depend on whether the data are digits."""
        return _DIGIT_METRICS if "confident" in self.real_figures else _OTHER_METRICS


def is_trial(run: Run) -> bool:
    """Return whether a run is a trial's branch in the folder of the run that was tried."""
    folder = run.path.parent
    return folder.name == TRIALS and (folder.parent / "config.json").is_file()


def lock_trials(run: Run) -> FolderLock:
    """Acquire and return the lock of all trials of a run, as they share records and branches.

    Raises:
        InUseError: If another try holds it.
        DiskWriteError: If the file system refuses.
    """
    run.check_folder()
    folder = run.path / TRIALS
    lock = FolderLock(folder / ".lock", subject=f"The record of the remedies of {run.name}")
    with translate_write_errors(folder):
        folder.mkdir(exist_ok=True)
        lock.acquire()
    return lock


@contextlib.contextmanager
def locking_trials(run: Run) -> Iterator[None]:
    """Keep other tries of a run out; errors as in `lock_trials`."""
    lock = lock_trials(run)
    try:
        yield
    finally:
        lock.release()


def list_records(run: Run) -> list[int]:
    """Return the steps at which remedies were tried, ascending."""
    return list_steps(run.path / TRIALS, ".json")


def record_path(run: Run, step: int) -> Path:
    """Return the path of a record, whether or not it exists."""
    return run.path / TRIALS / format_step_name(step, ".json")


def read_record(run: Run, step: int) -> TrialRecord:
    """Read the record of a step.

    Raises:
        RunError: If the record is missing, damaged, or has a newer format.
    """
    about = f"{run.name}: the remedies tried at step {step:,}"
    try:
        data = record_path(run, step).read_bytes()
        found = _Format.model_validate_json(data).format
        if found > FORMAT:
            raise RunError(
                f"{about} have format {found}; this program reads up to {FORMAT}, so update it."
            )
        return TrialRecord.model_validate_json(data)
    except FileNotFoundError:
        raise RunError(f"{about} are no longer there.") from None
    except OSError as error:
        raise UnreadableFileError(f"{about} cannot be read ({error.strerror}).") from None
    except ValidationError:
        raise UnreadableFileError(
            f"{about} are in a damaged file, {record_path(run, step).name}: try them again."
        ) from None


def write_record(run: Run, record: TrialRecord) -> None:
    """Write a record; it replaces an earlier one of the same step.

    Raises:
        RunError: If the run is gone, or the file system refuses.
    """
    run.check_folder()
    path = record_path(run, record.step)
    with editing(path), translate_write_errors(path):
        write_json(path, record.model_dump(mode="json"))


def change_record(run: Run, step: int, change: Callable[[TrialRecord], TrialRecord]) -> TrialRecord:
    """Read a record, change it and write it, under a lock against other processes.

    Raises:
        RunError: As in `read_record` and `write_record`.
    """
    run.check_folder()
    path = record_path(run, step)
    with editing(path), translate_write_errors(path):
        record = change(read_record(run, step))
        write_json(path, record.model_dump(mode="json"))
    return record


def change_trial(run: Run, step: int, number: int, **changes: object) -> TrialRecord:
    """Replace attributes of one trial of a record; errors as in `change_record`."""

    def change(record: TrialRecord) -> TrialRecord:
        trials = list(record.trials)
        trials[number] = trials[number].model_copy(update=changes)
        return record.model_copy(update={"trials": tuple(trials)})

    return change_record(run, step, change)


def delete_record(run: Run, step: int) -> None:
    """Delete a record and the branches of its trials.

    Raises:
        RunError: If the run is being tried, or the file system refuses.
    """
    with locking_trials(run):
        with translate_write_errors(record_path(run, step)):
            record_path(run, step).unlink(missing_ok=True)
        delete_trial_runs(run.path / TRIALS)
