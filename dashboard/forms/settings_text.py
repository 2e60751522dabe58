"""Short descriptions of settings by the closest preset. Imports no Streamlit."""

from __future__ import annotations

from dashboard.components.plain_text import keep_together
from dcgan.config.closest_preset import find_closest_preset, label_preset
from dcgan.config.config_text import format_setting
from dcgan.config.named_datasets import get_dataset_label
from dcgan.config.setting_info import get_setting_label
from dcgan.config.training_config import TrainingConfig
from dcgan.durations import describe_limit


def list_changes(config: TrainingConfig) -> tuple[str, dict[str, str]]:
    """Return the closest preset, and the values of the changed settings by label."""
    name, changed = find_closest_preset(config)
    # Lists are written with slashes, as commas separate the settings of a sentence.
    values = (format_setting(config, setting).replace(", ", "/") for setting in changed)
    labels = (make_label(config, setting) for setting in changed)
    return name, dict(zip(labels, values, strict=True))


def describe_plan(config: TrainingConfig) -> str:
    """Describe a run before it starts: its preset, changed settings, own data and length."""
    preset, changes = list_changes(config)
    changed = (f"{name} {value}" for name, value in changes.items())
    data_and_length = _describe_data_and_length(config, preset)
    return ", ".join((label_preset(preset), *changed, *data_and_length))


def describe_start(config: TrainingConfig, *, names_change: bool = False) -> tuple[str, str]:
    """Describe what `Start training` would train.

    Args:
        config: Its settings.
        names_change: Whether the first text stands alone: it then has the changed setting in place
            of the preset, or the number of changed settings beside it.

    Returns:
        The preset, the data and the length; and the changed settings with the preset's values, ""
        if there are none.
    """
    preset, changed = find_closest_preset(config)
    preset_config = TrainingConfig.preset(preset)
    changes = (
        f"{make_label(config, name)} {format_setting(config, name).replace(', ', '/')} "
        f"(instead of {format_setting(preset_config, name).replace(', ', '/')})"
        for name in changed
    )
    data_and_length = _describe_data_and_length(config, preset)
    label = label_preset(preset)
    if names_change and len(changed) == 1:
        (name,) = changed
        value = format_setting(config, name).replace(", ", "/")
        label = f"{make_label(config, name)} {value}"
    elif names_change and changed:
        label = f"{label} with {len(changed)} changes"
    return ", ".join((label, *data_and_length)), ", ".join(changes)


def _describe_data_and_length(config: TrainingConfig, preset: str) -> list[str]:
    """Describe the data and the length of a run, as parts of a sentence."""
    parts = []
    if config.dataset != TrainingConfig().dataset:
        parts.append(get_dataset_label(config.dataset, "own pictures"))
    if classes := describe_class_choice(config, preset):
        parts.append(classes)
    if config.until_converged:
        parts.append("until it stops improving")
    if config.epochs is not None:
        at_most = " at most" if config.until_converged else ""
        parts.append(f"{'1 epoch' if config.epochs == 1 else f'{config.epochs:,} epochs'}{at_most}")
    if config.max_seconds is not None:
        parts.append(f"{keep_together(describe_limit(config.max_seconds))} at most")
    return parts


def describe_class_choice(config: TrainingConfig, preset: str) -> str:
    """Describe whether a run learns the classes; "" if its preset does the same."""
    if config.class_conditional == TrainingConfig.preset(preset).class_conditional:
        return ""
    return "learns the classes" if config.class_conditional else "without classes"


def make_label(config: TrainingConfig, setting: str) -> str:
    """Return the label of a setting as it stands before a value in a sentence."""
    if setting == "only_classes":
        return "only class" if len(config.only_classes) == 1 else "only classes"
    label = get_setting_label(setting)
    is_word = label[:2].isalpha() and label[:2].istitle()  # Not "R1 penalty".
    return label[0].lower() + label[1:] if is_word else label
