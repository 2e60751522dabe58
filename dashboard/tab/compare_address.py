"""The address of Compare as a link to its runs, its pictures, its chart, its tab and its race."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import replace_address
from dashboard.components.plain_text import escape_markdown
from dashboard.state.trainer import Trainer
from dashboard.tab.compare_request import RACE_TAB, RUNS_TAB, TABS, is_comparison_requested
from dcgan.sweeps.race import list_races
from dcgan.wording import capitalize, join_with_and

# Keys of the session.
CHOSEN_RUNS = "compare_runs"  # Names of the runs to compare; the choice of the runs has this key.
# Names of the runs side by side: the left and the right one.
SIDE_RUNS = ("pair_Left_run", "pair_Right_run")
# The names of the two runs that the page chose; none if the address named them.
SIDES_OF_PAGE = "pair_at_first"
_RACE = "compare_linked_race"  # Name of the race that the address names, until it is shown.
# Values of the panels' parameters, as lists by name: those of the address that no panel has read,
# and those to write.
_LINKED_CHOICES, _CHOICES = "compare_linked_choices", "compare_choices"
_ADDRESS_READ = "compare_address_read"
_HAD_TABS = "compare_had_tabs"  # Whether the page has shown its tabs.
_KEPT_PARAMETERS = "compare_address_kept"  # The address before the server restarted.

_RUN_PARAMETER, _TAB_PARAMETER, _RACE_PARAMETER = "run", "tab", "race"
_SIDE_PARAMETERS = ("left", "right")
# A panel checks the values of its parameters itself.
STEP, MEASURE, AXIS = PANEL_PARAMETERS = ("step", "measure", "axis")
_RACE_VALUE = "race"  # Of the tab.
_MAX_NAMED, _MAX_NAME = 3, 80  # Missing runs in a message, and characters of each name.


def restore(trainer: Trainer) -> None:
    """Choose the runs, the tab and the race of the page's address.

    This happens in a new session, and when the browser's Back button returns to the page: Streamlit
    forgets the tab of a page that was left. A page that is opened by its link in the bar has no
    address to read.

    Call it before the choices are rendered. Panels take the values of their parameters with
    `take_linked_choice`. Names that are unknown here are ignored; a toast
    names them.
    """
    parameters: list[tuple[str, str]] | None = st.session_state.pop(_KEPT_PARAMETERS, None)
    has_returned = st.session_state.get(_HAD_TABS, False) and TABS not in st.session_state
    if parameters is None and (has_returned or _ADDRESS_READ not in st.session_state):
        parameters = [
            (name, value) for name in st.query_params for value in st.query_params.get_all(name)
        ]
    st.session_state[_ADDRESS_READ] = True
    if not parameters or is_comparison_requested():
        return
    for key in (_LINKED_CHOICES, _CHOICES):
        st.session_state[key] = {
            name: [value[:_MAX_NAME] for each, value in parameters if each == name][:2]
            for name in PANEL_PARAMETERS
        }
    names = _list_values(parameters, _RUN_PARAMETER)
    race_names = _list_values(parameters, _RACE_PARAMETER)[:1]
    missing_runs, missing_races = list(names), list(race_names)
    if names:
        known = {run.name for run in permissions.list_runs(trainer.root)[0]}
        missing_runs = [name for name in names if name not in known]
        if found := [name for name in names if name in known]:
            st.session_state[CHOSEN_RUNS] = found
            st.session_state[TABS] = RUNS_TAB
            _choose_sides(parameters, found)
    if race_names:
        missing_races = [name for name in race_names if name not in list_races(trainer.root)]
        if not missing_races:
            (st.session_state[_RACE],) = race_names
            st.session_state[TABS] = RACE_TAB
    if _RACE_VALUE in _list_values(parameters, _TAB_PARAMETER):
        st.session_state[TABS] = RACE_TAB
    if message := _describe_missing(missing_runs, missing_races):
        st.toast(escape_markdown(message), icon=":material/info:", duration="long")


def _choose_sides(parameters: Sequence[tuple[str, str]], chosen: Sequence[str]) -> None:
    """Choose the runs side by side if the address names two of the chosen ones."""
    sides = [_list_values(parameters, name)[:1] for name in _SIDE_PARAMETERS]
    if all(side and side[0] in chosen for side in sides):
        for key, (name,) in zip(SIDE_RUNS, sides, strict=True):
            st.session_state[key] = name
        st.session_state[SIDES_OF_PAGE] = []  # A person chose them.


def _list_values(parameters: Sequence[tuple[str, str]], name: str) -> list[str]:
    """Return the values of a parameter without empty ones, each once, in their order."""
    return list(dict.fromkeys(value for each, value in parameters if each == name and value))


def _describe_missing(runs: Sequence[str], races: Sequence[str]) -> str:
    """Describe what a link names but is not here, in a sentence; "" for nothing."""
    names = [name[:_MAX_NAME] for name in runs]
    if len(names) > _MAX_NAMED:
        subjects = [f"{len(names)} runs"]
    else:
        subjects = [f"the run {name}" for name in names]
    subjects += [f"the race {name[:_MAX_NAME]}" for name in races]
    if not subjects:
        return ""
    is_one = len(runs) + len(races) == 1
    text = join_with_and(subjects)
    return f"{capitalize(text)} of this link {'is' if is_one else 'are'} not here."


def open_race(name: str) -> None:
    """Open the tab of races with a race."""
    st.session_state[_RACE] = name
    st.session_state[TABS] = RACE_TAB


def take_linked_race() -> str | None:
    """Return the name of the race that the address or a button named, once; None without one."""
    name: str | None = st.session_state.pop(_RACE, None)
    return name


def take_linked_choice(name: str) -> list[str]:
    """Return the values of a panel's parameter in the address, once; at most two.

    Args:
        name: One of PANEL_PARAMETERS.
    """
    values: list[str] = st.session_state.get(_LINKED_CHOICES, {}).pop(name, [])
    return values


def links(*names: str) -> bool:
    """Return whether the address names values of a panel's parameters that no panel has read.

    Args:
        names: Of PANEL_PARAMETERS.
    """
    linked: dict[str, list[str]] = st.session_state.get(_LINKED_CHOICES, {})
    return any(linked.get(name) for name in names)


def names_sides() -> bool:
    """Return whether the address or a person chose the runs side by side."""
    return st.session_state.get(SIDES_OF_PAGE) == []


def keep_choice(name: str, values: Sequence[str]) -> None:
    """Keep the values of a panel's parameter for the address; none for what the page chooses.

    Args:
        name: One of PANEL_PARAMETERS.
        values: At most two.
    """
    st.session_state.setdefault(_CHOICES, {})[name] = list(values)


def write(*, shows_race: bool, race_name: str = "", key: str = "address") -> None:
    """Make the page's address a link to the chosen runs, and to a race while its tab is open.

    Args:
        shows_race: Whether the tab of races is open.
        race_name: Name of the shown race; "" if there is none.
        key: Streamlit's key; each fragment that writes the address needs its own.
    """
    st.session_state[_HAD_TABS] = TABS in st.session_state
    parameters = [(_RUN_PARAMETER, name) for name in st.session_state.get(CHOSEN_RUNS, ())]
    sides = [st.session_state.get(key, "") for key in SIDE_RUNS]
    if all(sides) and st.session_state[SIDES_OF_PAGE] != sides:  # The page chooses them again.
        parameters += zip(_SIDE_PARAMETERS, sides, strict=True)
    choices = st.session_state.get(_CHOICES, {})
    parameters += [(name, value) for name in PANEL_PARAMETERS for value in choices.get(name, ())]
    if shows_race:
        parameters.append((_TAB_PARAMETER, _RACE_VALUE))
        if race_name:
            parameters.append((_RACE_PARAMETER, race_name))
    earlier_address = replace_address(urlencode(parameters), key=key)
    if earlier_address is not None:
        st.session_state[_KEPT_PARAMETERS] = parse_qsl(earlier_address.removeprefix("?"))
        st.rerun()
