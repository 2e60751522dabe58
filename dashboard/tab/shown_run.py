"""The run that the Train page shows: this dashboard's, or one that another process trains."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.run_facts.labels import is_started_by_person, label_runs
from dashboard.run_facts.raced_runs import is_needed_unchanged, map_raced_runs
from dashboard.snapshots.external_runs import ExternalSnapshot
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dcgan.runs.run_folder import Run

OWN = ""  # Stands for the run that is or was trained by this dashboard.

# Keys of the session.
_CHOSEN = "shown_run"  # A run's name or OWN; missing before this tab has shown anything.
_REQUESTED = "shown_run_requested"  # The same, set by another page.
_WIDGET = "shown_run_widget"
_OWN_WAS_ACTIVE = "shown_run_own_was_active"
_VISITORS_RUN = "shown_run_visitors"  # Name of a demo visitor's run that OWN stood for last.


@dataclass(frozen=True, eq=False)
class ShownRun:
    """The run that the Train page shows.

    Attributes:
        name: Name of another process' run, or OWN.
        snapshot: Snapshot of the run.
        choices: Names, and OWN, of all runs that can be shown; empty if nothing trains.
    """

    name: str
    snapshot: Snapshot
    choices: tuple[str, ...]

    @property
    def layout_key(self) -> tuple[object, ...]:
        """The values that decide which parts the page has; the page reruns when they change."""
        snapshot = self.snapshot
        path = snapshot.run.path if snapshot.run is not None else None
        is_idle, has_sample = snapshot.phase == "idle", snapshot.sample is not None
        return self.name, self.choices, snapshot.is_active, is_idle, path, has_sample


def request_run(name: str) -> None:
    """Show a run, or OWN, the next time that the Train page is rendered."""
    st.session_state[_REQUESTED] = name


def ask_for_run(trainer: Trainer) -> ShownRun:
    """Render the choice of a run if there are several; return the run to show."""
    own = permissions.hide_others_ended_run(trainer.snapshot())
    wanted: str | None = st.session_state.pop(_REQUESTED, st.session_state.get(_CHOSEN))
    is_active = own.is_active
    if trainer.demo is not None:
        is_active = trainer.demo.is_training(permissions.get_visitor())
        wanted = _keep_visitors_run(own, wanted, is_active=is_active)
    was_active = st.session_state.get(_OWN_WAS_ACTIVE, wanted is not None)
    st.session_state[_OWN_WAS_ACTIVE] = is_active
    if is_active and not was_active:  # A person who starts a run here wants to see it.
        wanted = OWN
    external = trainer.external_runs.observe(wanted or "")
    choices = _list_choices(own, external, wanted or "")
    if wanted in (None, OWN) and (nearest := _find_nearest_of_race(trainer, own)):
        # The runs of a race end one after the other; the last one is no better than the others.
        wanted = nearest
        external = trainer.external_runs.observe(wanted)
        choices = _list_choices(own, external, wanted)
    if wanted not in choices:
        first = next((name for name in choices if name != OWN), None)
        if first is None and _has_ended_in_series(own):
            first = _find_newest_own(trainer)
        wanted = OWN if own.is_active or first is None else first
        external = trainer.external_runs.observe(wanted)
    shown = find_shown_run(wanted, own, external)
    if shown.choices:
        st.session_state[_CHOSEN] = shown.name
    else:
        st.session_state.pop(_CHOSEN, None)
    if external.problem:
        st.caption(f":material/warning: {escape_markdown(external.problem)}")
    # Ended runs are chosen on Runs: here they would repeat the title and push the digits down. But
    # an experiment or a race that has just ended must be easy to find.
    is_any_active = own.is_active or bool(external.runs)
    if len(shown.choices) > 1 and (is_any_active or _has_ended_in_series(own)):
        _render_choice(trainer, shown, own, external)
    return shown


def _has_ended_in_series(own: Snapshot) -> bool:
    """Return whether an experiment has ended here, or a run of a race without all its results."""
    return own.run is not None and not own.is_active and is_needed_unchanged(own.run)


def _find_nearest_of_race(trainer: Trainer, own: Snapshot) -> str:
    """Return the name of the nearest run of the race whose last run has ended here; or ""."""
    if own.run is None or own.is_active or own.is_measuring:
        return ""
    raced = map_raced_runs(trainer.root).get(own.run.name)
    if raced is None or raced.race.runs[-1].folder != own.run.name:
        return ""
    measured = [
        (run.measurement.distance, run.folder)
        for run in raced.race.runs
        if run.measurement is not None and (trainer.root / run.folder).is_dir()
    ]
    if len(measured) < len(raced.race.runs):
        return ""
    _, nearest = min(measured)
    return nearest if nearest != own.run.name else OWN


def _find_newest_own(trainer: Trainer) -> str | None:
    """Return the name of the newest run that a person has started, if any."""
    runs, _ = permissions.list_runs(trainer.root)
    return next((run.name for run in runs if is_started_by_person(run)), None)


def _keep_visitors_run(own: Snapshot, wanted: str | None, *, is_active: bool) -> str | None:
    """Return the run that a visitor of a demo wants to see.

    OWN stands for the run in the trainer. When the visitor's run has ended and the next visitor's
    has begun, OWN is replaced by the name of the visitor's run.

    Args:
        own: Snapshot of the trainer, from `permissions.hide_others_ended_run`.
        wanted: A run's name or OWN.
        is_active: Whether the visitor's run is in training.
    """
    # An ended run in the trainer is the visitor's own: `own` hides another visitor's.
    if is_active or (own.run is not None and not own.is_active):
        if own.run is not None:
            st.session_state[_VISITORS_RUN] = own.run.name
        return wanted
    name: str | None = st.session_state.pop(_VISITORS_RUN, None)
    return name if name is not None and wanted == OWN else wanted


def find_shown_run(name: str, own: Snapshot, external: ExternalSnapshot) -> ShownRun:
    """Return the run to show.

    Args:
        name: Name of the wanted run, or OWN.
        own: Snapshot of this dashboard's trainer.
        external: Runs of other processes, as observed for that name.
    """
    choices = _list_choices(own, external, name)
    if name in choices and name != OWN:
        # On a slow disk a run is listed before it is read.
        unread = Snapshot(phase="preparing", machine="")
        return ShownRun(name, external.snapshot or unread, choices)
    return ShownRun(OWN, own, _list_choices(own, external, OWN))


def _list_choices(own: Snapshot, external: ExternalSnapshot, followed: str) -> tuple[str, ...]:
    """Return OWN, the other processes' runs, newest first, and the followed one if it has ended."""
    names = [run.name for run in external.runs]
    if followed and followed not in names and external.snapshot is not None:
        names.append(followed)
    own_name = own.run.name if own.run is not None else None
    if own.is_active and own_name in names:  # It was continued here.
        names.remove(own_name)
    # A run that has ended here may be continued by another process.
    is_own_shown = own.is_active or (own.phase != "idle" and own_name not in names)
    return (OWN, *names) if is_own_shown else tuple(names)


def _render_choice(
    trainer: Trainer, shown: ShownRun, own: Snapshot, external: ExternalSnapshot
) -> None:
    runs: dict[str, Run] = {run.name: run for run in external.runs}
    for snapshot in (shown.snapshot, own):
        if snapshot.run is not None:
            runs.setdefault(snapshot.run.name, snapshot.run)
    titles = label_runs(runs.values())

    def describe(name: str) -> str:
        if name == OWN:
            title = titles[own.run.name] if own.run is not None else "The new run"
            return f"{title} ({'this dashboard' if trainer.demo is None else 'trained here'})"
        return titles.get(name, name)

    if trainer.demo is not None:
        help_text = "Your run has ended, and another visitor's may be in training."
    elif own.is_active or external.runs:
        help_text = (
            "Several runs are in training: here, or in other processes that use the same folder."
        )
    else:
        help_text = "Your last run, and the experiment or race that has just ended."
    st.session_state[_WIDGET] = shown.name
    st.selectbox(
        "Run to watch",
        shown.choices,
        key=_WIDGET,
        format_func=describe,
        on_change=_remember_choice,
        width=420,
        help=help_text,
    )


def _remember_choice() -> None:
    st.session_state[_CHOSEN] = st.session_state[_WIDGET]
