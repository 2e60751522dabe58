"""The form of a new run, drawn from TrainingConfig: every setting, its bounds and its help.

It holds the values while the person edits them and builds the config; it starts nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.server.streamlit_internals import ExpanderContainer
from dashboard.shared.own_pictures import CHOSEN, choose_dataset
from dcgan.config import PRESET_HELP, PRESETS, TrainingConfig
from dcgan.config_text import describe_bounds, format_setting
from dcgan.errors import ConfigError
from dcgan.named_sets import NAMED_SETS
from dcgan.setting_info import may_be_empty, setting_group, setting_label, setting_schema
from dcgan.sweeps.grid import expand_grid, parse_values

# What a person changes first; all others are folded away.
_FIRST = ("epochs", "max_seconds", "seed")
_MAX_VARIED = 2  # Settings of which several values are tried.
FIELD_WIDTH = 210  # Pixels.
_SETTINGS, _SWEEP = "settings", "sweep"  # The form's expanders.
_OPEN = "form_open"  # Which of them holds the last problem, and how many there were.
_PROBLEM = "form_problem"
_ELSEWHERE = CHOSEN  # Above the form, as the preview has to follow at once.


@dataclass(frozen=True)
class Order:
    """What a person asks for with the form.

    Attributes:
        configs: Settings of the runs, at least one.
        is_for_later: Whether they are to wait for their turn.
    """

    configs: tuple[TrainingConfig, ...]
    is_for_later: bool


def render(*, may_start: bool = True) -> Order | None:
    """Draw the form.

    Args:
        may_start: Whether nothing trains, so that a run can begin at once.

    The valid settings last sent are kept in `st.session_state["form_config"]`; another page may
    put settings there, with their origin in `"form_source"`.

    Returns:
        What the person asks for, once, when they do; None otherwise. What is not allowed is shown
        as a sentence.
    """
    base = _base_config()
    with st.container(border=True):
        chosen = choose_dataset(base)
        with st.form("settings", border=False):
            values = _first_fields(base)
            with _folded("All settings", ":material/tune:", _SETTINGS):
                values |= _other_fields(base)
            choices, sweep_problem = _sweep_fields(base)
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
            "Nothing was started: there are no pictures to learn from. Give your own above, or "
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
        # What takes several values counts with these, whatever stands in its own field.
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
    st.session_state["form_config"] = config
    st.session_state.pop(_OPEN, None)
    # Of several the first begins when nothing trains or waits, and the others wait.
    return Order(tuple(configs), is_for_later=is_for_later or len(configs) > 1)


def _folded(label: str, icon: str, place: str) -> ExpanderContainer:
    """Draw one of the form's expanders, open after a problem with what is in it."""
    problem_place, number = st.session_state.get(_OPEN, ("", 0))
    is_open = place == problem_place
    # By a new key it opens again for the same problem, also where a person has closed it since.
    expander = st.expander(
        label, is_open, icon=icon, key=f"form-{place}-{number if is_open else 0}"
    )
    if is_open and (problem := st.session_state.pop(_PROBLEM, "")):
        # At its top, where the person looks: the button that was pressed has moved down.
        expander.error(escape_markdown(problem), icon=":material/error:")
    return expander


def _show_problem(error: ConfigError, place: str) -> None:
    """Draw the form again with the sentence, and open the expander that holds the field."""
    words = _in_words_of_the_form(error)
    name = str(error).partition(": ")[0]
    if place == _SETTINGS and name not in set(TrainingConfig.model_fields) - {*_FIRST, *_ELSEWHERE}:
        st.error(escape_markdown(words), icon=":material/error:")  # Its field is in sight.
        return
    _, number = st.session_state.get(_OPEN, ("", 0))
    st.session_state[_OPEN] = (place, number + 1)
    st.session_state[_PROBLEM] = words
    st.rerun()


def _in_words_of_the_form(error: ConfigError) -> str:
    """Name a setting by its label instead of its flag's name."""
    name, colon, rest = str(error).partition(": ")
    field = TrainingConfig.model_fields.get(name)
    return f"{field.title}{colon}{rest}" if field else str(error)


def _base_config() -> TrainingConfig:
    """Let the person choose a preset; return the settings that the form starts from."""
    names = list(PRESETS)
    source = st.session_state.pop("form_source", None)
    if source is not None:
        st.session_state["form_origin"] = f"The settings of {escape_markdown(source)}."
        st.session_state["form_preset"] = None
        _renew_fields()
    elif "form_preset" not in st.session_state:
        # The widget's own state is lost when another page is shown; this outlives that.
        st.session_state["form_preset"] = st.session_state.get("form_chosen", names[0])
    preset = st.segmented_control(
        "Preset",
        names,
        key="form_preset",
        format_func=str.capitalize,
        required=True,  # None only while the values are those of another run.
        on_change=_take_preset,
        help=" ".join(f"**{name.capitalize()}**: {PRESET_HELP[name]}" for name in names),
    )
    st.session_state["form_chosen"] = preset
    st.caption(PRESET_HELP[preset] if preset else st.session_state.get("form_origin", ""))
    config: TrainingConfig = st.session_state.setdefault("form_config", TrainingConfig())
    return config


def _take_preset() -> None:
    preset = st.session_state["form_preset"]
    if preset is not None:
        # A preset says nothing about the data: what was chosen stays.
        now: TrainingConfig = st.session_state.get("form_config", TrainingConfig())
        st.session_state["form_config"] = TrainingConfig.preset(
            preset, **{name: getattr(now, name) for name in CHOSEN}
        )
        _renew_fields()


