"""Widgets for settings, made from `TrainingConfig`: label, help, allowed values and default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.forms import start_choice
from dcgan.config.config_text import describe_bounds
from dcgan.config.loss_kinds import LOSS_KINDS
from dcgan.config.setting_info import get_setting_label, get_setting_schema, may_be_empty
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.unusual_rates import RATES, describe_unusual_rate
from dcgan.errors import ConfigError
from dcgan.wording import capitalize

FIELD_WIDTH = 196  # Pixels: five fit in a row of a window of 1,280 pixels.


def render_field(
    name: str,
    base: TrainingConfig,
    container: st.delta_generator.DeltaGenerator,
    key: str,
    on_change: Callable[[], None] | None = None,
) -> object:
    """Render the widget of one setting; return its value. An invalid value is marked.

    Number fields have no bounds, so that the settings' own message explains a wrong
    value instead of the browser's.

    Args:
        name: Name of the setting.
        base: Settings that hold the first value.
        container: The container to render in.
        key: Streamlit's key. The session keeps the value, also while another page is shown.
        on_change: Called when a person turns a setting on or off, or chooses another option.
    """
    value = _render_widget(name, base, container, key, on_change)
    if problem := find_problem(name, base, value):
        container.caption(f":red[:material/error:] {escape_markdown(problem)}")
    elif (
        name in RATES
        and isinstance(value, (int, float))
        and (hint := describe_unusual_rate(name, value, base))
    ):
        container.caption(f":orange[:material/warning:] {escape_markdown(hint)}.")
    return value


def read_value(name: str, base: TrainingConfig, key: str) -> object:
    """Return the value of the widget of one setting, which may be rendered later.

    Args:
        name, base, key: As for `render_field`.
    """
    first = getattr(base, name)
    value = st.session_state.get(key, ", ".join(map(str, first)) if _is_text(name) else first)
    return _make_whole(value, is_whole=get_setting_schema(name).get("type") == "integer")


def _is_text(name: str) -> bool:
    """Return whether the field of a setting is a text, such as a list of numbers."""
    schema = get_setting_schema(name)
    return schema["type"] == "array" and "enum" not in schema["items"]


def _make_whole(value: object, *, is_whole: bool) -> object:
    """Return the whole number of a field, which holds it as a float; other values as they are."""
    if is_whole and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def find_problem(name: str, base: TrainingConfig, value: object) -> str:
    """Return what is wrong with the value of a setting, or "".

    Conflicts with other settings are reported when the settings are sent.
    """
    try:
        base.replace(**{name: value})
    except ConfigError as error:
        problem = error.problem
        return capitalize(problem) if error.setting == name else ""
    return ""


def _render_widget(
    name: str,
    base: TrainingConfig,
    container: st.delta_generator.DeltaGenerator,
    key: str,
    on_change: Callable[[], None] | None,
) -> object:
    schema = get_setting_schema(name)
    value = getattr(base, name)
    label = get_setting_label(name)
    if name == "max_seconds":
        label += " (s)"  # The unit of the number in the field.
    help_text = f"{Settings.model_fields[name].description} Allowed: {describe_bounds(name)}."
    if name == "start_from":
        return start_choice.render(label, str(value), container, key, help_text)
    if "enum" in schema:
        return _render_choice(name, value, label, container, key, help_text, on_change)
    if schema["type"] == "boolean":
        return container.checkbox(
            label, value, key=key, help=help_text, persist_state="session", on_change=on_change
        )
    if schema["type"] == "array" and "enum" in schema["items"]:
        return container.pills(  # A multiselect in so narrow a field would cut the words.
            label,
            schema["items"]["enum"],
            selection_mode="multi",
            default=value,
            key=key,
            help=help_text,
            persist_state="session",
        )
    if schema["type"] == "array":
        text = ", ".join(map(str, value))
        return container.text_input(label, text, key=key, help=help_text, persist_state="session")
    return _render_number(name, value, label, container, key, help_text)


def _render_choice(
    name: str,
    value: object,
    label: str,
    container: st.delta_generator.DeltaGenerator,
    key: str,
    help_text: str,
    on_change: Callable[[], None] | None,
) -> object:
    """Render a list of the options of a setting; of some settings also a number can be typed."""
    schema = get_setting_schema(name)
    # Several workers are started from the command line, not from a page.
    options = [option for option in schema["enum"] if option != "multi_worker"]
    takes_numbers = "minimum" in schema
    if takes_numbers and value not in options:
        value = f"{value:g}"
        options.append(value)
    losses = {str(loss): kind.label for loss, kind in LOSS_KINDS.items()}
    labels = losses if name == "loss" else {}
    return container.selectbox(
        label,
        options,
        options.index(value) if value in options else 0,
        key=key,
        format_func=lambda option: labels.get(option, option),
        help=help_text,
        persist_state="session",
        on_change=on_change,
        accept_new_options=takes_numbers,
    )


def _render_number(
    name: str,
    value: float | None,
    label: str,
    container: st.delta_generator.DeltaGenerator,
    key: str,
    help_text: str,
) -> object:
    schema = get_setting_schema(name)
    # The key sets the first value, because a default would come back when the field is emptied. It
    # is a float also for whole numbers, because Streamlit would otherwise turn 3.7 into 3.
    st.session_state.setdefault(key, None if value is None else float(value))
    is_whole = schema["type"] == "integer"
    small_step = 10.0 if name.endswith("seconds") else 0.1 if value and value >= 0.1 else 1e-4
    entered = container.number_input(
        label,
        value=None,
        step=1.0 if is_whole else small_step,
        format="%g",
        key=key,
        help=help_text,
        persist_state="session",
        placeholder="No limit" if may_be_empty(name) else None,
    )
    return _make_whole(entered, is_whole=is_whole)


def render_fields(names: Iterable[str], base: TrainingConfig, key: str) -> dict[str, object]:
    """Render the widgets of several settings side by side.

    Args:
        names: Names of the settings.
        base: Settings that hold the first values.
        key: Prefix of the widgets' keys.

    Returns:
        The values by name; `replace_settings` validates them.
    """
    with st.container(horizontal=True, key=f"setting-fields-{key}"):
        return {
            name: render_field(name, base, st.container(width=FIELD_WIDTH), f"{key}_{name}")
            for name in names
        }


def replace_settings(base: TrainingConfig, values: Mapping[str, object]) -> TrainingConfig | None:
    """Return settings with other values; show an error and return None if one is invalid."""
    try:
        return base.replace(**values)
    except ConfigError as error:
        st.error(escape_markdown(describe_with_label(error)), icon=":material/error:")
        return None


def describe_with_label(error: ConfigError) -> str:
    """Return an error's message with the label of the setting in place of its name."""
    if error.setting not in Settings.model_fields:
        return str(error)
    return f"{get_setting_label(error.setting)}: {error.problem}"
