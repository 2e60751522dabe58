"""The command `train`: a new run."""

from __future__ import annotations

from pathlib import Path

import click

from dcgan.cli.options import (
    ALL_PRESETS_HELP,
    deterministic_option,
    has_time_limit_only,
    preset_option,
    profile_option,
    select_given,
    settings_options,
    workers_options,
)
from dcgan.cli.training import set_determinism, train_to_end
from dcgan.cli.workers import (
    choose_gan_maker,
    connect_workers,
    follow_chief,
    is_follower,
    set_workers,
)
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError
from dcgan.installation import ROOT
from dcgan.recording.progress import show_work
from dcgan.signals import collect_signals


@click.command()
@preset_option(ALL_PRESETS_HELP)
@click.option(
    "--run-dir",
    type=click.Path(path_type=Path),
    help="Folder of this run, new or empty. [default: a new one under --root]",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the runs, the same as the dashboard's. [default: checkpoints/]",
)
@deterministic_option
@profile_option
@workers_options
@settings_options(Settings.model_fields)
def train(
    preset: str,
    run_dir: Path | None,
    root: Path | None,
    deterministic: bool,
    profile: bool,
    workers: str | None,
    worker_index: int | None,
    **flags: str | None,
) -> None:
    """Train a new run. Flags that are not given take the preset's values.

    With --max-seconds and no --epochs, training ends after that time. With --until-converged and
    neither of them, it ends after an hour at most. With --workers, start the command once for each
    worker; the flags of the first one hold for all.
    """
    if run_dir is not None and root is not None:
        raise ConfigError("--root: --run-dir is already the folder of this run; give one of them.")
    settings = select_given(flags)
    if set_workers(workers, worker_index, settings.get("strategy")):
        settings["strategy"] = "multi_worker"
    if has_time_limit_only(settings):
        settings["epochs"] = None
    config = TrainingConfig.preset(preset, **settings)
    with collect_signals() as received_signals:
        if is_follower(config.strategy):
            set_determinism(deterministic)
            follow_chief(received_signals)
            return
        from dcgan.recording.start import start_run

        set_determinism(deterministic)
        with connect_workers(config.strategy) as channel:
            prepared = start_run(
                config,
                root=root or ROOT,
                path=run_dir,
                progress=show_work,
                make_gan=choose_gan_maker(channel),
            )
        train_to_end(*prepared, received_signals, channel, profile=profile)