def _renew_fields() -> None:
    """Give the fields new keys, so that they show new values instead of what was typed."""
    st.session_state["form_number"] = st.session_state.get("form_number", 0) + 1


def _first_fields(base: TrainingConfig) -> dict[str, object]:
    columns = st.columns(len(_FIRST))
    return {name: _field(name, base, column) for name, column in zip(_FIRST, columns, strict=True)}


def _other_fields(base: TrainingConfig) -> dict[str, object]:
    values: dict[str, object] = {}
    groups: dict[str, list[str]] = {}
    for name in TrainingConfig.model_fields:
        if name not in _FIRST + _ELSEWHERE:
            groups.setdefault(setting_group(name), []).append(name)
    for group, names in groups.items():
        st.markdown(f"**{group}**")
        with st.container(horizontal=True):
            for name in names:
                values[name] = _field(name, base, st.container(width=FIELD_WIDTH))
    return values


def _sweep_fields(
    base: TrainingConfig,
) -> tuple[dict[str, list[object]], ConfigError | None]:
    """Draw the choice of several runs that differ.

    Returns:
        The values by their setting's name, and why one of them is not allowed.
    """
    problem: ConfigError | None = None
    names = [name for name in TrainingConfig.model_fields if name not in _ELSEWHERE]
    with _folded("Several runs that differ", ":material/alt_route:", _SWEEP):
        st.caption(
            "Give a setting several values, and a run is made of each; with two settings, of each "
            "with each. They are trained one after the other."
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
                    "Its values",
                    key=f"vary_values_{number}",
                    persist_state="session",
                    placeholder="0.001, 0.002, 0.004",
                    help="Separated by commas; lists such as the channels by semicolons.",
                )
            if name is not None:
                try:
                    choices.setdefault(name, []).extend(parse_values(name, text))
                except ConfigError as error:
                    problem = error
            elif text.strip():
                choices[""] = [text]  # Refused below, in words.
    return choices, problem


def render_fields(names: Iterable[str], base: TrainingConfig, key: str) -> dict[str, object]:
    """Draw the widgets of some settings beside each other.

    Args:
        names: Of `TrainingConfig`.
        base: Holds the values that they begin with.
        key: Tells these widgets from others of the same settings.

    Returns:
        What is in them, by name; whether it is allowed is for `changed_config` to say.
    """
    with st.container(horizontal=True):
        return {
            name: _field(name, base, st.container(width=FIELD_WIDTH), f"{key}_{name}")
            for name in names
        }


def changed_config(base: TrainingConfig, values: Mapping[str, object]) -> TrainingConfig | None:
    """Return a config with other values; where one is not allowed, say so and return None."""
    try:
        return base.replace(**values)
    except ConfigError as error:
        st.error(escape_markdown(_in_words_of_the_form(error)), icon=":material/error:")
        return None


def _field(
    name: str,
    base: TrainingConfig,
    place: st.delta_generator.DeltaGenerator,
    key: str | None = None,
) -> object:
    """Draw one setting's widget.

    It takes any number: what is out of bounds is answered with the config's own sentence, not
    with a browser's bubble.
    """
    field = TrainingConfig.model_fields[name]
    schema = setting_schema(name)
    value = getattr(base, name)
    label = str(field.title)
    help_text = f"{field.description} Allowed: {describe_bounds(name)}."
    key = key or f"form_{st.session_state.get('form_number', 0)}_{name}"
    # What was sent is kept for the session: also what was refused is there after another page.
    if "enum" in schema:
        # Several workers are started from the command line; a page starts a run here.
        options = [it for it in schema["enum"] if it != "multi_worker"]
        chosen = options.index(value) if value in options else 0
        return place.selectbox(
            label, options, chosen, key=key, help=help_text, persist_state="session"
        )
    if schema["type"] == "boolean":
        return place.checkbox(label, value, key=key, help=help_text, persist_state="session")
    if schema["type"] == "array":
        text = ", ".join(map(str, value))
        return place.text_input(label, text, key=key, help=help_text, persist_state="session")
    # Its value comes by its key: a number that is its default would come back when it is emptied.
    # Floats also for whole numbers: of 3.7 Streamlit would make a 3 without a word.
    st.session_state.setdefault(key, None if value is None else float(value))
    is_whole = schema["type"] == "integer"
    fine = 10.0 if name.endswith("seconds") else 0.1 if value and value >= 0.1 else 1e-4
    number = place.number_input(
        label,
        value=None,
        step=1.0 if is_whole else fine,
        format="%g",
        key=key,
        help=help_text,
        persist_state="session",
        placeholder="No limit" if may_be_empty(name) else None,
    )
    return int(number) if is_whole and number is not None and number.is_integer() else number


def show(config: TrainingConfig) -> None:
    """Show the settings of a run as a quiet table."""
    groups: dict[str, list[str]] = {}
    for name in TrainingConfig.model_fields:
        groups.setdefault(setting_group(name), []).append(name)
    with st.container(horizontal=True, gap="large"):
        for group, names in groups.items():
            with st.container(width=260):
                st.caption(group)
                is_named = config.dataset in NAMED_SETS
                of_own = ("polarity", "color") if is_named else ()
                shown = [name for name in names if name not in of_own]
                labels = [setting_label(name) for name in shown]
                values = [_cell(config, name) for name in shown]
                st.table(dict(zip(labels, values, strict=True)), border="horizontal")


def _cell(config: TrainingConfig, name: str) -> str:
    text = format_setting(config, name)
    # The table reads Markdown, and a path may hold any.
    return escape_markdown(text) if name == "dataset" else text
