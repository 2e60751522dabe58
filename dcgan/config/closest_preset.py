"""The preset from which a run's settings differ least."""

from __future__ import annotations

from dcgan.config.config_text import describe_choice
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.sections.few_pictures import AUGMENTED_BELOW
from dcgan.config.settings import Settings
from dcgan.config.training_config import PRESETS, TrainingConfig

# Settings that run cards show separately, or that do not change the result.
_IGNORED = frozenset(
    (
        "dataset",
        "epochs",
        "max_seconds",
        "until_converged",
        "sample_seconds",
        "checkpoint_seconds",
        "keep_checkpoints",
        "tensorboard",
        "evaluate_every",
        "class_conditional",  # Shown separately.
    )
)


def find_closest_preset(config: TrainingConfig) -> tuple[str, list[str]]:
    """Return the preset with the fewest changed settings, and the names of these settings."""
    candidates = []
    for name in PRESETS:
        preset = TrainingConfig.preset(name)
        changed = [
            setting
            for setting in Settings.model_fields
            if setting not in _IGNORED and _is_changed(config, preset, setting)
        ]
        candidates.append((name, changed))
    return min(candidates, key=lambda candidate: len(candidate[1]))


def _is_changed(config: TrainingConfig, preset: TrainingConfig, setting: str) -> bool:
    """Return whether a setting has another effect than in a preset."""
    # The named sets have so many pictures that "auto" does not augment them. The size of other sets
    # is not known here, so they count as small.
    num_images = AUGMENTED_BELOW if config.dataset in NAMED_SETS else 1
    return config.get_effect(setting, num_images) != preset.get_effect(setting, num_images)


def describe_difference(config: TrainingConfig, also: str = "") -> str:
    """Describe settings by their closest preset, such as "Differs from the default: momentum 0.5".

    Args:
        config: The settings.
        also: One more difference, which `find_closest_preset` does not look at; "" for none.

    Returns:
        The name of the preset if nothing differs.
    """
    preset, changed = find_closest_preset(config)
    differences = [describe_choice(name, getattr(config, name)) for name in changed]
    if also:
        differences.insert(0, also)
    if not differences:
        return label_preset(preset)
    base = f"the {preset} preset" if PRESETS[preset] else "the default"
    return f"Differs from {base}: {', '.join(differences)}"


def label_preset(name: str, *, starts_sentence: bool = True) -> str:
    """Return a preset's name beside other settings: "Default settings" or "Classic preset".

    Args:
        name: The preset.
        starts_sentence: Whether the first letter is a capital letter in any case.
    """
    if PRESETS[name]:  # The default preset changes no setting.
        return f"{name.capitalize()} preset"
    return "Default settings" if starts_sentence else "default settings"
