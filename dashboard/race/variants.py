"""The variants of a race, made from the schema of the settings. Imports no Streamlit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import takewhile

from dcgan.config.closest_preset import label_preset
from dcgan.config.config_text import label_value
from dcgan.config.setting_info import (
    LEARNING_RATES,
    LEARNING_RATES_LABEL,
    get_setting_group,
    get_setting_label,
    get_setting_schema,
    list_settings_that_affect,
    sort_by_importance,
)
from dcgan.config.training_config import PRESETS, TrainingConfig
from dcgan.errors import ConfigError
from dcgan.sweeps.grid import expand_grid
from dcgan.sweeps.race import MAX_VARIANTS, Race, Variant
from dcgan.wording import capitalize

# In place of the name of a setting: presets race, all settings of runs, and settings that change
# together.
PRESET, RUNS = "preset", "runs"
_WHOLE = (PRESET, RUNS)  # Each replaces all settings, so a race has one of them at most.
_TOGETHER = {"learning_rates": LEARNING_RATES}
_LABELS = {
    PRESET: "Preset",
    RUNS: "Settings of earlier runs",
    "learning_rates": LEARNING_RATES_LABEL,
}


_MAX_CHOICES = 2  # Fields of the form.
# A run to start from is chosen for a run, and is no choice of design.
_OF_A_START = ("start_from", "held_layers", "held_steps")


def list_choices() -> list[str]:
    """Return the names of what can race: presets, runs, settings together, and single settings.

    The settings that matter most are the first.
    """
    return [*_WHOLE, *_TOGETHER, *sort_by_importance(list_racing_settings())]


def get_choice_label(choice: str) -> str:
    """Return the words that the page shows for one of `list_choices`."""
    return _LABELS.get(choice) or get_setting_label(choice)


def list_settings_of_choice(choice: str) -> tuple[str, ...]:
    """Return the settings that one of `list_choices` changes together.

    For PRESET and RUNS these are both of their names, so that a race has only one of them.
    """
    return _WHOLE if choice in _WHOLE else _TOGETHER.get(choice, (choice,))


def list_racing_settings() -> list[str]:
    """Return the settings that can race: they change learning, but not the real pictures.

    Distances to different real pictures cannot be compared. The seed and the devices are no choice
    of design.
    """
    pictures = list_settings_that_affect("pictures")
    return [
        name
        for name in list_settings_that_affect("networks", "step", "learning")
        if name not in (*pictures, *_OF_A_START) and get_setting_group(name) != "Run"
    ]


def list_options(name: str) -> list[object]:
    """Return all values of a setting that has only a few; empty if its values are typed."""
    schema = get_setting_schema(name)
    if schema.get("type") == "boolean":
        return [True, False]
    return list(schema.get("enum", ()))


def find_choices(race: Race) -> dict[str, list[object] | str]:
    """Return what differs between the variants of a race, as `make_variants` takes it.

    Returns:
        The values of one choice or two, or text of them if they are typed; empty if the form of a
        race has no choice for what differs.
    """
    configs = {run.variant_index: run.config for run in reversed(race.runs)}
    return find_choices_of_configs([configs[index] for index in sorted(configs)])


def find_choices_of_configs(configs: Sequence[TrainingConfig]) -> dict[str, list[object] | str]:
    """Return what differs between some settings, as `find_choices` does.

    Returns:
        The choices; empty if their combinations are more or fewer than the settings.
    """
    values = _find_differing_values(configs)
    return _format_choices(values) if _count_variants(values) == len(configs) else {}


def select_different(configs: Sequence[TrainingConfig]) -> list[int]:
    """Return the indices of settings that can race against each other: the first of equal ones."""
    racing = [tuple(getattr(config, name) for name in list_racing_settings()) for config in configs]
    return [index for index, values in enumerate(racing) if racing.index(values) == index]


def find_variants(race: Race, configs: Sequence[TrainingConfig]) -> list[int]:
    """Return the indices of the variants of a race that have some settings; [] if one has none.

    Seeds, lengths, and all else that does not change learning may differ.
    """
    names = [*list_racing_settings(), *_OF_A_START, *list_settings_that_affect("pictures")]
    variants = {
        tuple(getattr(run.config, name) for name in names): run.variant_index for run in race.runs
    }
    found = [variants.get(tuple(getattr(config, name) for name in names)) for config in configs]
    indices = [index for index in found if index is not None]
    return indices if len(indices) == len(configs) else []


def _find_differing_values(configs: Sequence[TrainingConfig]) -> dict[str, list[object]]:
    """Return the values of the settings that differ, by choice, each value once."""
    values_by_setting = {
        name: list(dict.fromkeys(getattr(config, name) for config in configs))
        for name in list_racing_settings()
    }
    differing = {name: values for name, values in values_by_setting.items() if len(values) > 1}
    for choice, names in _TOGETHER.items():
        are_equal = all(len({getattr(each, name) for name in names}) == 1 for each in configs)
        if are_equal and all(name in differing for name in names):
            differing = {choice: differing[names[0]]} | {
                name: values for name, values in differing.items() if name not in names
            }
    return differing


def _count_variants(values: Mapping[str, Sequence[object]]) -> int:
    """Return the number of combinations; 0 if the form has no fields for so many choices."""
    return math.prod(map(len, values.values())) if len(values) <= _MAX_CHOICES else 0


def _format_choices(differing: Mapping[str, list[object]]) -> dict[str, list[object] | str]:
    return {
        choice: values if list_options(list_settings_of_choice(choice)[0]) else _join_typed(values)
        for choice, values in differing.items()
    }


def _join_typed(values: Sequence[object]) -> str:
    separator = "; " if isinstance(values[0], tuple) else ", "
    return separator.join(map(_format_typed, values))


def list_labels(labels: Sequence[str]) -> str:
    """Join the labels of variants; what they share is named once: "Batch size 32 or 64; Loss bce".

    Args:
        labels: From `make_variants`, the settings of each separated by commas. The titles of runs
            may have commas too.
    """
    parts = [label.split(", ") for label in labels]
    options = [list(dict.fromkeys(texts)) for texts in zip(*parts, strict=False)]
    # Otherwise a loss has changed other settings of some variants, or they are runs.
    are_combinations = len(set(map(len, parts))) == 1 and math.prod(map(len, options)) == len(parts)
    return "; ".join(map(_join_options, options)) if are_combinations else _join_options(labels)


def _join_options(labels: Sequence[str]) -> str:
    words = [label.split(" ") for label in labels]
    places = zip(*(each[:-1] for each in words), strict=False)  # A label keeps its last word.
    num_common = len(list(takewhile(lambda place: len(set(place)) == 1, places)))
    rests = [" ".join(each[num_common:]) for each in words]
    return " ".join([*words[0][:num_common], " or ".join(rests)])


def suggest_values(name: str, base: TrainingConfig) -> str:
    """Return two values to start with, as a person types them: the value in `base` and a preset's.

    Args:
        name: A setting whose values are typed.
        base: The settings.
    """
    value = getattr(base, name)
    presets = [getattr(TrainingConfig.preset(preset), name) for preset in PRESETS]
    others = [other for other in presets if other != value]
    if not others and isinstance(value, int | float):
        # Of whole numbers, 0 turns something off.
        others = [(value * 2 or 5) if isinstance(value, int) else value / 2]
    elif not others and isinstance(value, tuple):
        others = [value[:1]]
    return _join_typed([value, *others[:1]])


def _format_typed(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def make_variants(
    base: TrainingConfig, choices: Mapping[str, Sequence[object]]
) -> tuple[Variant, ...]:
    """Make the variants of all combinations of some values.

    Args:
        base: All other settings.
        choices: Values by the names of `list_choices`. A preset replaces all settings of `base`
            that do not concern the data. The values of RUNS are variants; they replace all settings
            that can race.

    Raises:
        ConfigError: If a value is not allowed, a setting has none, or there are too many.
    """
    settings = {choice: values for choice, values in choices.items() if choice not in _WHOLE}
    bases: list[tuple[TrainingConfig, list[str]]] = [(base, [])]
    if PRESET in choices:
        data = {name: getattr(base, name) for name in list_settings_that_affect("pictures")}
        bases = [
            (TrainingConfig.preset(str(preset), **data), [label_preset(str(preset))])
            for preset in choices[PRESET]
        ]
    if RUNS in choices:
        racing = list_racing_settings()
        bases = [
            (base.replace(**{name: getattr(run.config, name) for name in racing}), [run.label])
            for run in choices[RUNS]
            if isinstance(run, Variant)
        ]
    total = math.prod(map(len, choices.values()))
    if total > MAX_VARIANTS:
        raise ConfigError(
            f"These are {total} combinations of settings; a race takes at most {MAX_VARIANTS}."
        )
    grid = {list_settings_of_choice(choice)[0]: values for choice, values in settings.items()}
    variants = []
    for start, labels in bases:
        for config in expand_grid(start, grid) if grid else [start]:
            chosen = {
                setting: getattr(config, list_settings_of_choice(choice)[0])
                for choice in settings
                for setting in list_settings_of_choice(choice)
            }
            config = config.replace(**chosen)
            # A loss can change other settings too.
            implied = [
                name
                for name in TrainingConfig.model_fields
                if name not in chosen and getattr(config, name) != getattr(start, name)
            ]
            texts = [_describe_value(config, name) for name in (*settings, *implied)]
            if texts and not labels:
                texts[0] = capitalize(texts[0])
            variants.append(Variant(", ".join([*labels, *texts]), config))
    return tuple(variants)


def _describe_value(config: TrainingConfig, choice: str) -> str:
    setting = list_settings_of_choice(choice)[0]
    return label_value(setting, getattr(config, setting), _LABELS.get(choice, ""))
