"""The command `slim`: a small copy of a run."""

from __future__ import annotations

from pathlib import Path

import click

from dcgan.cli.options import checkpoint_option, run_argument
from dcgan.runs.library import find_run


@click.command()
@run_argument
@checkpoint_option("The step to keep. [default: the newest]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder of the copy; must be new or empty.",
)
def slim(run_name: str, root: Path, checkpoint: int | None, out: Path) -> None:
    """Copy RUN in a quarter of the space.

    The copy generates nearly the same images and can be trained further. It has the weights in half
    precision, without the optimizers' state, and as much of the history as charts and a film show.
    """
    from dcgan.export.slim import make_slim_copy

    click.echo(str(make_slim_copy(find_run(run_name, root), out, checkpoint).path))
