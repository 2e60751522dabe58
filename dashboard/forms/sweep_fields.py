"""The fields for several values of one setting or two; each combination gives a run."""

from __future__ import annotations

import streamlit as st

from dashboard.forms.dataset_choice import DATASET_SETTINGS
from dashboard.forms.setting_fields import FIELD_WIDTH
from dcgan.config.setting_info import get_setting_label
from dcgan.config.settings import Settings
from dcgan.errors import ConfigError
from dcgan.sweeps.grid import parse_values

_MAX_SETTINGS = 2  # Settings that can have several values.


def render() -> tuple[dict[str, list[object]], ConfigError | None]:
    """Render the choice of settings and their values.

    Returns:
        The values by setting, and the last error in the fields.
    """
    problem: ConfigError | None = None
    names = [name for name in Settings.model_fields if name not in DATASET_SETTINGS]
    st.caption(
        "One run is trained for each value. With two settings, every combination is trained. "
        "The runs are trained one after the other."
    )
    choices: dict[str, list[object]] = {}
    for index in range(_MAX_SETTINGS):
        with st.container(horizontal=True):
            name = st.selectbox(
                "Setting" if index == 0 else "Second setting",
                [None, *names],
                key=f"vary_name_{index}",
                persist_state="session",
                format_func=lambda name: "None" if name is None else get_setting_label(name),
                width=FIELD_WIDTH,
            )
            text = st.text_input(
                "Values, separated by commas" if index == 0 else "Values of the second",
                key=f"vary_values_{index}",
                persist_state="session",
                placeholder="0.001, 0.002, 0.004",
                help="Separate lists, such as lists of channels, by semicolons.",
            )
        if name is not None:
            try:
                choices.setdefault(name, []).extend(parse_values(name, text))
            except ConfigError as error:
                problem = error
        elif text.strip():
            problem = ConfigError(f"Choose a setting for the values {text}.")
    return choices, problem
