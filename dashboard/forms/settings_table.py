"""The settings of a run as tables."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dcgan.config.config_text import format_setting
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.setting_info import get_setting_group, get_setting_label
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig

# Settings that have no effect on the named sets.
_PICTURE_SETTINGS = ("polarity", "color")


def render(config: TrainingConfig) -> None:
    """Render one table for each group of settings."""
    groups: dict[str, list[str]] = {}
    for name in Settings.model_fields:
        if name not in _PICTURE_SETTINGS or config.dataset not in NAMED_SETS:
            groups.setdefault(get_setting_group(name), []).append(name)
    with st.container(key="settings-tables"):  # In columns, by `styles/all_pages.css`.
        for group, names in groups.items():
            with st.container(gap="xxsmall"):
                st.caption(group)
                cells = {get_setting_label(name): _format_cell(config, name) for name in names}
                st.table(cells, border="horizontal")


def _format_cell(config: TrainingConfig, setting: str) -> str:
    text = format_setting(config, setting)
    # The table reads Markdown, which a path may contain.
    return escape_markdown(text) if setting == "dataset" else text
