"""The grid of a sweep: settings combined each with each, and their values read from text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

from dcgan.config import TrainingConfig, is_number, setting_schema
from dcgan.errors import ConfigError
from dcgan.sweeps.queue import MAX_QUEUED


def expand_grid(
    base: TrainingConfig, choices: Mapping[str, Sequence[object]], most: int = MAX_QUEUED
) -> list[TrainingConfig]:
    """Combine settings with each other, each with each.

    Args:
        base: What all have in common.
        choices: Values by the name of their setting; what `TrainingConfig.create` takes.
        most: How many they may be.

    Returns:
        The settings, those of the last name changing first.

    Raises:
        ConfigError: If a setting is unknown or has no value, a value is not allowed, or they are
            more than `most`.
    """
    for name, values in choices.items():
        if name in TrainingConfig.model_fields and not values:
            raise ConfigError(f"{name}: give a value at least.")
    total = 1
    for values in choices.values():
        total *= len(values)
    if total > most:
        raise ConfigError(f"These are {total:,} runs; at most {most:,} are allowed.")
    return [
        base.replace(**dict(zip(choices, values, strict=True)))
        for values in itertools.product(*choices.values())
    ]


def parse_values(name: str, text: str) -> list[object]:
    """Read the values of a setting, such as "0.001, 0.002".

    Values are parted by commas; of a setting that is a list itself, such as the channels, by
    semicolons.

    Raises:
        ConfigError: If the commas are decimal ones.
    """
    is_list = isinstance(getattr(TrainingConfig(), name, None), tuple)
    if name in TrainingConfig.model_fields and is_number(name) and _has_decimal_commas(name, text):
        raise ConfigError(
            f"{name}: got {text!r}; expected values with a decimal point and commas between them, "
            "such as 0.1, 0.2."
        )
    return [part.strip() for part in text.split(";" if is_list else ",") if part.strip()]


def _has_decimal_commas(name: str, text: str) -> bool:
    """Whether commas between digits stand for points: where as separators they give no values."""
    if ";" in text:
        return "," in text
    if not re.search(r"\d,\d", text) or setting_schema(name)["type"] != "number":
        return False
    if re.search(r"\d,0\d", text):
        return True
    try:
        for part in filter(None, map(str.strip, text.split(","))):
            TrainingConfig.create(**{name: part})
    except ConfigError:
        return "." not in text
    return False
