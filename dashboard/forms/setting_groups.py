"""The groups of the fields that are folded in the form, and the line of each.

A group's line says which of its values differ from the preset, so that nobody has to open all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.forms.dataset_choice import DATASET_SETTINGS
from dashboard.forms.form_sections import FIRST_SETTINGS
from dashboard.forms.settings_text import describe_change
from dcgan.config.closest_preset import find_closest_preset
from dcgan.config.config_text import get_label_in_sentence
from dcgan.config.setting_info import get_setting_group, sort_by_importance
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError

# Titles by the groups of the settings, the most used first. A group without a title comes last
# under its own name.
_TITLES = {
    "Optimizers": "Learning",
    "Length": "Learning",
    "Networks": "Networks",
    "Data": "Pictures",
    "Few pictures": "Pictures",
    "Run": "Saving and measuring",
}
_MAX_NAMED = 3  # Settings in a line, which then still fits in a window of 1,280 pixels.


@dataclass(frozen=True)
class SettingGroup:
    """A group of fields.

    Attributes:
        title: Its name on the page.
        settings: Names of its settings, the most important first.
    """

    title: str
    settings: tuple[str, ...]

    @property
    def section(self) -> str:
        """Its name among the sections of the form, such as "settings-networks"."""
        return f"settings-{self.title.lower().replace(' ', '-')}"


def list_groups() -> list[SettingGroup]:
    """Return the groups of all settings but the form's first ones and those of the data."""
    names: dict[str, list[str]] = {title: [] for title in _TITLES.values()}
    for name in Settings.model_fields:
        if name not in FIRST_SETTINGS + DATASET_SETTINGS:
            group = get_setting_group(name)
            names.setdefault(_TITLES.get(group, group), []).append(name)
    return [SettingGroup(title, tuple(sort_by_importance(names[title]))) for title in names]


def find_section(setting: str) -> str:
    """Return the section of the group with a setting; "" if no group has it."""
    return next((group.section for group in list_groups() if setting in group.settings), "")


def describe_groups(base: TrainingConfig, entered: Mapping[str, object]) -> dict[str, str]:
    """Return the lines of the groups by title, as plain text.

    Args:
        base: The settings with which the fields start.
        entered: The values of the fields of all groups by setting, valid or not.

    Returns:
        The values that differ from the closest preset, such as "dropout 0.4 (instead of 0)"; that
        a value is not allowed; or the first settings of the group.
    """
    config = _replace_valid(base, entered)
    preset = TrainingConfig.preset(find_closest_preset(config)[0])
    lines = {}
    for group in list_groups():
        changes = [
            describe_change(preset, config, name)
            for name in group.settings
            if getattr(config, name) != getattr(preset, name)
        ]
        if not all(_is_valid(base, name, entered[name]) for name in group.settings):
            lines[group.title] = "a value is not allowed"
        elif changes:
            lines[group.title] = f"changed: {_list_some(changes)}"
        else:
            lines[group.title] = _list_some(
                [get_label_in_sentence(name) for name in group.settings]
            )
    return lines


def _replace_valid(base: TrainingConfig, entered: Mapping[str, object]) -> TrainingConfig:
    """Return the settings with the entered values, or without each that is not allowed."""
    try:
        return base.replace(**entered)
    except ConfigError:
        config = base
    for name, value in entered.items():
        try:
            config = config.replace(**{name: value})
        except ConfigError:
            continue
    return config


def _is_valid(base: TrainingConfig, name: str, value: object) -> bool:
    """Return whether a value is allowed by itself; conflicts of settings belong to no group."""
    try:
        base.replace(**{name: value})
    except ConfigError as error:
        return error.setting != name
    return True


def _list_some(parts: list[str]) -> str:
    rest = len(parts) - _MAX_NAMED
    shown = ", ".join(parts[:_MAX_NAMED])
    return f"{shown} and {rest} more" if rest > 0 else shown
