"""Errors that a person can cause, with messages that explain how to fix them.

Each message names the value that was given, what was expected and what to do. The command line
prints it and exits with the error's code; the dashboard shows it in a red box.
"""

from __future__ import annotations

from typing import ClassVar

# Exit codes of a command that failed during its work, or was given wrong input.
FAILED, WRONG_INPUT = 1, 2


class DCGANError(Exception):
    """Base of all errors that this library raises on purpose.

    Attributes:
        exit_code: Exit code of a command that ends with this error. A retry, or another machine,
            can help only if the code is `FAILED`.
        setting: Name of the setting that has to change; the message begins with it. "" if the error
            is not about one setting.
        problem: The message without the setting's name.
    """

    exit_code: ClassVar[int] = WRONG_INPUT

    def __init__(self, problem: str, *, setting: str = "") -> None:
        super().__init__(problem)
        self.setting = setting
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.setting}: {self.problem}" if self.setting else self.problem


class ConfigError(DCGANError):
    """A setting is out of bounds, of the wrong type, or does not fit another setting."""


class OutOfMemoryError(ConfigError):
    """The settings need more memory than this machine has free."""

    exit_code = FAILED


class BackendError(DCGANError):
    """Keras or TensorFlow was started in this process in a way that cannot be used or changed."""


class MissingPackageError(DCGANError):
    """An optional package that the requested function needs is not installed."""


class DatasetError(DCGANError):
    """A data set is missing, unreadable, too small or too large."""

    def __init__(self, problem: str, *, setting: str = "dataset") -> None:
        super().__init__(problem, setting=setting)


class DataUnavailableError(DatasetError):
    """A download, or the data set of an existing run, is missing or damaged."""

    exit_code = FAILED


class RunError(DCGANError):
    """A run's folder is missing, incomplete or from a newer format."""


class UnreadableFileError(RunError):
    """A file of a run is damaged, or cannot be read from the disk."""

    exit_code = FAILED


class CheckpointError(UnreadableFileError):
    """A checkpoint is damaged or deleted; an older one may be usable."""


class DiskWriteError(RunError):
    """The disk refuses to write: full, read-only or removed; a later retry may succeed."""

    exit_code = FAILED


class UnwritablePathError(DiskWriteError):
    """A path cannot be written: a file is in the way, or permission is missing."""

    exit_code = WRONG_INPUT


class InUseError(RunError):
    """Another process is using the run or the file."""

    exit_code = FAILED


class OutputError(DCGANError):
    """A command cannot write the requested file: its suffix, folder or size is wrong."""


class OutputWriteError(OutputError):
    """The disk refuses to write the file of a command, for example because it is full."""

    exit_code = FAILED


class DivergenceError(DCGANError):
    """Training diverged: a loss or a gradient became NaN or infinite."""

    exit_code = FAILED


class WorkerError(DCGANError):
    """One of several workers did not connect, or was lost."""

    exit_code = FAILED


class RecipeError(DCGANError):
    """A picture is not a PNG with this program's recipe, or is damaged or too large."""
