"""The command `resume`: more training of a run, or a branch of it."""

from __future__ import annotations

from pathlib import Path

import click

from dcgan.cli.options import (
    Number,
    checkpoint_option,
    deterministic_option,
    profile_option,
    run_argument,
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
from dcgan.config.setting_info import list_settings_that_change
from dcgan.config.training_config import MAX_SECONDS_UNTIL_CONVERGED
from dcgan.recording.progress import show_work
from dcgan.runs.library import find_run
from dcgan.signals import collect_signals


@click.command()
@run_argument
@click.option("--epochs", type=click.IntRange(1, 100_000), help="Train this many epochs more.")
@click.option(
    "--max-seconds",
    type=Number(0, 10_000_000, min_open=True),
    help="Train this many seconds more.",
)
@checkpoint_option("Continue from this step, as a branch.")
@click.option(
    "--take-over",
    is_flag=True,
    help="Continue RUN at once after the crash of another machine that was writing it.",
)
@deterministic_option
@profile_option
@workers_options
@click.option(
    "--dataset",
    metavar="PATH",
    help="New path of the run's own pictures, if they have moved.",
)
@settings_options(list_settings_that_change("in_branch"))
def resume(
    run_name: str,
    root: Path,
    epochs: int | None,
    max_seconds: float | None,
    checkpoint: int | None,
    take_over: bool,
    deterministic: bool,
    profile: bool,
    workers: str | None,
    worker_index: int | None,
    **flags: str | None,
) -> None:
    """Train RUN further; without flags, finish the planned training.

    With changed settings, train a branch: a new run that begins at RUN's last step. Its folder is
    beside RUN, or in --root if RUN comes with the program.
    """
    changes = select_given(flags)
    has_workers = set_workers(workers, worker_index, changes.get("strategy"))
    with collect_signals() as received_signals:
        # A worker other than the chief needs no run: its machine may not have the folder.
        run = None if has_workers and is_follower("multi_worker") else find_run(run_name, root)
        if run is None or is_follower(str(changes.get("strategy", run.config.strategy))):
            set_determinism(deterministic)
            follow_chief(received_signals)
            return
        if has_workers and run.config.strategy != "multi_worker":
            changes["strategy"] = "multi_worker"
        from dcgan.recording.changes import apply_changes
        from dcgan.recording.start import continue_run

        set_determinism(deterministic)
        has_length = epochs is not None or max_seconds is not None
        if "until_converged" in changes and not has_length and not run.config.until_converged:
            # Nobody has chosen a length, so the run gets the limit of a new run of this kind.
            settings = {name: value for name, value in changes.items() if name != "dataset"}
            if apply_changes(run.config, settings, "in_branch").until_converged:
                max_seconds = MAX_SECONDS_UNTIL_CONVERGED
        strategy = str(changes.get("strategy", run.config.strategy))
        with connect_workers(strategy) as channel:
            prepared = continue_run(
                run,
                epochs=epochs,
                seconds=max_seconds,
                step=checkpoint,
                changes=changes,
                take_over=take_over,
                root=root if run.is_read_only else None,
                progress=show_work,
                make_gan=choose_gan_maker(channel),
            )
        train_to_end(*prepared, received_signals, channel, profile=profile)
