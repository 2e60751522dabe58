"""The form of a new run: preset, data set, settings, and several values of one setting.

It returns a request; starting the run is the page's task. The fields are not in an `st.form`, so
that the button which starts them can be at the top of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import streamlit as st

from dashboard.components import field_keys
from dashboard.components.invisible import render_pin, request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.forms import (
    first_fields,
    folded_fields,
    form_buttons,
    start_line,
    sweep_fields,
)
from dashboard.forms.dataset_choice import DATASET_SETTINGS, ask_for_dataset
from dashboard.forms.form_buttons import PressedButtons
from dashboard.forms.form_sections import (
    FORM,
    FORM_KEY,
    SWEEP,
    forget_open_section,
    open_section,
    render_problem,
    render_section,
    rerun_with_problem,
)
from dashboard.forms.setting_groups import find_section
from dcgan.config.closest_preset import find_closest_preset, label_preset
from dcgan.config.training_config import PRESET_HELP, PRESETS, TrainingConfig
from dcgan.errors import ConfigError
from dcgan.sweeps.grid import expand_grid

_START = "start-buttons"  # Key of the container of its buttons; see `styles/all_pages.css`.
# Keys of the session.
_CONFIG, _SOURCE = "form_config", "form_source"
_FILLED = "form_filled"  # Settings that `fill_form` has set, and the title of a run with them.
_CHOSEN_PRESET = "form_chosen_preset"
_FIELDS_VERSION = "form_fields_version"
_ORIGIN = "form_origin"
_PRESET = "form_preset"


class Place(Enum):
    """A place of the form on the page.

    On the welcome, its button has the switch for classes beside it. Beside a run, a line says that
    the button starts another one.
    """

    WELCOME = "welcome"
    BESIDE_RUN = "beside run"
    BELOW_RUN = "below run"


@dataclass(frozen=True)
class TrainingRequest:
    """The runs that a person requests with the form.

    Attributes:
        configs: Settings of the runs, at least one.
        is_for_later: Whether to add them to the queue instead of starting the first one.
        tuning_minutes: Time to find better settings than those of the first one; 0 to train.
        title: The title of the first one; "" for its folder's name.
    """

    configs: tuple[TrainingConfig, ...]
    is_for_later: bool
    title: str = ""
    tuning_minutes: float = 0.0


def fill_form(config: TrainingConfig, source: str, title: str = "") -> None:
    """Fill the form with settings the next time that it is rendered, and open it.

    Args:
        config: The settings.
        source: Origin of the settings, shown as "the settings of …"; plain text.
        title: Title of a run that is started with these settings, unless somebody changes them.
    """
    st.session_state[_FILLED] = config, title
    st.session_state[_CONFIG] = config
    st.session_state[_SOURCE] = source
    open_section(FORM)
    request_focus(FORM_KEY)


def get_config() -> TrainingConfig:
    """Return the settings of the last request, or newer ones from `fill_form` or a preset."""
    config: TrainingConfig = st.session_state.get(_CONFIG, TrainingConfig())
    return config


def is_filled() -> bool:
    """Return whether `fill_form` was called since the form was rendered."""
    return _SOURCE in st.session_state


def shows_settings_of_a_run() -> bool:
    """Return whether the fields show settings from `fill_form`, not a preset's settings."""
    return is_filled() or field_keys.get_value(_PRESET, "") is None


def render(
    start: st.delta_generator.DeltaGenerator,
    place: Place,
    *,
    is_primary: bool = True,
    offers_preset: bool = False,
) -> TrainingRequest | None:
    """Render the form, folded, and its button `Start training` in another container.

    Args:
        start: The container of the button, of a line that describes the run, and of errors.
        place: Where the form is.
        is_primary: Whether the button is the page's primary one.
        offers_preset: Whether to offer the preset beside the button if settings differ from it.

    Returns:
        The request in the script run after a button was pressed, otherwise None. Invalid values
        show an error.
    """
    plan_place = start.container(key="start-plan") if place is Place.BESIDE_RUN else None
    with start:
        buttons = st.container(
            horizontal=True, gap="xsmall", vertical_alignment="center", key=_START
        )
    button_container, classes_container = buttons, None
    if place is Place.WELCOME:
        button_container, classes_container = (buttons.container(width="content") for _ in range(2))
    # Before the fields, which take a busy server a moment: both buttons appear together.
    is_pressed = button_container.button(
        "Start training",
        type="primary" if is_primary else "secondary",
        # Beside a run, the run's own button has the play icon.
        icon=":material/add:" if place is Place.BESIDE_RUN else ":material/play_arrow:",
        key="start-training",
    )
    with render_section("Change settings", ":material/tune:", FORM, key=FORM_KEY):
        entries = _render_fields(classes_container, may_start=True)
    with start:
        config = entries.find_config()
        if offers_preset:
            with button_container:
                _render_reset(config)
        render_pin(_START, FORM_KEY)
        summary = st.container()
        request = _make_request(entries, is_pressed=is_pressed)
        if config is not None:
            start_line.render(config, plan_place, summary)
    return request


def _render_reset(config: TrainingConfig | None) -> None:
    """Render a button for the closest preset if settings, which may be invalid, differ from it."""
    preset, changed = find_closest_preset(config or get_config())
    if changed or config is None:
        st.button(
            f"Back to the {label_preset(preset, starts_sentence=False)}",
            icon=":material/settings_backup_restore:",
            key="back-to-preset",
            on_click=_switch_to_preset,
            args=(preset,),
        )


