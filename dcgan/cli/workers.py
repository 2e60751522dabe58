"""The steps of the commands `train` and `resume` that concern several workers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from dcgan.cli.console import (
    exit_if_interrupted,
    exit_with_error,
    hide_tensorflow_errors,
    print_progress,
)
from dcgan.errors import ConfigError, WorkerError
from dcgan.recording.progress import show_work
from dcgan.signals import install_signal_collector

if TYPE_CHECKING:
    from dcgan.distributed.channel import WorkerChannel
    from dcgan.recording.start import MakeGAN


def set_workers(workers: str | None, index: int | None, strategy: object) -> bool:
    """Set the workers from --workers and --worker-index; return whether they were given.

    Raises:
        ConfigError: If only one of the two is given, or another strategy than multi_worker.
    """
    if workers is None and index is None:
        return False
    if workers is None or index is None:
        raise ConfigError("--workers and --worker-index: give both.")
    if strategy not in (None, "multi_worker"):
        raise ConfigError("--workers needs --strategy multi_worker.")
    hide_tensorflow_errors()
    from dcgan.distributed.cluster import set_cluster

    set_cluster(workers, index)
    return True


def is_follower(strategy: str) -> bool:
    """Return whether this process is a worker other than the chief."""
    if strategy != "multi_worker":
        return False
    hide_tensorflow_errors()
    from dcgan.distributed.cluster import read_cluster

    return not read_cluster().is_chief


@contextlib.contextmanager
def connect_workers(strategy: str) -> Iterator[WorkerChannel | None]:
    """Connect the chief to the other workers while it prepares a run.

    Yields:
        The channel to the other workers; None if the strategy has one process.

    Raises:
        WorkerError: If another worker did not connect.
    """
    if strategy != "multi_worker":
        yield None
        return
    from dcgan.distributed.workers import connect

    with connect() as channel:
        yield channel


def choose_gan_maker(channel: WorkerChannel | None) -> MakeGAN:
    """Return the function that makes a run's networks: in this process, or with other workers."""
    if channel is None:
        from dcgan.recording.start import make_local_gan

        return make_local_gan
    from dcgan.distributed.workers import make_gan

    return partial(make_gan, channel)


def follow_chief(received_signals: list[int]) -> None:
    """Train as the chief directs until its run ends; print the run's folder last."""
    from dcgan.distributed.workers import run_worker

    def report_start(text: str) -> None:
        if not received_signals:
            install_signal_collector(received_signals)  # TensorFlow replaced the SIGTERM handler.
        print_progress(text)

    try:
        run_folder = run_worker(lambda: bool(received_signals), report_start, show_work)
    except WorkerError as error:
        exit_with_error(str(error), error.exit_code)
    click.echo(run_folder)
    exit_if_interrupted(received_signals)
