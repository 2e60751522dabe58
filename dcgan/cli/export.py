"""The command `export`: a run's generator, its history or an HTML report of it."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from dcgan.cli.options import checkpoint_option, run_argument
from dcgan.errors import OutputError
from dcgan.output_file import check_output_folder, write_output
from dcgan.runs.library import find_run
from dcgan.runs.run_folder import Run

_RUN_FILE_SUFFIXES = (".csv", ".parquet", ".html")  # Files about the run; they need no TensorFlow.


@click.command()
@run_argument
@checkpoint_option("The step to export. [default: the newest]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="A .keras, .csv, .parquet or .html file, or a folder for a SavedModel.",
)
def export(run: str, root: Path, checkpoint: int | None, out: Path) -> None:
    """Write RUN's generator, its history or an HTML report of it, for use without this program.

    \b
    generator.keras  the generator as a Keras model
    a folder         the generator as a SavedModel
    history.csv      the history as a table, one row for each report
    history.parquet  the same table, with the type of each column
    report.html      a page with its pictures, charts and settings, to be shown anywhere
    """
    found = find_run(run, root)
    if out.suffix.lower() in _RUN_FILE_SUFFIXES:
        if checkpoint is not None:
            raise OutputError(f"--checkpoint: {out.name} is about the whole run; leave it out.")
        _write_run_file(found, out)
    else:
        from dcgan.export.model_files import export_generator

        with Console(stderr=True).status("Writing the model"):
            export_generator(found, out, step=checkpoint)
    click.echo(str(out))


def _write_run_file(run: Run, out: Path) -> None:
    """Write the history or the HTML report of a run."""
    check_output_folder(out)
    if out.suffix.lower() == ".html":
        from dcgan.export.html_report import make_html_report

        data = make_html_report(run).encode()
    else:
        from dcgan.export.tables import make_history_csv, make_history_parquet

        is_csv = out.suffix.lower() == ".csv"
        data = make_history_csv(run).encode() if is_csv else make_history_parquet(run)
    write_output(out, data)
