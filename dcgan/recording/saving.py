"""Writes that a run in training needs: checkpoints, status, events and the last samples."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import numpy as np

from dcgan.errors import (
    ConfigError,
    DiskWriteError,
    DivergenceError,
    RunError,
    UnreadableFileError,
)
from dcgan.latent.sample_grid import sample_fixed_latent
from dcgan.recording.disk_retry import DiskRetryPolicy, retry_write
from dcgan.reports import Event, EventReport, SampleReport
from dcgan.runs.manifest import State
from dcgan.runs.run_folder import Run
from dcgan.training.loop import generate_samples
from dcgan.training.trainable import TrainableGAN


def save_checkpoint(run: Run, gan: TrainableGAN) -> None:
    """Save a checkpoint of the current step.

    Raises:
        DivergenceError: If a weight is not finite; in that case nothing is written.
        RunError: If a write fails.
    """
    state = gan.get_state()
    # The weights are checked too, because a chunk's last update comes after its last loss.
    if not all(np.isfinite(values).all() for values in state.values()):
        raise DivergenceError(
            f"training diverged by step {gan.step:,}: a weight is no longer a number. "
            "Start a new run with lower learning rates."
        )
    run.save_checkpoint(state)


def save_with_status(run: Run, gan: TrainableGAN, state: State, retry: DiskRetryPolicy) -> None:
    """Save a checkpoint and the run's status, with retries.

    Raises:
        DivergenceError: If a weight is not finite; in that case nothing is written.
        RunError: If a write fails, and `retry` gives up.
    """
    retry_write(retry, save_checkpoint, run, gan)
    retry_write(retry, set_status, run, gan, state)


def set_status(run: Run, gan: TrainableGAN, state: State, message: str = "") -> None:
    """Write the run's status at the current step.

    Raises:
        DiskWriteError: If a write fails.
    """
    run.write_status(state, step=gan.step, seconds=gan.seconds, message=message)


def save_event(run: Run, gan: TrainableGAN, event: Event, text: str) -> EventReport:
    """Write an event of the current step to history; return it even if the write fails."""
    epoch = run.config.compute_epoch(gan.step, run.dataset.num_images)
    report = EventReport(gan.step, epoch, gan.seconds, event, text)
    with contextlib.suppress(DiskWriteError):  # The event took place, with or without this line.
        run.write(report)
    return report


def save_last_samples(run: Run, gan: TrainableGAN) -> SampleReport | None:
    """Save the samples of the step at which a person stopped or paused training.

    At a planned end, `train` reports them itself.

    Returns:
        The samples; None if they are saved already, or cannot be made or saved. Training has not
        failed without them, because the checkpoint is saved before.
    """
    # OSError: a folder that cannot be listed.
    with contextlib.suppress(ConfigError, OSError, RunError):
        if gan.step not in run.samples.list_steps():
            epoch = run.config.compute_epoch(gan.step, run.dataset.num_images)
            pixels = generate_samples(gan, sample_fixed_latent(run.config))
            report = SampleReport(gan.step, epoch, gan.seconds, pixels)
            run.write(report)
            return report
    return None


def load_state(run: Run, gan: TrainableGAN, state: Mapping[str, np.ndarray]) -> None:
    """Set the networks to a checkpoint's state.

    Raises:
        UnreadableFileError: If it does not fit the networks of the run's settings.
        WorkerError: If another worker of the run is gone.
    """
    try:
        gan.set_state(state)
    except (ValueError, TypeError) as error:
        raise UnreadableFileError(
            f"{run.name}: the checkpoint of step {int(state['step']):,} does not fit "
            f"config.json: {error}"
        ) from None
