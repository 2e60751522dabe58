"""Short descriptions of settings by the closest preset. Imports no Streamlit."""

from __future__ import annotations

from dcgan.config.closest_preset import find_closest_preset
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
    labels = (_write_label(config, setting) for setting in changed)
    return name, dict(zip(labels, values, strict=True))


def describe_plan(config: TrainingConfig) -> str:
    """Describe a run before it starts: its preset, changed settings, own data and length."""
    preset, changes = list_changes(config)
    changed = (f"{name} {value}" for name, value in changes.items())
    return ", ".join((f"{preset.capitalize()} preset", *changed, *_describe_rest(config, preset)))


def describe_start(config: TrainingConfig) -> str:
    """Describe what `Start training` would train: changed settings first, beside the preset's."""
    preset, changed = find_closest_preset(config)
    usual = TrainingConfig.preset(preset)
    changes = ", ".join(
        f"{get_setting_label(name)} {format_setting(config, name).replace(', ', '/')} "
        f"(preset {format_setting(usual, name).replace(', ', '/')})"
        for name in changed
    )
    rest = ", ".join((f"{preset.capitalize()} preset", *_describe_rest(config, preset)))
    return f"With your changed settings: {changes}. {rest}." if changes else rest


def _describe_rest(config: TrainingConfig, preset: str) -> list[str]:
    """Describe the data and the length of a run, in words that are separated by commas."""
    words = []
    if config.dataset != TrainingConfig().dataset:
        words.append(get_dataset_label(config.dataset, "own pictures"))
    if classes := describe_class_choice(config, preset):
        words.append(classes)
    if config.epochs is not None:
        words.append("1 epoch" if config.epochs == 1 else f"{config.epochs} epochs")
    if config.max_seconds is not None:
        words.append(f"{describe_limit(config.max_seconds)} at most")
    return words


def describe_class_choice(config: TrainingConfig, preset: str) -> str:
    """Return whether a config learns the classes, if its preset does not, or the other way."""
    if config.class_conditional == TrainingConfig.preset(preset).class_conditional:
        return ""
    return "learns the classes" if config.class_conditional else "without classes"


def _write_label(config: TrainingConfig, setting: str) -> str:
    """Return a label in front of a value in a sentence."""
    if setting == "only_classes":
        return "only class" if len(config.only_classes) == 1 else "only classes"
    label = get_setting_label(setting)
    is_word = label[:2].isalpha() and label[:2].istitle()  # Not "beta_1" or "R1 penalty".
    return label[0].lower() + label[1:] if is_word else label
