"""The race to show: the one in progress, that of a link, or an earlier one that is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components.invisible import request_focus
from dashboard.race.progress import compute_progress
from dashboard.race.variants import list_labels
from dashboard.run_facts.labels import distinguish_labels
from dashboard.state.race_commands import list_waiting_indices
from dashboard.state.trainer import Trainer
from dashboard.tab.compare_address import take_linked_race
from dcgan.errors import RunError
from dcgan.sweeps.race import read_race

_MAX_LISTED = 20

# Keys of the session.
_LINKED = "race_of_link"  # Name of the race of the page's address, while another one is active.


def find_active(trainer: Trainer, names: Sequence[str]) -> str:
    """Return the newest race of which runs train or wait; "" if there is none."""
    snapshot = trainer.snapshot()
    if not snapshot.is_active and not trainer.queue_runner.list_waiting():
        return ""
    for name in names[:_MAX_LISTED]:
        try:
            race = read_race(trainer.root, name)
        except RunError:
            continue
        progress = compute_progress(race, list_waiting_indices(trainer, race), snapshot)
        if progress.list_indices("training", "measuring", "waiting"):
            return name
    return ""


def follow_link(names: Sequence[str]) -> bool:
    """Show the race that the page's address or a button has named.

    Args:
        names: Names of the races.

    Returns:
        Whether a race was named since the last call.
    """
    if (linked := take_linked_race()) not in names:
        return False
    st.session_state[_LINKED] = linked
    return True


def choose_race(trainer: Trainer, names: Sequence[str], active: str) -> str:
    """Return the name of the race to show; render the choice of one unless a race is active.

    The race of a link (`follow_link`) is shown even while another one is active.

    Args:
        trainer: The trainer.
        names: Names of the races, the newest first; at least one.
        active: Name of the race of which runs train or wait; "" without any.
    """
    shown: str = st.session_state.get(_LINKED, "")
    if active:
        return shown if shown in names else active
    st.session_state.pop(_LINKED, None)
    return _ask_for_race(trainer, names, shown)


def render_active_race() -> None:
    """Render a line on the race that trains while the one of a link is shown."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":material/info: Another race is in progress.", width="content")
        st.button("Show it", key="show-active-race", on_click=_show_active_race)


def _show_active_race() -> None:
    st.session_state.pop(_LINKED, None)  # A second click finds none.
    request_focus("race")


def _ask_for_race(trainer: Trainer, names: Sequence[str], linked: str) -> str:
    """Render the choice of a race if there are several, the newest first; return its name.

    Args:
        trainer: The trainer.
        names: Names of the races, the newest first.
        linked: Name of the race to show first; "" for the newest.
    """
    key = f"race_shown_{names[0]}"  # A new race is shown, whatever was chosen before.
    chosen = linked if linked in names else st.session_state.get(key, "")
    chosen = chosen if chosen in names else names[0]
    # Set it each time: the browser keeps the old label when another race of its minute is gone.
    st.session_state[key] = chosen
    listed = [name for index, name in enumerate(names) if index < _MAX_LISTED or name == chosen]
    labels = {}
    for name in listed:
        try:
            race = read_race(trainer.root, name)
        except RunError:
            labels[name] = f"{name}, unreadable"
        else:
            labels[name] = f"{race.describe_start()}: {list_labels(race.variant_labels)}"
    if len(labels) == 1:
        return names[0]
    labels = distinguish_labels(labels)  # Of one minute.
    return st.selectbox(
        "Show the race of",
        list(labels),
        key=key,
        format_func=labels.__getitem__,
    )
