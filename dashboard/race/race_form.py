"""The form of a race: what differs, the time of each run, and the seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.forms.setting_fields import describe_with_label
from dashboard.race.plan_text import describe_plan
from dashboard.race.variants import (
    PRESET,
    RUNS,
    find_choices,
    find_choices_of_configs,
    get_choice_label,
    list_choices,
    list_options,
    list_settings_of_choice,
    make_variants,
    suggest_values,
)
from dashboard.run_facts.labels import label_runs, label_variants
from dashboard.state.race_commands import start_race
from dashboard.state.trainer import Trainer
from dcgan.config.config_text import format_value, label_value
from dcgan.config.training_config import PRESETS, TrainingConfig
from dcgan.durations import describe_limit
from dcgan.errors import ConfigError, RunError
from dcgan.runs.run_folder import Run
from dcgan.sweeps.grid import parse_values
from dcgan.sweeps.race import (
    MAX_RACE_SEEDS,
    MAX_VARIANTS,
    Race,
    Variant,
    plan_race,
)
from dcgan.wording import quote_title

LENGTHS = (30.0, 60.0, 120.0, 180.0, 300.0)  # Seconds of each run to choose from.
# Its two values need no typing, and a race of one minute shows their difference.
_FIRST_SETTING = "class_conditional"
_FIRST_SECONDS, _FIRST_NUM_SEEDS = 60.0, 2
_CHOICES = (
    (
        "What to compare",
        "Each value gets its own runs. Everything else is the same.",
    ),
    (
        "A second setting",
        "Optional. Each combination gets its own runs: two and two values give four.",
    ),
)
_WIDTH = 260

START_BUTTON = "start-race"  # Key of the page's primary button.

# Keys of the session.
_PROBLEM = "race_problem"
_SECONDS_EACH = "race_seconds"
_NUM_SEEDS = "race_seeds"
_BASE = "race_base"  # Name of the run whose settings all others are; "" for the preset.
_SETTING = "race_setting_"  # With 0 or 1 at its end.
_VALUES = "race_values_"  # With a choice at its end.


@dataclass(frozen=True)
class _Row:
    """A choice of a setting.

    Attributes:
        choice: The setting, as in `list_choices`; "" for none.
        values: The chosen values.
        problem: What is wrong with the values that were typed; "" if they can be read.
    """

    choice: str
    values: list[object]
    problem: str = ""


def fill_form(race: Race) -> None:
    """Fill the form with the settings of a race, as far as the form has fields for them.

    For what differs in more than two settings, such as presets, the form has the runs of the race.
    """
    fill_length(race)
    choices: Mapping[str, object] = find_choices(race)
    folders = {run.variant_index: run.folder for run in reversed(race.runs) if run.folder}
    if not choices and len(folders) == len(race.variant_labels):
        st.session_state[_BASE] = folders[0]
        choices = {RUNS: [folders[index] for index in sorted(folders)]}
    _fill_choices(choices)


def fill_length(race: Race) -> None:
    """Fill the form with the time and the number of seeds of a race."""
    if race.seconds in LENGTHS:
        st.session_state[_SECONDS_EACH] = race.seconds
    st.session_state[_NUM_SEEDS] = race.num_seeds


def fill_form_with_runs(runs: Sequence[Run]) -> None:
    """Fill the form with the settings of runs; all other settings are those of the first.

    Args:
        runs: Two to four runs with different settings. These race and no other combinations.
    """
    st.session_state[_BASE] = runs[0].name
    choices = find_choices_of_configs([run.config for run in runs])
    _fill_choices(choices or {RUNS: [run.name for run in runs]})


def _fill_choices(choices: Mapping[str, object]) -> None:
    for index, (choice, values) in enumerate(choices.items()):
        st.session_state[f"{_SETTING}{index}"] = choice
        st.session_state[f"{_VALUES}{choice}"] = values
    if len(choices) == 1:
        st.session_state[f"{_SETTING}1"] = ""


def render(trainer: Trainer) -> None:
    """Render the form and its button, the page's primary one."""
    with st.container(key="race-form"):
        choices_place = st.container()
        runs = {run.name: run for run in permissions.list_runs(trainer.root)[0]}
        labels = label_runs(runs.values())
        races_runs = st.session_state.get(f"{_SETTING}0") == RUNS
        base = _find_first_config(runs) if races_runs else _ask_for_base(runs, labels)
        seconds, num_seeds = _ask_for_length()
        with choices_place:
            num_choices = 1 if races_runs else len(_CHOICES)  # Runs have all of their settings.
            rows = [_ask_for_choice(index, base, runs, labels) for index in range(num_choices)]
        race = None
        problems = [f"{get_choice_label(row.choice)}: {row.problem}" for row in rows if row.problem]
        choices = {row.choice: row.values for row in rows if row.choice}
        if not problems:
            try:
                race = plan_race(make_variants(base, choices), seconds, num_seeds)
            except ConfigError as error:
                problems = [_describe_problem(error, choices)]
        plan_place = st.container()  # Below all fields, so that none of them moves.
        is_pressed = st.button(
            "Start the race",
            type="primary",
            icon=":material/sports_score:",
            key=START_BUTTON,
            disabled=race is None,
        )
        if is_pressed and race is not None:
            _start(trainer, race)
        if problem := st.session_state.pop(_PROBLEM, ""):
            problems.append(problem)
        with plan_place:
            for problem in problems:
                st.error(escape_markdown(problem), icon=":material/error:")
            if race is not None and not problems:
                st.caption(escape_markdown(describe_plan(race, trainer)))


