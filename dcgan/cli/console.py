"""Messages on standard error and exit codes of the commands.

Standard output has results only, for scripts. Exit codes: 0 done, 1 failed during the work, 2
wrong input (`DCGANError.exit_code` decides between these two), 129, 130 and 143 interrupted by
SIGHUP, SIGINT and SIGTERM with a checkpoint saved.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from dcgan.cli.suggestions import describe_suggestions
from dcgan.errors import FAILED, DCGANError

# TensorFlow's log levels. By default this program hides warnings and shows errors. At its import,
# TensorFlow 2.21 prints a note on oneDNN twice, before it reads the level; only turning oneDNN off
# would prevent that.
_HIDE_WARNINGS, _HIDE_ERRORS = "2", "3"
_LOG_LEVEL_VARIABLE = "TF_CPP_MIN_LOG_LEVEL"


# The message of a number that is too small or too large, such as "0 is not in the range 1<=x<=9.".
_OUT_OF_RANGE = re.compile(r"(?P<value>\S+) is not in the range ")
_NO_CHOICE = re.compile(r"(?P<value>\S+) is not one of ")
# Messages that `click` raises without a class of their own.
_TAKES_NO_VALUE = re.compile(r"does not take a value")
_EXTRA_ARGUMENTS = re.compile(r"Got unexpected extra arguments? \((?P<values>.*)\)")
_NO_COMMAND = re.compile(r"No such command '(?P<name>.*)'")


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

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        """Read the options before the command's name, such as a misspelled `--version`."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except (click.NoSuchOption, click.BadOptionUsage) as error:
            raise self._explain(error) from None

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except click.UsageError as error:
            raise self._explain(error) from None
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

    def _explain(self, error: click.UsageError) -> click.UsageError:
        """Return an error of `click` in the words of this program."""
        if isinstance(error, click.NoSuchOption):
            known = [] if error.ctx is None else _list_options(error.ctx)
            message = describe_suggestions(error.option_name, known)
        elif isinstance(error, click.MissingParameter):
            message = _describe_missing(error)
        elif isinstance(error, click.BadParameter):
            message = _describe_bad_value(error)
        elif isinstance(error, click.BadOptionUsage):
            message = _describe_bad_usage(error)
        else:
            message = self._describe_usage(error)
        return click.UsageError(message, error.ctx)

    def _describe_usage(self, error: click.UsageError) -> str:
        """Return an error as a sentence, such as "Unexpected argument b; expected only RUN."."""
        if found := _NO_COMMAND.match(error.message):
            return describe_suggestions(found["name"], list(self.commands), kind="command")
        found = _EXTRA_ARGUMENTS.match(error.message)
        if not found or error.ctx is None:
            return error.message
        named = [
            each.make_metavar(error.ctx)
            for each in error.ctx.command.params
            if isinstance(each, click.Argument)
        ]
        expected = f"only {' and '.join(named)}" if named else "only options, which begin with --"
        return f"Unexpected argument {found['values']}; expected {expected}."


def _list_options(context: click.Context) -> list[str]:
    """Return the long names of a command's options."""
    names = [name for each in context.command.get_params(context) for name in each.opts]
    return [name for name in names if name.startswith("--")]


def _describe_missing(error: click.MissingParameter) -> str:
    """Return what is missing, such as "--vary is missing; --help explains it."."""
    if error.param is None or error.ctx is None:
        return error.format_message()
    is_argument = isinstance(error.param, click.Argument)
    name = error.param.make_metavar(error.ctx) if is_argument else error.param.opts[0]
    return f"{name} is missing; --help explains it."


def _describe_bad_usage(error: click.BadOptionUsage) -> str:
    """Return whether an option lacks a value or has one too many."""
    if _TAKES_NO_VALUE.search(error.message):
        return f"{error.option_name} takes no value."
    return f"{error.option_name} needs a value; --help says which."


def _describe_bad_value(error: click.BadParameter) -> str:
    """Return an error as settings have it, such as "--count: got '0'; expected 1 to 10,000."."""
    kind, names = (None, []) if error.param is None else (error.param.type, error.param.opts)
    found = _OUT_OF_RANGE.match(error.message)
    if found and isinstance(kind, click.IntRange | click.FloatRange):
        return f"{names[0]}: got '{found['value']}'; expected {_describe_range(kind)}."
    if isinstance(kind, click.Choice) and (found := _NO_CHOICE.match(error.message)):
        return f"{names[0]}: got {found['value']}; expected {' or '.join(kind.choices)}."
    return error.format_message()


def _describe_range(kind: click.IntRange | click.FloatRange) -> str:
    """Return the allowed numbers, such as "1 to 10,000" or "more than 0"."""
    low = "" if kind.min is None else f"{'more than ' if kind.min_open else ''}{kind.min:,}"
    if kind.max is None:
        return low if kind.min_open else f"{low} or more"
    return f"{low} to {kind.max:,}" if low else f"{kind.max:,} or less"


def exit_with_error(message: str, exit_code: int) -> NoReturn:
    """Print an error on standard error and end the process."""
    click.echo(f"Error: {message}", err=True)
    sys.exit(exit_code)


def exit_if_interrupted(signals: Sequence[int]) -> None:
    """End the process with 128 + the first signal, as shells expect, if there was one."""
    if signals:
        sys.exit(128 + signals[0])
