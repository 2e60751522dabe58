"""The command line `python -m dcgan`, a group of commands; each command is in its own file.

Results go to standard output, progress to standard error. A first SIGINT or SIGTERM saves a
checkpoint and ends the command; a second one ends the process at once.
"""

from __future__ import annotations

import click

from dcgan import __version__
from dcgan.cli.commands.check import check
from dcgan.cli.commands.evaluate import evaluate
from dcgan.cli.commands.export import export
from dcgan.cli.commands.generate import generate
from dcgan.cli.commands.resume import resume
from dcgan.cli.commands.runs import runs
from dcgan.cli.commands.slim import slim
from dcgan.cli.commands.sweep import sweep
from dcgan.cli.commands.train import train
from dcgan.cli.commands.try_remedies import try_remedies
from dcgan.cli.commands.tune import tune
from dcgan.cli.console import ErrorReportingGroup, exit_with_error, hide_tensorflow_warnings
from dcgan.errors import DiskWriteError
from dcgan.installation import COMMAND
from dcgan.standard_streams import (
    escape_unencodable_text,
    reopen_closed_streams,
    tolerate_closed_readers,
)

hide_tensorflow_warnings()


@click.group(cls=ErrorReportingGroup, context_settings={"max_content_width": 100})
@click.version_option(__version__, message="DCGAN Studio %(version)s")
def main() -> None:
    """Train a DCGAN on MNIST or on your own pictures, and use what it learned."""


_TRAINING = (check, train, tune, sweep, resume, try_remedies)
for command in (*_TRAINING, generate, export, slim, evaluate, runs):
    main.add_command(command)


def run_command_line() -> None:
    """Run the command line with the process's arguments and standard streams."""
    reopen_closed_streams()
    tolerate_closed_readers()
    escape_unencodable_text()
    try:
        main(prog_name=COMMAND)
    except DiskWriteError as error:  # Standard output could not be written.
        exit_with_error(str(error), error.exit_code)
