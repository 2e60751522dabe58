"""Which run the Train page shows: that of this dashboard, or one that another process trains."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.shared.run_summary import distinct_titles
from dashboard.state.external_runs import ExternalSnapshot
from dashboard.state.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dcgan.runs.run_folder import Run

OWN = ""  # The choice of the run that is or was trained here.

_CHOSEN = "shown_run"  # A run's name, or OWN; absent before anything was shown in this tab.
_ASKED = "shown_run_asked"  # The same, from another page.
_WIDGET = "shown_run_widget"
_OWN_WAS_ACTIVE = "shown_run_own_was_active"


@dataclass(frozen=True, eq=False)
class Shown:
    """What the Train page shows.

    Attributes:
        name: Of another process' run, or OWN.
        snapshot: Of the run; of this dashboard's where `name` is OWN.
        choices: All there is to choose from, names and OWN; empty where nothing trains.
    """

    name: str
    snapshot: Snapshot
    choices: tuple[str, ...]

    @property
    def stage(self) -> tuple[object, ...]:
        """Return what decides which parts the page has."""
        now = self.snapshot
        path = now.run.path if now.run is not None else None
        return self.name, self.choices, now.is_active, now.phase == "idle", path, now.sample is None


def ask_for(name: str) -> None:
    """Have the Train page show a run, when it is shown next."""
    st.session_state[_ASKED] = name


def choose(trainer: Trainer) -> Shown:
    """Draw the choice, where there is one; return what the page shows."""
    own = trainer.snapshot()
    wanted: str | None = st.session_state.pop(_ASKED, st.session_state.get(_CHOSEN))
    was_active = st.session_state.get(_OWN_WAS_ACTIVE, wanted is not None)
    st.session_state[_OWN_WAS_ACTIVE] = own.is_active
    if own.is_active and not was_active:  # One that begins here is what the person waits for.
        wanted = OWN
    external = trainer.external_runs.observe(wanted or "")
    choices = _choices(own, external, wanted or "")
    if wanted not in choices:
        first = next((name for name in choices if name != OWN), OWN)
        wanted = OWN if own.is_active else first
        external = trainer.external_runs.observe(wanted)
    shown = see(wanted, own, external)
    if shown.choices:
        st.session_state[_CHOSEN] = shown.name
    else:
        st.session_state.pop(_CHOSEN, None)
    if external.problem:
        st.caption(f":material/warning: {escape_markdown(external.problem)}")
    if len(shown.choices) > 1:
        _draw(shown, own, external)
    return shown


def see(name: str, own: Snapshot, external: ExternalSnapshot) -> Shown:
    """Return what the page shows, of what the trainer does and what the others do.

    Args:
        name: Of the run that was asked for, or OWN.
        own: What the trainer does.
        external: As of `ExternalRuns.observe` for that name.
    """
    choices = _choices(own, external, name)
    if name in choices and name != OWN:
        # Where the disk is slow it is known before it is read.
        not_yet = Snapshot(phase="preparing", machine="")
        return Shown(name, external.snapshot or not_yet, choices)
    return Shown(OWN, own, _choices(own, external, OWN))


def _choices(own: Snapshot, external: ExternalSnapshot, followed: str) -> tuple[str, ...]:
    """Return what there is to choose from: ours, the others' newest first, and what has ended."""
    names = [run.name for run in external.runs]
    if followed and followed not in names and external.snapshot is not None:
        names.append(followed)
    own_name = own.run.name if own.run is not None else None
    if own.is_active and own_name in names:  # It goes on here.
        names.remove(own_name)
    # Ours that has ended may be trained on by another process.
    is_own_shown = own.is_active or (own.phase != "idle" and own_name not in names)
    return (OWN, *names) if is_own_shown else tuple(names)


def _draw(shown: Shown, own: Snapshot, external: ExternalSnapshot) -> None:
    runs: dict[str, Run] = {run.name: run for run in external.runs}
    for snapshot in (shown.snapshot, own):
        if snapshot.run is not None:
            runs.setdefault(snapshot.run.name, snapshot.run)
    titles = distinct_titles(runs.values())

    def describe(name: str) -> str:
        if name == OWN:
            title = titles[own.run.name] if own.run is not None else "The new run"
            return f"{title}, of this dashboard"
        return titles.get(name, name)

    st.session_state[_WIDGET] = shown.name
    st.selectbox(
        "Run to watch",
        shown.choices,
        key=_WIDGET,
        format_func=describe,
        on_change=_take,
        width=420,
        help="Several are in training: that of this dashboard, if there is one, and those of other "
        "processes in the same folder.",
    )


def _take() -> None:
    st.session_state[_CHOSEN] = st.session_state[_WIDGET]
