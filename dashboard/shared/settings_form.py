"""The form of a new run: preset, data set, settings, and several values of one setting.

It returns a request; starting the run is the page's task.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.server.streamlit_internals import ExpanderContainer
from dashboard.shared.own_pictures import CHOSEN, choose_dataset
from dashboard.shared.setting_fields import FIELD_WIDTH, name_label, render_field
from dcgan.config import PRESET_HELP, PRESETS, TrainingConfig
from dcgan.errors import ConfigError
from dcgan.setting_info import setting_group, setting_label
from dcgan.sweeps.grid import expand_grid, parse_values

# Most often changed; all others are folded.
_FIRST = ("epochs", "max_seconds", "seed")
_MAX_VARIED = 2  # Settings that can have several values.
_SETTINGS, _SWEEP = "settings", "sweep"  # The form's expanders.
_OPEN = "form_open"  # The expander with the last problem, and the number of problems so far.
_PROBLEM = "form_problem"
_CONFIG, _SOURCE = "form_config", "form_source"


@dataclass(frozen=True)
class TrainingRequest:
    """The runs that a person requests with the form.

    Attributes:
        configs: Settings of the runs, at least one.
        is_for_later: Whether to add them to the queue instead of starting the first one.
    """

    configs: tuple[TrainingConfig, ...]
    is_for_later: bool


def fill(config: TrainingConfig, source: str) -> None:
    """Fill the form with settings the next time that it is rendered.

    Args:
        config: The settings.
        source: Their origin, shown as "The settings of …"; plain text.
    """
    st.session_state[_CONFIG] = config
    st.session_state[_SOURCE] = source


def get_config() -> TrainingConfig:
    """Return the valid settings that were sent or filled in last."""
    config: TrainingConfig = st.session_state.get(_CONFIG, TrainingConfig())
    return config


def is_filled() -> bool:
    """Whether `fill` was called since the form was rendered."""
    return _SOURCE in st.session_state


def render(*, may_start: bool = True) -> TrainingRequest | None:
    """Render the form.

    Args:
        may_start: Whether nothing trains, so that a run can start at once.

    Returns:
        The request in the script run after a button was pressed, otherwise None. Invalid values
        show an error.
    """
    base = _choose_preset()
    with st.container(border=True):
        chosen = choose_dataset(base)
        with st.form("settings", border=False):
            values = _render_first_fields(base)
            with _render_expander("All settings", ":material/tune:", _SETTINGS):
                values |= _render_other_fields(base)
            choices, sweep_problem = _render_sweep_fields()
            with st.container(horizontal=True):
                is_sent = may_start and st.form_submit_button(
                    "Start training", type="primary", icon=":material/play_arrow:"
                )
                is_for_later = st.form_submit_button(
                    "Add to the queue",
                    icon=":material/playlist_add:",
                    help="Runs in the queue are trained one after the other.",
                )
    if not (is_sent or is_for_later):
        return None
    if chosen is None:
        st.error(
            "Nothing was started: there are no pictures to learn from. Upload your own above, or "
            "choose another data set.",
            icon=":material/error:",
        )
        return None
    place = _SWEEP
    try:
        if sweep_problem is not None:
            raise sweep_problem
        if "" in choices:
            raise ConfigError(f"Choose a setting for the values {choices[''][0]}.")
        # A setting with several values may have an invalid value in its own field.
        varied = {name: given[0] for name, given in choices.items() if given}
        with contextlib.suppress(ConfigError):
            TrainingConfig.create(**chosen, **values)
            varied = {}
        place = _SETTINGS
        config = TrainingConfig.create(**chosen, **values | varied)
        place = _SWEEP
        configs = expand_grid(config, choices)
    except ConfigError as error:
        _show_problem(error, place)
        return None
    st.session_state[_CONFIG] = config
    st.session_state.pop(_OPEN, None)
    # Of several runs the queue starts the first one if nothing trains or waits.
    return TrainingRequest(tuple(configs), is_for_later=is_for_later or len(configs) > 1)


def _render_expander(label: str, icon: str, place: str) -> ExpanderContainer:
    """Render one of the form's expanders; open if the last problem is about one of its fields."""
    problem_place, number = st.session_state.get(_OPEN, ("", 0))
    is_open = place == problem_place
    # A new key opens it again for each problem, also after a person has closed it.
    expander = st.expander(
        label, is_open, icon=icon, key=f"form-{place}-{number if is_open else 0}"
    )
    if is_open and (problem := st.session_state.pop(_PROBLEM, "")):
        # At its top, which is where the pressed button was.
        expander.error(escape_markdown(problem), icon=":material/error:")
    return expander


