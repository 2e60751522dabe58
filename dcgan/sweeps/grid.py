"""Grids of settings: all combinations of some values, and values parsed from text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from dcgan.config.setting_info import get_setting_schema, is_number_setting
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError
from dcgan.sweeps.queue import MAX_QUEUED


def expand_grid(
    base: TrainingConfig,
    choices: Mapping[str, Sequence[object]],
    max_runs: int = MAX_QUEUED,
    given: Mapping[str, object] = MappingProxyType({}),
) -> list[TrainingConfig]:
    """Make the settings of all combinations of some values.

    Args:
        base: The settings that all runs share.
        choices: Values by the name of their setting, as `TrainingConfig.create` accepts them.
        max_runs: Largest number of combinations.
        given: The settings of `base` that a person chose. A loss that brings its own values for
            some settings does not replace them.

    Returns:
        The settings of the runs; the last name in `choices` varies fastest.

    Raises:
        ConfigError: If a setting is unknown or has no values, a value is not allowed, or there are
            more than `max_runs` combinations.
    """
    for name, values in choices.items():
        if not values:
            if name not in Settings.model_fields:
                base.replace(**{name: ""})  # Raises the error that lists the settings.
            raise ConfigError("give at least one value.", setting=name)
    total = 1
    for values in choices.values():
        total *= len(values)
    if total > max_runs:
        raise ConfigError(f"These are {total:,} runs; at most {max_runs:,} are allowed.")
    return [
        base.replace(**{**given, **dict(zip(choices, values, strict=True))})
        for values in itertools.product(*choices.values())
    ]


def parse_values(name: str, text: str) -> list[object]:
    """Parse the values of a setting, such as "0.001, 0.002".

    Values are separated by commas, or by semicolons if the setting is itself a list, such as the
    filters.

    Raises:
        ConfigError: If a comma is probably part of a number: it stands beside a semicolon, before a
            zero and a digit ("1,000"), or makes a value that is not allowed. "1,500" gives 1 and
            500.
    """
    is_list = isinstance(getattr(TrainingConfig(), name, None), tuple)
    if (
        name in Settings.model_fields
        and is_number_setting(name)
        and _has_commas_in_numbers(name, text)
    ):
        raise ConfigError(
            f"got {text!r}; expected values with a decimal point, no thousands separators, and "
            "commas between them, such as 1, 2.5.",
            setting=name,
        )
    return [part.strip() for part in text.split(";" if is_list else ",") if part.strip()]


def _has_commas_in_numbers(name: str, text: str) -> bool:
    """Return whether commas are probably part of numbers and do not separate values."""
    if ";" in text:
        return "," in text
    if re.search(r"\d,0\d", text):
        return True
    if not re.search(r"\d,\d", text) or get_setting_schema(name)["type"] != "number":
        return False
    try:
        for part in filter(None, map(str.strip, text.split(","))):
            TrainingConfig.create(**{name: part})
    except ConfigError:
        return "." not in text
    return False
