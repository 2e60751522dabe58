"""Rollbacks of a run in training: by a person, and after divergence."""

from __future__ import annotations

import contextlib

from dcgan.config.config_text import format_setting
from dcgan.config.setting_info import get_setting_label, list_settings_that_change
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DiskWriteError, DivergenceError, RunError
from dcgan.recording.saving import load_state, save_checkpoint, save_event, set_status
from dcgan.reports import EventReport
from dcgan.runs.run_folder import Run
from dcgan.training.trainable import TrainableGAN

# How often a training may diverge and roll back, each time with half the learning rates.
MAX_ROLLBACKS = 3


def roll_back(run: Run, gan: TrainableGAN, step: int) -> EventReport:
    """Return to one of the run's checkpoints, between two reports of `record`.

    Everything that was saved after this step is deleted; the settings do not change.

    Returns:
        The event that was written to history.

    Raises:
        RunError: If there is no such checkpoint, it is damaged, or a write fails. The networks
            then stay as they were.
        WorkerError: If another worker of the run is gone.
    """
    step_before, state_before = gan.step, gan.get_state()
    settings = describe_kept_settings(run, step)
    load_state(run, gan, run.checkpoints.load(step))
    try:
        run.rewind(gan.step)
    except RunError:
        gan.set_state(state_before)
        # The checkpoint of this step may be deleted already.
        with contextlib.suppress(DivergenceError, RunError):
            save_checkpoint(run, gan)
        raise
    with contextlib.suppress(DiskWriteError):  # The next checkpoint writes the status again.
        set_status(run, gan, "paused" if run.read_status().state == "paused" else "running")
    return save_event(
        run, gan, "rolled_back", f"Back to step {gan.step:,} from step {step_before:,}{settings}."
    )


def describe_kept_settings(run: Run, step: int) -> str:
    """Describe the current settings if they were changed after a step; "" otherwise.

    Returns:
        The end of a sentence, which begins with a comma.
    """
    if not any(
        event.step > step and event.event in ("changed", "diverged")
        for event in run.history.read_events()
    ):
        return ""
    values = ", ".join(
        f"{get_setting_label(name)} {format_setting(run.config, name)}"
        for name in list_settings_that_change("live")
    )
    return f", with the current settings: {values}"


def roll_back_divergence(
    run: Run, gan: TrainableGAN, diverged_at: int, config: TrainingConfig, attempt: int
) -> EventReport:
    """Return to the newest checkpoint, with half the learning rates of a config.

    After a disk error it can be called again with the same arguments.

    Args:
        run: The run.
        gan: Its networks, with weights that are not finite.
        diverged_at: The step at which the divergence was noticed.
        config: The settings with which it diverged.
        attempt: The number of this rollback, from 1.
    """
    load_state(run, gan, run.checkpoints.load())
    slower = config.replace(
        generator_learning_rate=config.generator_learning_rate / 2,
        discriminator_learning_rate=config.discriminator_learning_rate / 2,
    )
    run.rewind(gan.step)
    run.change_config(slower)
    gan.change_config(slower)
    set_status(run, gan, "running")
    return save_event(
        run,
        gan,
        "diverged",
        f"Diverged by step {diverged_at:,}: a loss, a gradient or a weight was not a number. Back "
        f"to step {gan.step:,}, with half the learning rates (rollback {attempt} of at "
        f"most {MAX_ROLLBACKS}).",
    )