def _switch_to_preset(preset: str) -> None:
    field_keys.set_value(_PRESET, preset)
    _apply_preset()


def render_for_queue() -> TrainingRequest | None:
    """Render the form without `Start training`, because a run trains; return as `render` does."""
    with st.container(key=FORM_KEY):
        render_problem(FORM)
        entries = _render_fields(may_start=False)
    return _make_request(entries, is_pressed=False)


@dataclass(frozen=True)
class _Entries:
    """The entries of a person in the form, valid or not.

    Attributes:
        data_settings: The settings of the data; None without usable pictures.
        values: All other settings, by name.
        choices: The settings with several values: the values by the setting's name.
        problem: The last error in the fields of `choices`.
        pressed: The buttons below the fields.
    """

    data_settings: dict[str, object] | None
    values: dict[str, object]
    choices: dict[str, list[object]]
    problem: ConfigError | None
    pressed: PressedButtons

    def find_config(self) -> TrainingConfig | None:
        """Return the settings if they are valid."""
        if self.data_settings is None:
            return None
        try:
            return TrainingConfig.create(**self.data_settings, **self.values)
        except ConfigError:
            return None


def _render_fields(
    classes_container: st.delta_generator.DeltaGenerator | None = None, *, may_start: bool
) -> _Entries:
    base = _ask_for_preset("Start training" if may_start else "Add to the queue")
    data = st.container()
    values = first_fields.render(base, _name_field)
    values |= folded_fields.render(base, _name_field)
    with render_section("Try several values", ":material/alt_route:", SWEEP):
        choices, problem = sweep_fields.render()
    with data:
        data_settings = ask_for_dataset(base, values, classes_container, _name_field)
    pressed = form_buttons.render(may_tune=may_start)
    return _Entries(data_settings, values, choices, problem, pressed)


def _make_request(entries: _Entries, *, is_pressed: bool) -> TrainingRequest | None:
    """Return the requested runs if a button was pressed; show an error if a value is invalid."""
    pressed = entries.pressed
    if not (is_pressed or pressed.is_for_later or pressed.tuning_minutes):
        return None
    if entries.data_settings is None:
        st.error(
            "Nothing was started: there are no pictures to learn from. Upload your own in the "
            "settings, or choose another data set there.",
            icon=":material/error:",
        )
        return None
    data_settings, values, choices = entries.data_settings, entries.values, entries.choices
    section = SWEEP
    try:
        if entries.problem is not None:
            raise entries.problem
        # A setting with several values may have an invalid value in its own field.
        first_values: dict[str, object] = {}
        if entries.find_config() is None:
            first_values = {name: several[0] for name, several in choices.items() if several}
        section = ""
        config = TrainingConfig.create(**data_settings, **values | first_values)
        section = SWEEP
        configs = expand_grid(config, choices)
    except ConfigError as error:
        rerun_with_problem(error, section or find_section(error.setting) or FORM)
    st.session_state[_CONFIG] = config
    forget_open_section()
    # The queue starts the first of several runs if nothing trains or waits.
    is_for_later = pressed.is_for_later or len(configs) > 1
    filled, title = st.session_state.get(_FILLED, (None, ""))
    title = title if filled == config else ""
    return TrainingRequest(tuple(configs), is_for_later, title, pressed.tuning_minutes)


def _ask_for_preset(start_label: str) -> TrainingConfig:
    """Render the choice of a preset; return the settings with which the fields start.

    Args:
        start_label: Label of the button that starts a run with them.
    """
    names = list(PRESETS)
    source = st.session_state.pop(_SOURCE, None)
    if source is not None:
        st.session_state[_ORIGIN] = source
        field_keys.set_value(_PRESET, None)
        _renew_fields()
    elif field_keys.get_key(_PRESET) not in st.session_state:
        # Streamlit drops the widget's state while another page is shown; this key is kept.
        field_keys.set_value(_PRESET, st.session_state.get(_CHOSEN_PRESET, names[0]))
    preset = st.segmented_control(
        "Preset",
        names,
        key=field_keys.get_key(_PRESET),
        format_func=str.capitalize,
        required=True,  # None only while the fields show the settings of another run.
        on_change=_apply_preset,
        help=" ".join(f"**{name.capitalize()}**: {PRESET_HELP[name]}" for name in names),
    )
    st.session_state[_CHOSEN_PRESET] = preset
    if preset:
        st.caption(PRESET_HELP[preset])
    elif origin := st.session_state.get(_ORIGIN):
        st.info(
            f"**Filled in: the settings of {escape_markdown(origin)}.** Nothing has started yet: "
            f"change what you like, then press {start_label}.",
            icon=":material/restart_alt:",
        )
    config: TrainingConfig = st.session_state.setdefault(_CONFIG, TrainingConfig())
    return config


def _apply_preset() -> None:
    preset = field_keys.get_value(_PRESET)
    if isinstance(preset, str):
        # Presets do not change the chosen data, only whether its classes are learned.
        config = get_config()
        data_settings = {name: getattr(config, name) for name in DATASET_SETTINGS}
        del data_settings["class_conditional"]
        st.session_state[_CONFIG] = TrainingConfig.preset(preset, **data_settings)
        _renew_fields()


def _renew_fields() -> None:
    """Give the fields new keys, so that they show new values instead of typed ones."""
    st.session_state[_FIELDS_VERSION] = st.session_state.get(_FIELDS_VERSION, 0) + 1


def _name_field(setting: str) -> str:
    return f"form_{st.session_state.get(_FIELDS_VERSION, 0)}_{setting}"
