"""Standard error of the commands: progress lines, and TensorFlow's own log.

Standard output carries results only, for scripts.
"""

from __future__ import annotations

import os

import click

# TensorFlow's log levels: warnings are hidden, errors are shown. TensorFlow 2.21 prints a note on
# oneDNN before it reads the level, twice at its import; only turning oneDNN off prevents that.
_HIDE_WARNINGS, _HIDE_ERRORS = "2", "3"
_LOG_LEVEL_VARIABLE = "TF_CPP_MIN_LOG_LEVEL"


def print_progress(text: str) -> None:
    """Print a line on standard error."""
    click.echo(text, err=True)


def hide_tensorflow_warnings() -> None:
    """Set TensorFlow's log level, unless the user has; before TensorFlow is imported."""
    os.environ.setdefault(_LOG_LEVEL_VARIABLE, _HIDE_WARNINGS)


def hide_tensorflow_errors() -> None:
    """Hide the pages that TensorFlow logs about a lost worker, unless the user asked for them.

    The command itself reports a lost worker in one sentence.
    """
    if os.environ[_LOG_LEVEL_VARIABLE] == _HIDE_WARNINGS:
        os.environ[_LOG_LEVEL_VARIABLE] = _HIDE_ERRORS
