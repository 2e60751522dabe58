"""The command `sweep`: one run for each combination of some settings' values."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from dcgan.cli.console import exit_if_interrupted, print_progress
from dcgan.cli.options import (
    Number,
    deterministic_option,
    has_time_limit_only,
    preset_option,
    root_option,
    select_given,
    settings_options,
)
from dcgan.cli.training import set_determinism, train_to_end
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError, DCGANError, InUseError
from dcgan.recording.progress import show_work
from dcgan.signals import collect_signals, install_signal_collector
from dcgan.sweeps import claims
from dcgan.sweeps.combinations import MAX_SWEEP_RUNS, Combination, assign_folders
from dcgan.sweeps.grid import expand_grid, parse_values
from dcgan.sweeps.table import format_table, read_row
from dcgan.sweeps.tasks import identify_task


@click.command()
@click.option(
    "--vary",
    "varied",
    multiple=True,
    required=True,
    metavar="SETTING=V1,V2,…",
    help="Values of a setting, one for each run, such as seed=1,2,3; lists such as the filters are "
    "separated by semicolons. With two settings, every combination is trained.",
)
@root_option("Folder of the runs.")
@preset_option("The same as for train.")
@click.option(
    "--tasks",
    type=click.IntRange(1),
    help="Divide the runs among this many tasks, and train only one task's share. [default: 1]",
)
@click.option(
    "--task",
    type=click.IntRange(0),
    help="Number of the task to train, from 0. [default, with --tasks: SLURM_ARRAY_TASK_ID or "
    "JOB_COMPLETION_INDEX]",
)
@click.option(
    "--on",
    "engine",
    type=click.Choice(["here", "ray"]),
    default="here",
    show_default=True,
    help="here: one after the other, in this process. ray: at the same time, on the cores of this "
    "machine or of the cluster that RAY_ADDRESS names.",
)
@click.option(
    "--cpus-per-run", type=click.IntRange(1), help="Cores for each run on Ray. [default: 1]"
)
@click.option(
    "--gpus-per-run",
    type=Number(0),
    help="GPUs for each run on Ray, or a part of one. [default: 0]",
)
@click.option("--dry-run", is_flag=True, help="Show the progress of the runs, and train nothing.")
@deterministic_option
@settings_options(Settings.model_fields)
def sweep(
    varied: tuple[str, ...],
    root: Path,
    preset: str,
    tasks: int | None,
    task: int | None,
    engine: str,
    cpus_per_run: int | None,
    gpus_per_run: float | None,
    dry_run: bool,
    deterministic: bool,
    **flags: str | None,
) -> None:
    """Train one run for each value of a setting.

    At the end it prints their folders and a comparison. If a run fails, the next one starts. An
    interrupt saves the runs in training and ends the sweep. The same command continues it: finished
    runs stay as they are, interrupted ones are resumed.
    """
    choices: dict[str, list[object]] = {}
    for pair in varied:
        name, equals, text = pair.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise ConfigError(f"--vary: got {pair!r}; expected a setting, = and its values.")
        choices.setdefault(name, []).extend(parse_values(name, text))
    settings = select_given(flags)
    if has_time_limit_only(settings | choices):
        settings["epochs"] = None
    first = {name: values[0] for name, values in choices.items() if values}
    base = TrainingConfig.preset(preset, **(settings | first))
    configs = expand_grid(base, choices, MAX_SWEEP_RUNS, settings)
    task, tasks = identify_task(task, tasks, os.environ)
    share = assign_folders(configs, choices, root)[task::tasks]
    if engine == "ray":
        if any(config.strategy == "multi_worker" for config in configs):
            raise ConfigError(
                "--on ray: got --strategy multi_worker; Ray trains each run in one process."
            )
        from dcgan.sweeps.ray_runner import check_ray

        check_ray()
    elif cpus_per_run is not None or gpus_per_run is not None:
        raise ConfigError("--cpus-per-run and --gpus-per-run: give them with --on ray.")
    if tasks > 1:
        print_progress(
            f"Task {task} (of 0 to {tasks - 1}): {len(share)} of the {len(configs)} runs"
        )
    if dry_run:
        for line in format_table([read_row(combination) for combination in share]):
            click.echo(line)
        return
    with collect_signals() as received_signals:
        exit_code: int | str | None
        try:
            if engine == "ray":
                options = (cpus_per_run or 1, gpus_per_run or 0.0, deterministic)
                exit_code = _train_on_ray(share, *options, received_signals)
            else:
                set_determinism(deterministic)
                exit_code = _train_here(share, received_signals)
        except SystemExit as system_exit:  # An interrupt, or a disk that cannot be written.
            exit_code = system_exit.code
    # On standard error, because standard output lists only the folders, for scripts.
    for line in format_table([read_row(combination) for combination in share]):
        print_progress(line)
    sys.exit(exit_code)


def _train_here(share: Sequence[Combination], received_signals: list[int]) -> int:
    """Train one run after the other; return the worst exit code."""
    exit_code = 0
    for number, combination in enumerate(share, start=1):
        exit_if_interrupted(received_signals)
        title = f"Run {number} of {len(share)}: {combination.label}"
        try:
            with claims.claim(combination):
                prepared = claims.prepare_run(combination, show_work)
                if prepared is None:
                    run = combination.find_run()
                    differences = "" if run is None else combination.describe_differences(run)
                    change = f", and was changed since: {differences}" if differences else ""
                    print_progress(f"{title}: already finished{change}")
                    click.echo(str(combination.path.resolve()))
                    continue
                resume = "" if prepared.step is None else f": resumes at step {prepared.step:,}"
                print_progress(f"{title}{resume}")
                train_to_end(prepared.run, prepared.gan, prepared.dataset, received_signals)
        except InUseError as error:
            print_progress(f"{title}: skipped: {error}")
            exit_code = max(exit_code, error.exit_code)
        except DCGANError as error:  # For example a learning rate that is too high.
            print_progress(f"{title}\nError: {error}")
            exit_code = max(exit_code, error.exit_code)
    return exit_code


def _train_on_ray(
    share: Sequence[Combination],
    cpus: int,
    gpus: float,
    deterministic: bool,
    received_signals: list[int],
) -> int:
    """Train the runs at the same time; return the worst exit code."""
    from dcgan.sweeps.ray_runner import train_all

    def restore_signals() -> None:
        if not received_signals:
            install_signal_collector(received_signals)  # Ray replaced the SIGTERM handler.

    try:
        exit_code = train_all(
            share,
            cpus=cpus,
            gpus=gpus,
            deterministic=deterministic,
            received_signals=received_signals,
            on_start=restore_signals,
            report=print_progress,
        )
    except SystemExit:  # From Ray's handler of SIGTERM while Ray starts; no run trains yet.
        exit_code = 128 + signal.SIGTERM
    for combination in share:
        with contextlib.suppress(DCGANError):  # The table shows damaged runs.
            if combination.find_run() is not None:
                click.echo(str(combination.path.resolve()))
    exit_if_interrupted(received_signals)
    return exit_code
