"""The command `generate`: digits as a picture, an animation or arrays."""

from __future__ import annotations

from pathlib import Path

import click

from dcgan.cli.options import checkpoint_option, run_argument
from dcgan.config.settings import MAX_SEED
from dcgan.errors import ConfigError
from dcgan.latent.class_text import MAX_CHARACTERS
from dcgan.recording.progress import show_work
from dcgan.runs.library import find_run

_MAX_DIGITS = 10_000  # A grid of them is 6,000 pixels wide; 13,000 with images of 64×64.
_MAX_TEXTS = _MAX_DIGITS // MAX_CHARACTERS
_NUM_HANDWRITINGS = 4  # Default of --count for the animation of a text, which takes 4 seconds.


@click.command()
@run_argument
@click.option(
    "--count",
    type=click.IntRange(1, _MAX_DIGITS),
    help="How many pictures; with --text how often it is written, each time in another "
    "handwriting.",
)
@click.option(
    "--class",
    "class_names",
    metavar="NAME",
    multiple=True,
    help="Draw this class; repeat it for several, which take turns. Needs a run that learned the "
    "classes. [default: all classes in turn]",
)
@click.option(
    "--text",
    help=f"Write a text of at most {MAX_CHARACTERS} characters, each the name of a class, in one "
    "handwriting: with the same z for all.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=0,
    show_default=True,
    help="Start of the random numbers: the same seed draws the same pictures.",
)
@checkpoint_option("The step to draw from. [default: the newest]")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=".png: a grid; .gif or .webp: a walk through COUNT latent vectors; .npz: images and z.",
)
def generate(
    run_name: str,
    root: Path,
    count: int | None,
    class_names: tuple[str, ...],
    text: str | None,
    seed: int,
    checkpoint: int | None,
    out: Path,
) -> None:
    """Draw digits, or other pictures, with RUN's generator.

    \b
    --count 64 --out digits.png            64 digits
    --class 7 --count 64 --out sevens.png  64 sevens
    --text 2026 --out year.png             a number in one handwriting
    """
    if text is None:
        if count is None:
            raise click.UsageError("--count is missing; only --text needs none.")
    elif text == "":
        raise ConfigError(f"--text: got nothing; expected 1 to {MAX_CHARACTERS} characters.")
    elif class_names:
        raise click.UsageError("--text and --class exclude each other; a text names its classes.")
    elif count is None:
        count = _NUM_HANDWRITINGS if out.suffix.lower() in (".gif", ".webp") else 1
    elif count > _MAX_TEXTS:
        raise ConfigError(f"--count: got {count}; a text is written at most {_MAX_TEXTS} times.")
    from dcgan.export.digit_files import check_output, write_digits

    check_output(out, count, text or "")
    run = find_run(run_name, root)
    write_digits(
        run,
        out,
        count=count,
        seed=seed,
        step=checkpoint,
        class_names=class_names,
        text=text or "",
        progress=show_work,
    )
    click.echo(str(out))