def _show_problem(error: ConfigError, place: str) -> None:
    """Show an error; if its field is in an expander, rerun to open that."""
    words = name_label(error)
    name = str(error).partition(": ")[0]
    if place == _SETTINGS and name not in set(TrainingConfig.model_fields) - {*_FIRST, *CHOSEN}:
        st.error(escape_markdown(words), icon=":material/error:")  # The field is visible.
        return
    _, number = st.session_state.get(_OPEN, ("", 0))
    st.session_state[_OPEN] = (place, number + 1)
    st.session_state[_PROBLEM] = words
    st.rerun()


def _choose_preset() -> TrainingConfig:
    """Render the choice of a preset; return the settings with which the fields start."""
    names = list(PRESETS)
    source = st.session_state.pop(_SOURCE, None)
    if source is not None:
        st.session_state["form_origin"] = f"The settings of {escape_markdown(source)}."
        st.session_state["form_preset"] = None
        _renew_fields()
    elif "form_preset" not in st.session_state:
        # Streamlit drops the widget's state while another page is shown; this key is kept.
        st.session_state["form_preset"] = st.session_state.get("form_chosen", names[0])
    preset = st.segmented_control(
        "Preset",
        names,
        key="form_preset",
        format_func=str.capitalize,
        required=True,  # None only while the fields show the settings of another run.
        on_change=_apply_preset,
        help=" ".join(f"**{name.capitalize()}**: {PRESET_HELP[name]}" for name in names),
    )
    st.session_state["form_chosen"] = preset
    st.caption(PRESET_HELP[preset] if preset else st.session_state.get("form_origin", ""))
    config: TrainingConfig = st.session_state.setdefault(_CONFIG, TrainingConfig())
    return config


def _apply_preset() -> None:
    preset = st.session_state["form_preset"]
    if preset is not None:
        # Presets do not change the chosen data.
        before = get_config()
        st.session_state[_CONFIG] = TrainingConfig.preset(
            preset, **{name: getattr(before, name) for name in CHOSEN}
        )
        _renew_fields()


def _renew_fields() -> None:
    """Give the fields new keys, so that they show new values instead of typed ones."""
    st.session_state["form_number"] = st.session_state.get("form_number", 0) + 1


def _key_of(name: str) -> str:
    return f"form_{st.session_state.get('form_number', 0)}_{name}"


def _render_first_fields(base: TrainingConfig) -> dict[str, object]:
    columns = st.columns(len(_FIRST))
    return {
        name: render_field(name, base, column, _key_of(name))
        for name, column in zip(_FIRST, columns, strict=True)
    }


def _render_other_fields(base: TrainingConfig) -> dict[str, object]:
    values: dict[str, object] = {}
    groups: dict[str, list[str]] = {}
    for name in TrainingConfig.model_fields:
        if name not in _FIRST + CHOSEN:
            groups.setdefault(setting_group(name), []).append(name)
    for group, names in groups.items():
        st.markdown(f"**{group}**")
        with st.container(horizontal=True):
            for name in names:
                place = st.container(width=FIELD_WIDTH)
                values[name] = render_field(name, base, place, _key_of(name))
    return values


def _render_sweep_fields() -> tuple[dict[str, list[object]], ConfigError | None]:
    """Render the choice of settings with several values.

    Returns:
        The values by setting; "" holds values without a setting. And the last error in them.
    """
    problem: ConfigError | None = None
    names = [name for name in TrainingConfig.model_fields if name not in CHOSEN]
    with _render_expander("Try several values", ":material/alt_route:", _SWEEP):
        st.caption(
            "One run is trained for each value. With two settings, every combination is trained. "
            "The runs are trained one after the other."
        )
        choices: dict[str, list[object]] = {}
        for number in range(_MAX_VARIED):
            with st.container(horizontal=True):
                name = st.selectbox(
                    "Setting",
                    [None, *names],
                    key=f"vary_name_{number}",
                    persist_state="session",
                    format_func=lambda name: "None" if name is None else setting_label(name),
                    width=FIELD_WIDTH,
                )
                text = st.text_input(
                    "Values, separated by commas",
                    key=f"vary_values_{number}",
                    persist_state="session",
                    placeholder="0.001, 0.002, 0.004",
                    help="Lists, such as those of the channels, are separated by semicolons.",
                )
            if name is not None:
                try:
                    choices.setdefault(name, []).extend(parse_values(name, text))
                except ConfigError as error:
                    problem = error
            elif text.strip():
                choices[""] = [text]
    return choices, problem
