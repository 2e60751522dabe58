"""Messages on standard error and exit codes of the commands.

Standard output has results only, for scripts. Exit codes: 0 done, 1 failed during the work, 2
wrong input (`DCGANError.exit_code` decides between these two), 129, 130 and 143 interrupted by
SIGHUP, SIGINT and SIGTERM with a checkpoint saved.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from dcgan.errors import FAILED, DCGANError

# TensorFlow's log levels. By default this program hides warnings and shows errors. At its import,
# TensorFlow 2.21 prints a note on oneDNN twice, before it reads the level; only turning oneDNN off
# would prevent that.
_HIDE_WARNINGS, _HIDE_ERRORS = "2", "3"
_LOG_LEVEL_VARIABLE = "TF_CPP_MIN_LOG_LEVEL"


def print_progress(text: str) -> None:
    """Print a line on standard error."""
    click.echo(text, err=True)


def hide_tensorflow_warnings() -> None:
    """Set TensorFlow's log level, unless the user has; before TensorFlow is imported."""
    os.environ.setdefault(_LOG_LEVEL_VARIABLE, _HIDE_WARNINGS)


def hide_tensorflow_errors() -> None:
    """Hide TensorFlow's errors too, unless the user has set a log level.

    TensorFlow logs pages about a lost worker; the command itself reports it in one sentence.
    """
    if os.environ[_LOG_LEVEL_VARIABLE] == _HIDE_WARNINGS:
        os.environ[_LOG_LEVEL_VARIABLE] = _HIDE_ERRORS


class ErrorReportingGroup(click.Group):
    """A group of commands that prints an expected error as one sentence and exits with its code."""

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except DCGANError as error:
            exit_with_error(str(error), error.exit_code)
        except BrokenPipeError:  # The reader of the output has gone; `click` ends quietly.
            raise
        except OSError as error:  # Such as a disk that is gone.
            where = f" {error.filename}" if error.filename else ""
            exit_with_error(f"the computer refused{where}: {error.strerror or error}.", FAILED)
        except MemoryError as error:
            reason = f" ({error})" if str(error) else ""
            exit_with_error(
                f"there is not enough memory{reason}; close other programs or ask for less.", FAILED
            )


def exit_with_error(message: str, exit_code: int) -> NoReturn:
    """Print an error on standard error and end the process."""
    click.echo(f"Error: {message}", err=True)
    sys.exit(exit_code)


def exit_if_interrupted(signals: Sequence[int]) -> None:
    """End the process with 128 + the first signal, as shells expect, if there was one."""
    if signals:
        sys.exit(128 + signals[0])
