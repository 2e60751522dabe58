"""The fields of a new run that are changed most often: its length and its seed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.forms.form_sections import FIRST_SETTINGS
from dashboard.forms.setting_fields import render_field
from dcgan.config.closest_preset import find_closest_preset
from dcgan.config.training_config import MAX_SECONDS_UNTIL_CONVERGED, TrainingConfig

_UNTIL_CONVERGED = "until_converged"
_TYPED_LENGTH = "typed_length"  # Epochs and time limit before the switch was turned on.


def render(base: TrainingConfig, make_key: Callable[[str], str]) -> dict[str, object]:
    """Render the fields; return their values by the names of the settings.

    Args:
        base: Settings that hold the first values.
        make_key: Returns the key of a setting's widget.
    """
    number_settings = [name for name in FIRST_SETTINGS if name != _UNTIL_CONVERGED]
    values = {
        name: render_field(name, base, column, make_key(name))
        for name, column in zip(number_settings, st.columns(len(number_settings)), strict=True)
    }
    values[_UNTIL_CONVERGED] = render_field(
        _UNTIL_CONVERGED,
        base,
        st.container(),
        make_key(_UNTIL_CONVERGED),
        lambda: _change_limits(base, make_key),
    )
    return values


def _change_limits(base: TrainingConfig, make_key: Callable[[str], str]) -> None:
    """Set the fields of epochs and time when the switch is turned on or off.

    The epochs of a preset would end most runs before they stop improving.
    """
    epochs_key, seconds_key = make_key("epochs"), make_key("max_seconds")
    typed_key = make_key(_TYPED_LENGTH)
    if st.session_state[make_key(_UNTIL_CONVERGED)]:
        st.session_state[typed_key] = (st.session_state[epochs_key], st.session_state[seconds_key])
        st.session_state[epochs_key] = None
        if st.session_state[seconds_key] is None:
            st.session_state[seconds_key] = MAX_SECONDS_UNTIL_CONVERGED
        return
    if typed_key in st.session_state:
        st.session_state[epochs_key], st.session_state[seconds_key] = st.session_state[typed_key]
        return
    plan = base
    if base.until_converged:
        plan = TrainingConfig.preset(find_closest_preset(base)[0])
    st.session_state[epochs_key] = None if plan.epochs is None else float(plan.epochs)
    st.session_state[seconds_key] = plan.max_seconds
