"""The command that trains a new run with some settings."""

from __future__ import annotations

import shlex

from dcgan.config.settings import Settings
from dcgan.config.training_config import MAX_SECONDS_UNTIL_CONVERGED, TrainingConfig
from dcgan.installation import COMMAND

SHORT_FLAGS = {"start_from": "--from"}  # Flags besides those with the full names of settings.
_LIMITS = ("epochs", "max_seconds")


def make_train_command(config: TrainingConfig) -> str:
    """Return the command `train` for some settings, with a flag for each setting that needs one."""
    flags = [_format_flag(name, getattr(config, name)) for name in _list_needed_settings(config)]
    return " ".join([COMMAND, "train", *flags])


def _list_needed_settings(config: TrainingConfig) -> list[str]:
    """List the settings that the command would not get from its defaults, in the form's order."""
    default, default_of_loss = TrainingConfig(), TrainingConfig.create(loss=config.loss)
    needed = {
        name
        for name in Settings.model_fields
        if getattr(config, name) != getattr(default if name == "loss" else default_of_loss, name)
    }
    if needed.isdisjoint((*_LIMITS, "until_converged")):
        return _sort(needed)
    # A limit, or `until_converged`, turns off the default number of epochs.
    needed = needed.difference(_LIMITS)
    has_default_limits = config.until_converged and (config.epochs, config.max_seconds) == (
        None,
        MAX_SECONDS_UNTIL_CONVERGED,
    )
    if not has_default_limits:
        needed.update(name for name in _LIMITS if getattr(config, name) is not None)
    return _sort(needed)


def _sort(names: set[str]) -> list[str]:
    return [name for name in Settings.model_fields if name in names]


def _format_flag(name: str, value: object) -> str:
    flag = SHORT_FLAGS.get(name, f"--{name.replace('_', '-')}")
    if value is True:
        return flag
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{flag} {'false' if value is False else shlex.quote(text)}"
