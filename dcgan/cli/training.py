"""Training from the command line: progress, signals, the checkpoint at the end and the verdict."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Generator
from typing import TYPE_CHECKING

import click

from dcgan.cli.console import exit_if_interrupted, exit_with_error, print_progress
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.errors import FAILED, DiskWriteError, UnreadableFileError, WorkerError
from dcgan.evaluation.main_metric import is_at_quick_limit
from dcgan.recording.disk_retry import DiskRetryPolicy, build_disk_retry
from dcgan.recording.progress import show_progress
from dcgan.reports import AnyReport
from dcgan.runs.retention import find_best_checkpoint
from dcgan.runs.run_folder import Run
from dcgan.signals import install_signal_collector

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.distributed.channel import WorkerChannel
    from dcgan.model.gan import DCGAN


def set_determinism(deterministic: bool) -> None:
    """Make this process repeatable bit for bit if --deterministic was given."""
    if deterministic:
        from dcgan.backend import make_deterministic

        make_deterministic()


def train_to_end(
    run: Run,
    gan: DCGAN,
    dataset: ImageDataset,
    received_signals: list[int],
    channel: WorkerChannel | None = None,
    *,
    profile: bool = False,
) -> None:
    """Train until the run is finished or the first signal comes; print the run's folder last.

    Args:
        run, gan, dataset: What `recording.start_run` returns.
        received_signals: The signals received so far; see `signals.collect_signals`.
        channel: To the other workers of the run, if it has any.
        profile: Whether to write a TensorFlow profile.
    """
    from dcgan.recording.profiling import add_profile

    if channel is not None and not received_signals:
        install_signal_collector(received_signals)  # TensorFlow replaced the SIGTERM handler.
    if run.config.dataset not in NAMED_SETS:
        print_progress(f"{dataset.name}: {dataset.describe()}")
    last_step = run.config.compute_total_steps(len(dataset))
    retry = build_disk_retry(received_signals, print_progress)
    try:
        with (
            contextlib.closing(_record(channel, run, gan, dataset, retry)) as recorded,
            contextlib.closing(
                add_profile(recorded, run.path, print_progress) if profile else recorded
            ) as reports,
            contextlib.closing(show_progress(reports, run.config, last_step)) as shown,
        ):
            for _ in shown:
                if channel is not None and channel.stop_is_requested and not received_signals:
                    received_signals.append(signal.SIGTERM)
                if received_signals:
                    break
    except (DiskWriteError, WorkerError) as error:
        exit_with_error(f"{error}{_describe_saved_step(run)}", FAILED)
    finally:  # Training that failed leaves a run, too.
        click.echo(str(run.path))
    if received_signals:
        print_progress(f"Saved at step {gan.step:,}; resume continues from there.")
        exit_if_interrupted(received_signals)
    _print_verdict(run)


def _describe_saved_step(run: Run) -> str:
    """Return a sentence after a space; "" without a checkpoint, or if the disk cannot be read."""
    try:
        step = run.checkpoints.find_newest()
    except OSError:
        return ""
    return "" if step is None else f" The run is saved up to step {step:,}."


def _record(
    channel: WorkerChannel | None,
    run: Run,
    gan: DCGAN,
    dataset: ImageDataset,
    retry: DiskRetryPolicy,
) -> Generator[AnyReport]:
    if channel is None:
        from dcgan.recording.recorder import record

        return record(run, gan, dataset, retry)
    from dcgan.distributed.workers import record_with_workers

    return record_with_workers(channel, run, gan, dataset, retry)


def _print_verdict(run: Run) -> None:
    """Print the verdict on a finished run, as the Train page shows it."""
    from dcgan.diagnosis.diagnose import diagnose

    # The run is trained and saved anyway. OSError: its checkpoints cannot be listed.
    with contextlib.suppress(OSError, UnreadableFileError):
        steps = run.history.read_steps()
        if not steps:
            return
        evaluations = run.history.read_evaluations()
        verdict = diagnose(
            steps,
            evaluations,
            run.history.read_events(),
            run.config,
            num_images=run.dataset.num_images,
            has_ended=True,
        )
        text = f"{verdict.headline} {verdict.outlook or verdict.evidence[0]}"
        if verdict.kind == "starting":
            text += " To train longer, use resume with --epochs or --max-seconds."
        best = find_best_checkpoint(
            evaluations, run.checkpoints.list_steps(), run.dataset.num_images
        )
        is_unsure = not evaluations or is_at_quick_limit(evaluations[-1], run.dataset.num_images)
        if verdict.kind == "converged" and best not in {None, steps[-1].step} and not is_unsure:
            text += f" Step {best:,} was nearest to real ones: --checkpoint {best} uses it."
        print_progress(text)
