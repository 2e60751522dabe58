"""The command `tune`: better settings for a data set, found in a given time."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dcgan.cli.console import exit_if_interrupted, print_progress
from dcgan.cli.options import (
    Number,
    has_time_limit_only,
    preset_option,
    root_option,
    select_given,
    settings_options,
)
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DCGANError, DiskWriteError, InUseError
from dcgan.recording.disk_retry import build_disk_retry
from dcgan.recording.progress import show_progress, show_work
from dcgan.signals import collect_signals

if TYPE_CHECKING:
    from dcgan.tuning.tuner import Tuner


@click.command()
@click.argument("path")
@click.option(
    "--minutes",
    type=Number(0, 10_000, min_open=True),
    default=10,
    show_default=True,
    help="Time for all of it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@root_option("Folder where the tuning is kept.")
@preset_option("The settings to start from.")
@settings_options(name for name in Settings.model_fields if name != "dataset")
def tune(
    path: str, minutes: float, as_json: bool, root: Path, preset: str, **flags: str | None
) -> None:
    """Find better settings for the pictures in PATH.

    PATH can also be a named set, such as mnist. Short trainings try other settings, one change at a
    time and then together; the better half trains on. The settings to start from train to the end
    too, and other seeds then show whether the difference is chance. The same command continues an
    interrupted tuning, and prints the result of a finished one again.
    """
    settings = select_given(flags)
    if has_time_limit_only(settings):
        settings["epochs"] = None
    base = TrainingConfig.preset(preset, dataset=path, **settings)
    from dcgan.tuning.opening import open_tuner
    from dcgan.tuning.result import judge_tuning
    from dcgan.tuning.tuning_files import find_folder, hold_lock
    from dcgan.tuning.tuning_text import convert_to_json, describe_tuning

    folder = find_folder(root, base, minutes)
    with hold_lock(folder), collect_signals() as received_signals:
        tuner = open_tuner(folder, base, minutes, show_work)
        while (run := tuner.tuning.find_pending_run()) is not None and not received_signals:
            _train_run(tuner, run, received_signals)
    if received_signals:
        print_progress("Interrupted; the same command continues.")
        exit_if_interrupted(received_signals)
    tuning, result = tuner.tuning, judge_tuning(tuner.tuning)
    if as_json:
        click.echo(json.dumps(convert_to_json(tuning, result), indent=2))
        return
    for line in describe_tuning(tuning, result):
        click.echo(line)


def _train_run(tuner: Tuner, index: int, received_signals: list[int]) -> None:
    from dcgan.tuning.tuning_text import describe_progress

    print_progress(describe_progress(tuner.tuning, index))
    retry = build_disk_retry(received_signals, print_progress)
    try:
        run, gan, dataset = tuner.prepare_run(index)
        with (
            contextlib.closing(tuner.train_run(index, run, gan, dataset, retry)) as reports,
            contextlib.closing(show_progress(reports, run.config, None)) as shown,
        ):
            for _ in shown:
                if received_signals:
                    break
    except (DiskWriteError, InUseError):
        raise
    except DCGANError as error:  # The tuning has it; other settings may do better.
        print_progress(str(error))
