"""The command `export`: a run's generator, its page, its history, a report or a model card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import click
from rich.console import Console

from dcgan.cli.options import checkpoint_option, run_argument
from dcgan.errors import OutputError
from dcgan.files.output_file import check_parent_exists, is_folder_path, write_output
from dcgan.installation import describe_install_command
from dcgan.runs.library import find_run
from dcgan.runs.run_folder import Run


def _make_csv(run: Run) -> bytes:
    from dcgan.export.tables import make_history_csv

    return make_history_csv(run).encode()


def _make_parquet(run: Run) -> bytes:
    from dcgan.export.tables import make_history_parquet

    return make_history_parquet(run)


def _make_html(run: Run) -> bytes:
    from dcgan.documents.html_report import make_html_report

    return make_html_report(run).encode()


def _make_card(run: Run) -> bytes:
    from dcgan.documents.model_card import make_model_card

    return make_model_card(run).encode()


# Functions that make a file about the run, by its suffix; they need no TensorFlow.
RUN_FILE_MAKERS: Mapping[str, Callable[[Run], bytes]] = MappingProxyType(
    {".csv": _make_csv, ".parquet": _make_parquet, ".html": _make_html, ".md": _make_card}
)
_MODEL_SUFFIXES = (".keras", ".onnx", ".tflite")
_PAGE_SUFFIX = "generator.html"  # The end of the page's name; all other .html files are reports.
*_other_suffixes, _last_suffix = (*_MODEL_SUFFIXES, *RUN_FILE_MAKERS)
_SUFFIXES = f"{', '.join(_other_suffixes)} or {_last_suffix}"


@click.command()
@run_argument
@checkpoint_option("The step to export. [default: the newest]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help=f"A {_SUFFIXES} file, or a folder for a SavedModel.",
)
@click.option(
    "--as",
    "kind",
    type=click.Choice(["hub"]),
    help="hub: --out is a folder to upload to Hugging Face's hub, with the model card as its page.",
)
def export(run_name: str, root: Path, checkpoint: int | None, out: Path, kind: str | None) -> None:
    """Write RUN's generator, history, report or model card.

    The files can be used without this program.

    A name that ends in generator.html gives a page that draws; any other .html is a report.

    \b
    generator.keras   the generator as a Keras model
    generator.onnx    the generator for ONNX Runtime; needs the packages of the extra onnx
    generator.tflite  the generator for LiteRT (TensorFlow Lite), such as on a phone
    a folder          the generator as a SavedModel; with --as hub, files for Hugging Face's hub
    generator.html    the generator as a page that draws digits, opened by a double click; 1 MB,
                      with the classic preset 6 MB
    history.csv       the history as a table, one row for each report
    history.parquet   the same table, with the type of each column
    report.html       a page with its pictures, charts and settings, to be shown anywhere
    card.md           a model card in the form of Hugging Face: what it draws, how to load it
    """
    run = find_run(run_name, root)
    check_parent_exists(out)
    suffix = out.suffix.lower()
    if kind == "hub":
        if not is_folder_path(out):
            raise OutputError(
                f"--out: got {out.name!r}; --as hub writes a folder, so leave out {out.suffix}."
            )
        from dcgan.documents.hub_folder import write_hub_folder

        with Console(stderr=True).status("Writing the models"):
            write_hub_folder(run, out, step=checkpoint)
        if not (out / "generator.onnx").exists():
            click.echo(
                f"Without generator.onnx. To add it: {describe_install_command('onnx')}; then "
                "export again.",
                err=True,
            )
    elif out.name.lower().endswith(_PAGE_SUFFIX):
        from dcgan.documents.generator_page import make_generator_page

        with Console(stderr=True).status("Writing the page"):
            page = make_generator_page(run, step=checkpoint)
        write_output(out, page.encode())
    elif make := RUN_FILE_MAKERS.get(suffix):
        if checkpoint is not None:
            raise OutputError(f"--checkpoint: {out.name} is about the whole run; leave it out.")
        write_output(out, make(run))
        if suffix == ".html" and not out.name.lower().endswith("report.html"):
            click.echo(
                "This is a report. For the page that draws, give a name that ends in "
                f"{_PAGE_SUFFIX}.",
                err=True,
            )
    elif suffix in _MODEL_SUFFIXES or is_folder_path(out):
        from dcgan.export.model_files import export_generator

        with Console(stderr=True).status("Writing the model"):
            export_generator(run, out, step=checkpoint)
    else:  # Refused here, as `export_generator` would first load TensorFlow, which takes seconds.
        raise OutputError(f"--out: got {out.name!r}; it must end in {_SUFFIXES}, or be a folder.")
    click.echo(str(out))
