"""The choice of the runs to compare, in the colours of their lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import cycle, islice

import streamlit as st

from dashboard.charts.compared_runs import read_current_record
from dashboard.charts.overlay_chart import NUM_COLORS, choose_color, choose_race_color
from dashboard.compare.raced import label_chosen_runs
from dashboard.components.invisible import request_focus
from dashboard.shared.compare_address import CHOSEN_RUNS
from dashboard.shared.compare_request import take_compared_runs
from dashboard.shared.raced_runs import RacedRun
from dashboard.shared.run_labels import is_experiment, is_of_race, label_runs
from dashboard.snapshots.snapshot import Snapshot
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run

# Keys of the session.
_COLORS = "compare_colors"  # Index of the colour of each run that was chosen, by name.
_SHOWN = "compare_shown_runs"  # Names of the runs that the page showed last.

# Indices of the colours of the included runs, which no other run has at first.
_INCLUDED_COLORS = (2, 6)
# For a run whose colour is taken, in this order: that of the first included run comes last.
_SPARE_COLORS = (0, 1, 3, 4, 5, 7, 6, 2)
_NUM_DEFAULT = 2  # Chosen at first among a person's own runs.


def ask_for_runs(
    runs: dict[str, Run], raced: Mapping[str, RacedRun], snapshot: Snapshot
) -> tuple[list[Run], dict[str, int]]:
    """Render the choice of runs; return the chosen ones, and the index of the colour of each.

    Args:
        runs: All runs by name, the newest first.
        raced: The runs of races by name.
        snapshot: The trainer's snapshot.
    """
    requested = [runs[name] for name in take_compared_runs() if name in runs]
    if len(requested) > 1:
        st.session_state[CHOSEN_RUNS] = [run.name for run in requested]
    elif requested:
        (run,) = requested
        others = {name: other for name, other in runs.items() if other.is_read_only}
        if run.is_read_only:
            others = runs
        st.session_state[CHOSEN_RUNS] = _choose_at_first({run.name: run} | others, snapshot)
    elif CHOSEN_RUNS not in st.session_state:
        st.session_state[CHOSEN_RUNS] = _choose_at_first(runs, snapshot)
    st.session_state[CHOSEN_RUNS] = [name for name in st.session_state[CHOSEN_RUNS] if name in runs]
    labels = label_runs(runs.values())
    labels |= label_chosen_runs([runs[name] for name in st.session_state[CHOSEN_RUNS]], raced)
    names = st.multiselect(
        "Runs",
        list(runs),
        key=CHOSEN_RUNS,
        persist_state="session",
        format_func=labels.__getitem__,
    )
    earlier_colors = choose_usual_colors(runs, raced) | st.session_state.get(_COLORS, {})
    colors = assign_colors(names, earlier_colors, st.session_state.get(_SHOWN, ()))
    st.session_state[_COLORS] = st.session_state.get(_COLORS, {}) | colors
    st.session_state[_SHOWN] = names
    _color_chips([colors[name] for name in names])
    chosen = [runs[name] for name in names]
    included = [name for name, run in runs.items() if run.is_read_only]
    if included and not set(included) & set(names):
        st.button(
            "Compare with the included run",
            icon=":material/compare_arrows:",
            key="compare-included",
            on_click=_add_run,
            args=(included[0],),
        )
    return chosen, colors


def choose_usual_colors(runs: dict[str, Run], raced: Mapping[str, RacedRun]) -> dict[str, int]:
    """Return the index of the colour that each run has in a new session, if that is free.

    A new run changes no colour of the others: each included run has its own, the runs of a race
    have its colours, and a person's other runs take turns with the rest in the order of their
    start.

    Args:
        runs: All runs by name, the newest first.
        raced: The runs of races by name.
    """
    colors = [index for index in range(NUM_COLORS) if index not in _INCLUDED_COLORS]
    included = [name for name, run in runs.items() if run.is_read_only]
    own = [name for name, run in reversed(runs.items()) if not run.is_read_only]
    usual = {name: colors[index % len(colors)] for index, name in enumerate(own)}
    of_races = {
        name: choose_race_color(raced[name].variant_index, raced[name].seed_index)
        for name in own
        if name in raced
    }
    return dict(zip(sorted(included), cycle(_INCLUDED_COLORS), strict=False)) | usual | of_races


def assign_colors(
    names: Sequence[str], earlier_colors: Mapping[str, int], shown: Collection[str] = ()
) -> dict[str, int]:
    """Return the index of each run's colour; a run keeps its earlier colour if that is free.

    Args:
        names: Names of the chosen runs.
        earlier_colors: Indices by run name, also of runs that were removed.
        shown: Names of the runs that are on the page already; none of them changes its colour.
    """
    colors: dict[str, int] = {}
    never_used = [index for index in range(NUM_COLORS) if index not in earlier_colors.values()]
    claimed = {earlier_colors[name] for name in names if name in earlier_colors}
    unclaimed = [index for index in _SPARE_COLORS if index not in claimed]
    # Shown runs choose first, and then the others with an earlier colour, so that a new run takes
    # the colour of neither.
    for name in sorted(names, key=lambda name: (name not in shown, name not in earlier_colors)):
        wanted = [earlier_colors[name]] if name in earlier_colors else never_used
        candidates = (*wanted, *unclaimed, *range(len(names)))
        colors[name] = next(index for index in candidates if index not in colors.values())
    return colors


def _choose_at_first(runs: dict[str, Run], snapshot: Snapshot) -> list[str]:
    """Return the names of the newest runs that train or were measured, and the included run.

    If no run was measured, the newest runs are chosen, and the page explains why they have no
    value. Runs of experiments and races are chosen only if there are no others: experiments are
    often made to fail, and races have their own comparison.
    """
    own = [run for run in runs.values() if not run.is_read_only]
    own = [run for run in own if not (is_experiment(run) or is_of_race(run))] or own
    # A run in training interests a person most, and it will soon have a value.
    fitting = (run for run in own if snapshot.trains(run) or _is_measured(run, snapshot))
    chosen = list(islice(fitting, _NUM_DEFAULT)) or own[:_NUM_DEFAULT]
    # Values measured with other pictures cannot be compared with values of the included run.
    pictures = {run.dataset.fingerprint for run in chosen}
    included = [
        run
        for run in runs.values()
        if run.is_read_only and (not pictures or run.dataset.fingerprint in pictures)
    ]
    return [run.name for run in (*chosen, *included[:1])]


def _is_measured(run: Run, snapshot: Snapshot) -> bool:
    try:
        return read_current_record(run, snapshot).is_measured
    except RunError:  # The page names the error once the run is chosen.
        return False


def _add_run(run_name: str) -> None:
    st.session_state[CHOSEN_RUNS] = [*st.session_state[CHOSEN_RUNS], run_name]
    request_focus("compare-result")  # The button goes away; the answer has changed.


def _color_chips(colors: Sequence[int]) -> None:
    """Give each chip a stripe in the colour of its run's line, from the indices of the colours."""
    rules = "".join(
        f'.st-key-{CHOSEN_RUNS} [data-tag-index="{index}"] '
        f"{{ border-left: 0.6rem solid {choose_color(color)} !important; }}"
        for index, color in enumerate(colors)
    )
    st.html(
        f"<style>.st-key-{CHOSEN_RUNS} [data-tag] {{ color: inherit; "
        f"background: rgb(128 128 128 / 15%); }} {rules}</style>"
    )
