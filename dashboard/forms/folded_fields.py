"""The fields that are folded in the form: all settings but the first ones and those of the data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.forms import field_keys
from dashboard.forms.dataset_choice import DATASET_SETTINGS
from dashboard.forms.form_sections import FIRST_SETTINGS
from dashboard.forms.setting_fields import FIELD_WIDTH, render_field
from dcgan.config.loss_kinds import SETTINGS_OF_LOSSES
from dcgan.config.setting_info import get_setting_group
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError


def render(base: TrainingConfig, name_field: Callable[[str], str]) -> dict[str, object]:
    """Render the fields in groups, each with its heading.

    Args:
        base: The settings with which the fields start.
        name_field: Returns the name, for `field_keys`, of a setting's field.

    Returns:
        The values by setting.
    """
    values: dict[str, object] = {}
    groups: dict[str, list[str]] = {}
    for name in Settings.model_fields:
        if name not in FIRST_SETTINGS + DATASET_SETTINGS:
            groups.setdefault(get_setting_group(name), []).append(name)
    single = st.container(horizontal=True, key="setting-fields-single")
    for group, names in groups.items():
        heading = f"**{group}**"
        if len(names) == 1:  # Such groups share a row.
            containers = [single.container(width=FIELD_WIDTH)]
            containers[0].markdown(heading)
        else:
            st.markdown(heading)
            with st.container(horizontal=True, key=f"setting-fields-{group.lower()}"):
                containers = [st.container(width=FIELD_WIDTH) for _ in names]
        for name, container in zip(names, containers, strict=True):
            key = field_keys.get_key(name_field(name))
            on_change = None
            if name == "loss":
                previous = st.session_state.get(key, base.loss)
                on_change = partial(_fill_fields_of_loss, previous, name_field)
            values[name] = render_field(name, base, container, key, on_change)
    return values


def _fill_fields_of_loss(previous_loss: str, name_field: Callable[[str], str]) -> None:
    """Show the chosen loss's values in fields that still have the previous loss's values."""
    fields = {name: name_field(name) for name in SETTINGS_OF_LOSSES}
    entered = {name: field_keys.get_value(field) for name, field in fields.items()}
    try:
        old = TrainingConfig.create(loss=previous_loss, **entered)
    except ConfigError:
        return  # A field has an invalid value, which a person must correct first.
    new = old.replace(loss=field_keys.get_value(name_field("loss")))
    for name, field in fields.items():
        field_keys.set_value(field, float(getattr(new, name)))
