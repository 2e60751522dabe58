"""Errors of the commands: one sentence on standard error, and an exit code.

Exit codes: 0 done, 1 failed during the work, 2 wrong input (`DCGANError.exit_code` decides between
these two), 129, 130 and 143 interrupted by SIGHUP, SIGINT and SIGTERM with a checkpoint saved.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from dcgan.errors import FAILED, DCGANError


class ErrorReportingGroup(click.Group):
    """A group of commands that prints an expected error as one sentence and exits with its code."""

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except DCGANError as error:
            exit_with_error(str(error), error.exit_code)
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
