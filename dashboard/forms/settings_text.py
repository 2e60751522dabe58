"""Short descriptions of settings by the closest preset. Imports no Streamlit."""

from __future__ import annotations

from dashboard.components.plain_text import keep_together
from dcgan.config.closest_preset import describe_difference, find_closest_preset, label_preset
from dcgan.config.config_text import describe_choice, format_setting
from dcgan.config.named_datasets import get_dataset_label
from dcgan.config.training_config import TrainingConfig
from dcgan.durations import describe_limit


def describe_plan(config: TrainingConfig) -> str:
    """Describe a run before it starts: its preset, changed settings, own data and length."""
    preset, changed = find_closest_preset(config)
    rest = ", ".join(_describe_data_and_length(config, preset))
    if changed == ["seed"]:  # A repeat of the preset.
        return f"{label_preset(preset)}, seed {config.seed}, {rest}"
    return f"{describe_difference(config)}{'; ' if changed else ', '}{rest}"


def describe_start(config: TrainingConfig, *, names_change: bool = False) -> tuple[str, str]:
    """Describe what `Start training` would train.

    Args:
        config: Its settings.
        names_change: Whether the first text stands alone: it then has the changed setting in place
            of the preset, if there is one.

    Returns:
        The preset with the number of changes, the data and the length; and the changed settings
        with the preset's values, "" if there are none.
    """
    preset, changed = find_closest_preset(config)
    preset_config = TrainingConfig.preset(preset)
    changes = (describe_change(preset_config, config, name) for name in changed)
    data_and_length = _describe_data_and_length(config, preset)
    label = label_preset(preset)
    if names_change and len(changed) == 1:
        label = describe_choice(changed[0], getattr(config, changed[0]))
    elif changed:
        label = f"{label} with {len(changed)} change{'' if len(changed) == 1 else 's'}"
    return ", ".join((label, *data_and_length)), ", ".join(changes)


def describe_change(before: TrainingConfig, after: TrainingConfig, name: str) -> str:
    """Describe a changed setting, such as "dropout 0.4 (instead of 0)"."""
    # Commas separate the settings of a sentence.
    usual = format_setting(before, name).replace(", ", "-")
    return f"{describe_choice(name, getattr(after, name))} (instead of {usual})"


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