def _describe_problem(error: ConfigError, choices: Iterable[str]) -> str:
    """Return the message of an error with the label of its field, or of the choice at fault.

    Args:
        error: A value is not allowed, or the variants cannot race.
        choices: What was chosen to differ.
    """
    for choice in choices:
        if error.setting in list_settings_of_choice(choice):
            return f"{get_choice_label(choice)}: {error.problem}"
    return describe_with_label(error) if error.setting else str(error)


def _find_first_config(runs: Mapping[str, Run]) -> TrainingConfig:
    """Return the settings of the first run whose settings race, for the pictures and the seed."""
    names = [name for name in st.session_state.get(f"{_VALUES}{RUNS}", runs) if name in runs]
    return runs[names[0]].config if names else TrainingConfig()


def _ask_for_base(runs: Mapping[str, Run], labels: Mapping[str, str]) -> TrainingConfig:
    """Render the choice of the settings that all runs share, those of a run or of a preset."""
    labels = {name: f"Run {quote_title(label)}" for name, label in labels.items()}
    labels = {"": "Default settings, on MNIST"} | labels
    base = st.session_state.get(_BASE, "")
    # Set it each time: the browser keeps the old label of a run that was renamed, and sends it.
    st.session_state[_BASE] = base if base in labels else ""  # It may have been deleted.
    name = st.selectbox(
        "Everything else as in",
        list(labels),
        key=_BASE,
        persist_state="session",
        format_func=labels.__getitem__,
        width=2 * _WIDTH,
        help="All other settings and the pictures come from this preset or run.",
    )
    return runs[name].config if name in runs else TrainingConfig()


def _ask_for_choice(
    index: int, base: TrainingConfig, runs: Mapping[str, Run], labels: Mapping[str, str]
) -> _Row:
    """Render the choice of one setting and of its values.

    Args:
        index: 0 for the setting that differs, 1 for a second one, which may be none.
        base: All other settings.
        runs, labels: All runs and their labels by name.
    """
    label, explanation = _CHOICES[index]
    taken = {
        setting
        for earlier in range(index)
        for setting in list_settings_of_choice(st.session_state[f"{_SETTING}{earlier}"])
    }
    options = [
        choice for choice in list_choices() if taken.isdisjoint(list_settings_of_choice(choice))
    ]
    if index:
        options = ["", *(choice for choice in options if choice != RUNS)]
    else:
        st.session_state.setdefault(f"{_SETTING}{index}", _FIRST_SETTING)
    with st.container(horizontal=True):
        choice = st.selectbox(
            label,
            options,
            key=f"{_SETTING}{index}",
            persist_state="session",
            format_func=_format_choice,
            width=_WIDTH,
            help=explanation,
        )
        try:
            if choice == RUNS:
                values: list[object] = [*_ask_for_runs(runs, labels)]
            else:
                values = _ask_for_values(choice, base) if choice else []
        except ConfigError as error:
            return _Row(choice, [], error.problem)
    return _Row(choice, values)


