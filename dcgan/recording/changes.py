"""Changes of a run's settings: checks, and changes during training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from dcgan.config.config_text import describe_changes
from dcgan.config.setting_info import list_settings_that_affect, list_settings_that_change
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError
from dcgan.recording.saving import save_checkpoint, save_event
from dcgan.reports import Event, EventReport
from dcgan.runs.run_folder import Run
from dcgan.training.trainable import TrainableGAN


def change_settings(
    run: Run, gan: TrainableGAN, changes: Mapping[str, object]
) -> EventReport | None:
    """Change settings of a run in training, between two reports of `record`.

    Args:
        run: The run.
        gan: Its networks.
        changes: Values of `list_settings_that_change("live")`, by name.

    Returns:
        The event that was written to history; None if no value differs from the current one.

    Raises:
        ConfigError: If a value is not allowed, or the setting cannot change during training.
        DivergenceError: If a weight is not finite; in that case nothing is changed.
        RunError: If the checkpoint cannot be written; in that case nothing is changed.
        WorkerError: If another worker of the run is gone.
    """
    before = run.config
    config = apply_changes(before, changes, "live")
    description = describe_changes(before, config)
    if not description:
        return None
    # Without this checkpoint, a crash would make training repeat steps of the old settings with the
    # new ones.
    save_checkpoint(run, gan)
    run.change_config(config)
    gan.change_config(config)
    event: Event = "changed" if affects_learning(before, config) else "continued"
    return save_event(run, gan, event, f"From step {gan.step:,} on: {description}.")


def affects_learning(before: TrainingConfig, after: TrainingConfig) -> bool:
    """Return whether a change affects how the networks learn, not only reports or length."""
    names = list_settings_that_affect("pictures", "networks", "learning", "step")
    return any(getattr(before, name) != getattr(after, name) for name in names)


def apply_changes(
    config: TrainingConfig, changes: Mapping[str, object], when: Literal["live", "in_branch"]
) -> TrainingConfig:
    """Return a config with other values for settings that may change.

    Raises:
        ConfigError: If a value is not allowed, or the setting may not change at that time.
    """
    allowed = list_settings_that_change(when)
    for name in changes:
        if name not in allowed and name in Settings.model_fields:
            moment = "while it trains" if when == "live" else "in a branch"
            raise ConfigError(
                f"a run keeps it; what may change {moment} is {', '.join(allowed)}.", setting=name
            )
    return config.replace(**changes)
