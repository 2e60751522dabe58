"""Facts about the settings by name: schema, label, group, effects, and when they may change."""

from __future__ import annotations

import copy
import functools
import itertools
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from dcgan.config.setting_types import Effect
from dcgan.config.settings import Settings

# Settings that often change together, and the label of both.
LEARNING_RATES = ("generator_learning_rate", "discriminator_learning_rate")
LEARNING_RATES_LABEL = "Both learning rates"
# The settings that matter most for the pictures, the most important one first; most of them are
# among those that `dcgan tune` tries.
_MAIN_SETTINGS = (
    "class_conditional",
    "loss",
    "r1_penalty",
    *LEARNING_RATES,
    "generator_filters",
    "discriminator_filters",
    "augment",
    "dropout",
    "batch_size",
)


@functools.cache
def _get_schemas() -> Mapping[str, dict[str, Any]]:
    """Return the JSON schema of each setting; shared by all callers, so it must not be changed."""
    return Settings.model_json_schema()["properties"]


def get_setting_schema(name: str) -> dict[str, Any]:
    """Return a copy of a setting's JSON schema: `type`, `enum`, `minimum` and so on.

    For a setting that may be None, the schema describes its other values. The schema of a setting
    that may be a word or a number has both `enum` and `minimum`.
    """
    schema = _get_schemas()[name]
    options = [option for option in schema.get("anyOf", ()) if option["type"] != "null"]
    merged = dict(itertools.chain.from_iterable(option.items() for option in reversed(options)))
    return copy.deepcopy(merged or schema)


def may_be_empty(name: str) -> bool:
    """Return whether a setting may be None, which means no limit."""
    options = _get_schemas()[name].get("anyOf", ())
    return any(option["type"] == "null" for option in options)


def is_number_setting(name: str) -> bool:
    """Return whether a setting is a single number."""
    return get_setting_schema(name).get("type") in ("integer", "number")


def get_setting_label(name: str) -> str:
    """Return a setting's name for people, such as "Batch size"."""
    return str(Settings.model_fields[name].title)


def get_setting_group(name: str) -> str:
    """Return the heading under which a setting is shown, such as "Networks"."""
    return str(_get_schemas()[name]["group"])


def sort_by_importance(names: Iterable[str]) -> list[str]:
    """Sort settings: those that matter most for the pictures first, the others as given."""
    ranks = {name: rank for rank, name in enumerate(_MAIN_SETTINGS)}
    return sorted(names, key=lambda name: ranks.get(name, len(ranks)))


@functools.cache
def list_settings_that_change(when: Literal["live", "in_branch"]) -> tuple[str, ...]:
    """Return the settings of a run that may change during training, or in a branch of it."""
    allowed = {"live": ("live",), "in_branch": ("live", "in_branch")}[when]
    return tuple(name for name, schema in _get_schemas().items() if schema["changes"] in allowed)


@functools.cache
def list_settings_that_affect(*effects: Effect) -> tuple[str, ...]:
    """Return the settings that have at least one of some effects, in the order of `Settings`.

    Args:
        *effects: One or more of `dcgan.config.setting_types.Effect`, such as "networks".
    """
    return tuple(
        name
        for name, schema in _get_schemas().items()
        if not set(effects).isdisjoint(schema["affects"])
    )