def _format_choice(choice: str) -> str:
    return get_choice_label(choice) if choice else "None"


def _ask_for_runs(runs: Mapping[str, Run], labels: Mapping[str, str]) -> list[Variant]:
    """Render the choice of the runs whose settings race; return these with their labels."""
    key = f"{_VALUES}{RUNS}"
    names = st.session_state.get(key, list(runs)[:2])
    st.session_state[key] = [name for name in names if name in runs]  # One may have been deleted.
    with st.container(width=2 * _WIDTH):  # Without a width of its own, its names need several rows.
        names = st.multiselect(
            "Runs",
            list(runs),
            key=key,
            persist_state="session",
            max_selections=MAX_VARIANTS,
            format_func=labels.__getitem__,
            wrap=True,
            help="The settings of these runs race, for equal time and with equal seeds.",
        )
    variants = label_variants([runs[name] for name in names])
    return [Variant(variants[name], runs[name].config) for name in names]


def _ask_for_values(choice: str, base: TrainingConfig) -> list[object]:
    setting = list_settings_of_choice(choice)[0]
    key = f"{_VALUES}{choice}"
    options: dict[object, str] = (
        {preset: preset.capitalize() for preset in PRESETS}
        if choice == PRESET
        else {option: _format_option(setting, option) for option in list_options(setting)}
    )
    if options:
        # A run may have another value, such as a probability of augmentation.
        options |= {
            value: _format_option(setting, value)
            for value in st.session_state.get(key, ())
            if value not in options
        }
        st.session_state.setdefault(key, list(options)[:2])
        return st.multiselect(
            "Values",
            list(options),
            key=key,
            persist_state="session",
            format_func=options.__getitem__,
            width=_WIDTH,
            wrap=True,  # In a row of fields the last chip would be cut off.
        )
    st.session_state.setdefault(key, suggest_values(setting, base))
    text = st.text_input(
        "Values, separated by commas",
        key=key,
        persist_state="session",
        width=_WIDTH,
        help="Separate lists, such as numbers of channels, by semicolons.",
    )
    return parse_values(setting, text)


def _format_option(setting: str, value: object) -> str:
    """Format a value; on and off are in the words of a run's name, such as "without classes"."""
    name = label_value if isinstance(value, bool) else format_value
    return name(setting, value)


def _ask_for_length() -> tuple[float, int]:
    """Render the choice of the seconds of each run, and of the number of seeds."""
    st.session_state.setdefault(_SECONDS_EACH, _FIRST_SECONDS)
    st.session_state.setdefault(_NUM_SEEDS, _FIRST_NUM_SEEDS)
    with st.container(horizontal=True):
        seconds = st.segmented_control(
            "Train each for",
            LENGTHS,
            required=True,
            key=_SECONDS_EACH,
            persist_state="session",
            format_func=describe_limit,
        )
        num_seeds = st.segmented_control(
            "Runs of each",
            range(1, MAX_RACE_SEEDS + 1),
            required=True,
            key=_NUM_SEEDS,
            persist_state="session",
            help="Each run has its own seed. Chance alone makes two runs of equal settings differ; "
            "with several runs the race can tell chance from the settings.",
        )
    # Required fields have a value, which their types do not say.
    return seconds or _FIRST_SECONDS, num_seeds or _FIRST_NUM_SEEDS


@permissions.operators_only
def _start(trainer: Trainer, race: Race) -> None:
    try:
        start_race(trainer, race)
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    request_focus("race")
    st.rerun()  # The whole page, which moves the focus.
