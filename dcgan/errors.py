"""The errors that a person can cause, each with a sentence that names the mend.

Every message says what came, what was expected and what to do; the command line prints it
and exits with the error's code, the dashboard shows it in a red box.
"""

from __future__ import annotations

import operator
from typing import ClassVar

# The exit codes of a command: it failed on the way, or what a person gave is wrong.
FAILED, WRONG_INPUT = 1, 2


class DCGANError(Exception):
    """Base of all errors that this library raises on purpose.

    Attributes:
        exit_code: Of a command that ends with this error. Trying again, or on another machine,
            can help only where it is `FAILED`.
    """

    exit_code: ClassVar[int] = WRONG_INPUT


class ConfigError(DCGANError):
    """A setting is out of bounds, of the wrong type, or does not fit another setting."""


class OutOfMemoryError(ConfigError):
    """The settings need more memory than this machine has free."""

    exit_code = FAILED


class BackendError(DCGANError):
    """Keras is loaded already, with a backend that the networks cannot use."""


class DatasetError(DCGANError):
    """A data set is missing, unreadable, too small or too large."""


class DataUnavailableError(DatasetError):
    """The data set of an existing run, or a download, is gone or damaged."""

    exit_code = FAILED


class RunError(DCGANError):
    """A run's folder is missing, incomplete or from a newer format."""


class UnreadableFileError(RunError):
    """A file of a run is damaged, or the disk does not let it be read."""

    exit_code = FAILED


class CheckpointError(UnreadableFileError):
    """A checkpoint is damaged or gone; an older one may serve."""


class DiskWriteError(RunError):
    """The disk refuses to write: full, read-only or gone; trying again later may do."""

    exit_code = FAILED


class UnwritablePathError(DiskWriteError):
    """Nothing can be written at a place: a file is in the way, or this user may not."""

    exit_code = WRONG_INPUT


class InUseError(RunError):
    """Another process holds the run or the file."""

    exit_code = FAILED


class OutputError(DCGANError):
    """The file that a command should write has a wrong ending, folder or size."""


class OutputWriteError(OutputError):
    """The disk refuses to write the file of a command, for example because it is full."""

    exit_code = FAILED


class DivergenceError(DCGANError):
    """Training left the finite numbers."""

    exit_code = FAILED


class WorkerError(DCGANError):
    """One of several workers did not come, or is gone."""

    exit_code = FAILED


class RecipeError(DCGANError):
    """A picture that was handed in is not a PNG of ours: damaged, foreign or too large."""


def check_whole_number(name: str, value: int, minimum: int) -> int:
    """Take a whole number, also a NumPy one, or say which argument is not.

    Raises:
        ValueError: If it is no whole number, or below the minimum.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, got {value!r}.") from None
    if number < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {number}.")
    return number
