"""Names of runs made of the settings by which each differs from its closest preset."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.config.closest_preset import find_closest_preset, label_preset
from dcgan.config.config_text import name_choice
from dcgan.config.setting_info import (
    LEARNING_RATES,
    LEARNING_RATES_LABEL,
    list_settings_that_affect,
    sort_by_importance,
)
from dcgan.config.training_config import PRESETS, TrainingConfig
from dcgan.runs.naming.pictures import get_picture_title
from dcgan.wording import capitalize

_MAX_LENGTH = 32  # Characters of a name with two settings; of a longer one, the first is named.
_MAX_SETTINGS = 2
# A name has them first, because they change the result more than all others.
_FIRST_SETTINGS = ("only_classes", "start_from")


def name_settings(
    config: TrainingConfig, data_name: str, num_images: int, *, names_seed: bool = True
) -> str:
    """Return a name such as "Default settings", "Dropout 0.4, seed 1" or "Classic preset".

    It has the one or two settings that matter most of those that differ from the closest preset;
    an ellipsis stands for the others. The preset is named if it is not the default one, or if no
    setting differs; the pictures are, if they are not MNIST.

    Args:
        config: The settings of a run.
        data_name: Name of its data set.
        num_images: Number of its images.
        names_seed: Whether the name has the seed, if that is not the default.
    """
    preset, _ = find_closest_preset(config)
    base = TrainingConfig.preset(preset)
    learning = list_settings_that_affect("networks", "step", "learning")
    pictures = list_settings_that_affect("pictures")
    named = [name for name in learning if name != "seed" and name not in pictures]
    differing = [
        name
        for name in dict.fromkeys((*_FIRST_SETTINGS, *sort_by_importance(named)))
        if config.get_effect(name, num_images) != base.get_effect(name, num_images)
    ]
    settings = _describe_settings(config, differing)
    parts = [] if config.dataset == base.dataset else [get_picture_title(config.dataset, data_name)]
    if not settings or PRESETS[preset]:  # The default preset changes nothing.
        parts.append(label_preset(preset, starts_sentence=not parts))
    text = _join([*parts, *settings], num_kept=len(parts) + 1)
    return f"{text}, seed {config.seed}" if names_seed and config.seed != base.seed else text


def _describe_settings(config: TrainingConfig, names: Sequence[str]) -> list[str]:
    """Return each setting with its value; two equal learning rates are one setting."""
    first, second = LEARNING_RATES
    are_one = {first, second} <= set(names) and getattr(config, first) == getattr(config, second)
    return [
        name_choice(
            name,
            getattr(config, name),
            LEARNING_RATES_LABEL if are_one and name == first else "",
        )
        for name in names
        if not (are_one and name == second)
    ]


def _join(texts: Sequence[str], num_kept: int) -> str:
    """Join texts, such as "Dropout 0.4, Loss hinge" or "Batch size 128 …".

    Args:
        texts: The texts, one or more.
        num_kept: How many of them are kept whatever their length; of the others, one is kept if
            the text stays short.
    """
    kept = texts[: num_kept + _MAX_SETTINGS - 1]
    if len(", ".join(kept)) > _MAX_LENGTH:
        kept = texts[:num_kept]
    text = ", ".join(kept) + (" …" if len(kept) < len(texts) else "")
    return capitalize(text)
