"""The command `check`: own pictures, looked at before training."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dcgan.cli.options import select_given, settings_options
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DatasetError, OutputError
from dcgan.recording.progress import show_work


@click.command()
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write a contact sheet, a .png with some of the pictures as the networks see them.",
)
@settings_options(("image_size", "color", "polarity"))
def check(path: str, as_json: bool, sheet: Path | None, **flags: str | None) -> None:
    """Look at the pictures in PATH before training.

    Prints what they are, what stands out, and advice. PATH is a folder, a .zip or another file of
    own pictures. Without --image-size and --color, the pictures are read as the advice says.
    Nothing is changed.
    """
    from dcgan.data_check.advice import advise
    from dcgan.data_check.check import check_pictures
    from dcgan.data_check.contact_sheet import draw_contact_sheet
    from dcgan.data_check.report import convert_to_json, describe
    from dcgan.files.output_file import check_parent_exists, write_output
    from dcgan.images.png_recipe import encode_png

    if path in NAMED_SETS:
        raise DatasetError(f"{path} is a named set, which needs no check; give your own pictures.")
    if sheet is not None:
        if sheet.suffix.lower() != ".png":
            raise OutputError(f"--sheet: got {sheet.name!r}; it must end in .png.")
        check_parent_exists(sheet, "--sheet")
    settings = select_given(flags)
    config = TrainingConfig.create(dataset=path, **settings)
    checked = check_pictures(config, show_work)
    advised = {name: advise(checked).settings[name] for name in ("image_size", "color")}
    wanted = config.replace(**advised | settings)
    if wanted != config:
        del checked  # Its pictures need memory.
        checked = check_pictures(wanted, show_work)
    if sheet is not None:
        write_output(sheet, encode_png(draw_contact_sheet(checked.dataset)))
    if as_json:
        click.echo(json.dumps(convert_to_json(checked), indent=2))
        return
    for line in describe(checked):
        click.echo(line)
