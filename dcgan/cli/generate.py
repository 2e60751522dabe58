"""The command `generate`: digits as a picture, an animation or arrays."""

from __future__ import annotations

from pathlib import Path

import click

from dcgan.cli.options import checkpoint_option, run_argument
from dcgan.recording.progress import show_work
from dcgan.runs.library import find_run
from dcgan.settings import MAX_SEED

_MAX_DIGITS = 10_000  # A grid of them is 6,000 pixels wide; 13,000 with images of 64×64.


@click.command()
@run_argument
@click.option(
    "--count", type=click.IntRange(1, _MAX_DIGITS), required=True, help="How many digits."
)
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=0,
    show_default=True,
    help="Start of the random numbers: the same seed draws the same digits.",
)
@checkpoint_option("The step to draw from. [default: the newest]")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=".png: a grid; .gif or .webp: a walk through COUNT latent vectors; .npz: images and z.",
)
def generate(
    run: str, root: Path, count: int, seed: int, checkpoint: int | None, out: Path
) -> None:
    """Draw digits with RUN's generator."""
    from dcgan.export.digit_files import check_output, write_digits

    check_output(out, count)
    found = find_run(run, root)
    write_digits(found, out, count=count, seed=seed, step=checkpoint, progress=show_work)
    click.echo(str(out))
