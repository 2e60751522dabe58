"""The fields that are folded in the form: all settings but the first ones and those of the data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.components import field_keys
from dashboard.components.plain_text import escape_markdown
from dashboard.forms.form_sections import render_section
from dashboard.forms.setting_fields import FIELD_WIDTH, read_value, render_field
from dashboard.forms.setting_groups import describe_groups, list_groups
from dcgan.config.loss_kinds import SETTINGS_OF_LOSSES
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError


def render(base: TrainingConfig, name_field: Callable[[str], str]) -> dict[str, object]:
    """Render the fields in groups, each folded under its name and what it changes.

    Args:
        base: The settings with which the fields start.
        name_field: Returns the name, for `field_keys`, of a setting's field.

    Returns:
        The values by setting.
    """
    groups = list_groups()
    # A line is above its fields, so it reads what these will show.
    entered = {
        name: read_value(name, base, field_keys.get_key(name_field(name)))
        for group in groups
        for name in group.settings
    }
    lines = describe_groups(base, entered)
    values: dict[str, object] = {}
    for group in groups:
        label = f"**{group.title}:** {escape_markdown(lines[group.title])}"
        with render_section(label, ":material/tune:", group.section):
            with st.container(horizontal=True, key=f"setting-fields-{group.section}"):
                containers = [st.container(width=FIELD_WIDTH) for _ in group.settings]
            for name, container in zip(group.settings, containers, strict=True):
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
