"""The fields of a new run that are changed most often: its length and its seed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.components import field_keys
from dashboard.forms.form_sections import FIRST_SETTINGS
from dashboard.forms.setting_fields import render_field
from dcgan.config.closest_preset import find_closest_preset
from dcgan.config.training_config import MAX_SECONDS_UNTIL_CONVERGED, TrainingConfig

_UNTIL_CONVERGED = "until_converged"
_TYPED_LENGTH = "typed_length"  # Epochs and time limit before the switch was turned on.


def render(base: TrainingConfig, name_field: Callable[[str], str]) -> dict[str, object]:
    """Render the fields; return their values by the names of the settings.

    Args:
        base: Settings that hold the first values.
        name_field: Returns the name, for `field_keys`, of a setting's widget.
    """
    number_settings = [name for name in FIRST_SETTINGS if name != _UNTIL_CONVERGED]
    values = {
        name: render_field(name, base, column, field_keys.get_key(name_field(name)))
        for name, column in zip(number_settings, st.columns(len(number_settings)), strict=True)
    }
    values[_UNTIL_CONVERGED] = render_field(
        _UNTIL_CONVERGED,
        base,
        st.container(),
        field_keys.get_key(name_field(_UNTIL_CONVERGED)),
        lambda: _change_limits(base, name_field),
    )
    return values


def _change_limits(base: TrainingConfig, name_field: Callable[[str], str]) -> None:
    """Set the fields of epochs and time when the switch is turned on or off.

    The epochs of a preset would end most runs before they stop improving.
    """
    epochs, seconds, switch = map(name_field, ("epochs", "max_seconds", _UNTIL_CONVERGED))
    typed_key = name_field(_TYPED_LENGTH)
    if field_keys.get_value(switch):
        typed = field_keys.get_value(epochs), field_keys.get_value(seconds)
        st.session_state[typed_key] = typed
        field_keys.set_value(epochs, None)
        if typed[1] is None:
            field_keys.set_value(seconds, MAX_SECONDS_UNTIL_CONVERGED)
        return
    if typed_key in st.session_state:
        limits = st.session_state[typed_key]
    else:
        plan = base
        if base.until_converged:
            plan = TrainingConfig.preset(find_closest_preset(base)[0])
        limits = None if plan.epochs is None else float(plan.epochs), plan.max_seconds
    field_keys.set_value(epochs, limits[0])
    field_keys.set_value(seconds, limits[1])
