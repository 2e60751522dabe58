"""The choice of the runs to compare, in the colours of their lines."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import cycle

import streamlit as st

from dashboard.access import permissions
from dashboard.charts.compared_runs import read_current_record
from dashboard.charts.overlay_chart import NUM_COLORS, choose_color, choose_race_color
from dashboard.compare.result_cards import sort_by_result
from dashboard.compare_results.raced import compare_with_races, read_runs
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.process.run_measurements import get_run_measurements
from dashboard.run_facts.labels import is_started_by_person, label_runs
from dashboard.run_facts.raced_runs import RacedRun
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dashboard.tab.compare_address import CHOSEN_RUNS
from dashboard.tab.compare_request import take_compared_runs
from dashboard.tab.following import follow_external
from dcgan.errors import RunError
from dcgan.evaluation.main_metric import get_distance
from dcgan.runs.run_folder import Run

# Keys of the session.
_COLORS = "compare_colors"  # Index of the colour of each run that was chosen, by name.
_SHOWN = "compare_shown_runs"  # Names of the runs that the page showed last.
# The names of the runs that the page chose, and of all runs that there were.
_CHOICE_OF_PAGE = "compare_choice_of_page"

# Indices of the colours of the included runs, which no other run has at first.
_INCLUDED_COLORS = (2, 6)
# For a run whose colour is taken, in this order: that of the first included run comes last.
_SPARE_COLORS = (0, 1, 3, 4, 5, 7, 6, 2)
# Colours that a reader may confuse: the blues and the violet, orange and vermilion.
_SIMILAR_COLORS = ({0, 4}, {0, 6}, {4, 6}, {1, 5})
_MAX_DEFAULT = 4  # Chosen at first among a person's own runs.
_MAX_RANKED = 30  # The newest own runs, among which the page looks for the best one.


def ask_for_runs(
    trainer: Trainer, raced: Mapping[str, RacedRun]
) -> tuple[list[Run], dict[str, int], dict[str, str]]:
    """Render the choice of runs.

    Args:
        trainer: The trainer.
        raced: The runs of races by name.

    Returns:
        The chosen runs; and the index of the colour of each, and the labels of all runs, by name.
    """
    snapshot = trainer.snapshot()
    runs = _map_runs(trainer)
    requested = [runs[name] for name in take_compared_runs() if name in runs]
    if len(requested) > 1:
        st.session_state[CHOSEN_RUNS] = [run.name for run in requested]
    elif requested:
        names = _choose_beside(requested[0], runs, snapshot)
        st.session_state[CHOSEN_RUNS] = _sort_by_result(names, runs, snapshot, raced)
    elif _may_choose(runs) and not _is_measuring(runs):
        names = _choose_at_first(runs, snapshot)
        st.session_state[CHOSEN_RUNS] = _sort_by_result(names, runs, snapshot, raced)
        st.session_state[_CHOICE_OF_PAGE] = st.session_state[CHOSEN_RUNS], set(runs)
    st.session_state[CHOSEN_RUNS] = [name for name in st.session_state[CHOSEN_RUNS] if name in runs]
    chosen = [runs[name] for name in st.session_state[CHOSEN_RUNS]]
    labels = label_runs(runs.values())
    names = st.multiselect(
        "Runs to compare",
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
    _render_additions(trainer, names)
    return chosen, colors, labels


@st.fragment
def _render_additions(trainer: Trainer, names: Sequence[str]) -> None:
    """Render the buttons that add the newest run and the included one.

    The newest run appears without a click on the page, whichever process has trained it.

    Args:
        trainer: The trainer.
        names: Names of the chosen runs.
    """
    snapshot, _ = follow_external(trainer, "", key="news-choice")
    runs = _map_runs(trainer)
    with st.container(horizontal=True):
        if newest := _find_unseen_run(runs, [name for name in names if name in runs], snapshot):
            label = label_runs(runs.values())[newest]
            _render_addition(f"Add {escape_markdown(label)}", "add", "compare-newest", newest)
        included = [name for name, run in runs.items() if run.is_read_only]
        if included and not set(included) & set(names):
            label = "Compare with the included run"
            _render_addition(label, "compare_arrows", "compare-included", included[0])


def _render_addition(label: str, icon: str, key: str, run_name: str) -> None:
    if st.button(
        label,
        icon=f":material/{icon}:",
        type="tertiary",
        key=key,
        on_click=_add_run,
        args=(run_name,),
    ):
        st.rerun()  # The whole page.


def _map_runs(trainer: Trainer) -> dict[str, Run]:
    """Return all runs by name, the newest first."""
    return {run.name: run for run in permissions.list_runs(trainer.root)[0]}


def _sort_by_result(
    names: Sequence[str],
    runs: Mapping[str, Run],
    snapshot: Snapshot,
    raced: Mapping[str, RacedRun],
) -> list[str]:
    """Return the names of runs in the order of the result; those that cannot be read are last."""
    unnamed = dict.fromkeys(names, 0), dict.fromkeys(names, "")
    compared, _ = read_runs([runs[name] for name in names], snapshot, *unnamed, raced)
    ranked = sort_by_result(compared, compare_with_races(compared, raced))
    return list(dict.fromkeys([*(each.run.name for each in ranked), *names]))


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
        candidates = [*wanted, *unclaimed, *range(len(names))]
        if name not in shown:
            candidates = sorted(candidates, key=lambda each: _is_similar(each, colors.values()))
        colors[name] = next(index for index in candidates if index not in colors.values())
    return colors


def _is_similar(color: int, others: Collection[int]) -> bool:
    """Return whether a reader may confuse the colour of an index with one of others."""
    pairs = [{color % NUM_COLORS, other % NUM_COLORS} for other in others]
    return any(pair in _SIMILAR_COLORS for pair in pairs)


def _may_choose(runs: Mapping[str, Run]) -> bool:
    """Return whether the page chooses the runs: at first, and when there is a new run.

    A person's choice stays.
    """
    if CHOSEN_RUNS not in st.session_state:
        return True
    chosen, known = st.session_state.get(_CHOICE_OF_PAGE, (None, set()))
    return st.session_state[CHOSEN_RUNS] == chosen and not known.issuperset(runs)


def _is_measuring(runs: Mapping[str, Run]) -> bool:
    """Return whether a chosen run is measured: another choice would move what a person watches."""
    chosen = [runs[name] for name in st.session_state.get(CHOSEN_RUNS, ()) if name in runs]
    return get_run_measurements().get_progress(chosen) is not None


def _choose_at_first(runs: Mapping[str, Run], snapshot: Snapshot) -> list[str]:
    """Return the names of the newest own runs that train or were measured, and of the best one.

    With fewer than two of them the included run is chosen too. If no run was measured, the newest
    runs are chosen, and the page explains why they have no value.
    """
    own = _list_own(runs)[:_MAX_RANKED]
    # A run in training interests a person most, and it will soon have a value.
    fitting = [run for run in own if snapshot.trains(run) or _is_measured(run, snapshot)] or own
    fitting = _select_pictures(fitting, fitting[:1])
    chosen = fitting[:_MAX_DEFAULT]
    if len(fitting) > _MAX_DEFAULT:
        best = min(fitting, key=lambda run: _find_newest_distance(run, snapshot))
        if best not in chosen:
            chosen[-1] = best
    included = [] if len(chosen) > 1 else [run for run in runs.values() if run.is_read_only]
    return [run.name for run in (*chosen, *_select_pictures(included, chosen)[:1])]


def _choose_beside(run: Run, runs: Mapping[str, Run], snapshot: Snapshot) -> list[str]:
    """Return the name of a run and of the included one, or of an included run and of own ones."""
    if not run.is_read_only:
        included = {name: other for name, other in runs.items() if other.is_read_only}
        return _choose_at_first({run.name: run} | included, snapshot)
    own = [other for other in runs.values() if not other.is_read_only]
    others = {other.name: other for other in _select_pictures(own, [run])}
    return [*_choose_at_first(others, snapshot), run.name]


def _list_own(runs: Mapping[str, Run]) -> list[Run]:
    """Return a person's own runs; those of experiments and races only if there are no others.

    Experiments are often made to fail, and races have their own comparison.
    """
    own = [run for run in runs.values() if not run.is_read_only]
    return [run for run in own if is_started_by_person(run)] or own


def _select_pictures(runs: Sequence[Run], others: Sequence[Run]) -> list[Run]:
    """Return the runs with the pictures of others, if there are any.

    Values measured with different pictures cannot be compared.
    """
    pictures = {run.dataset.fingerprint for run in others}
    return [run for run in runs if not pictures or run.dataset.fingerprint in pictures]


def _find_unseen_run(
    runs: Mapping[str, Run], names: Sequence[str], snapshot: Snapshot
) -> str | None:
    """Return the newest own run if it is newer than the chosen ones and was never among them."""
    newest = next(iter(_list_own(runs)), None)
    chosen = [runs[name] for name in names]
    if newest is None or newest.name in st.session_state[_COLORS]:
        return None
    order = list(runs)
    if any(
        order.index(run.name) < order.index(newest.name) for run in chosen if not run.is_read_only
    ):
        return None
    fits = snapshot.trains(newest) or _is_measured(newest, snapshot)
    return newest.name if fits and _select_pictures([newest], chosen) else None


def _is_measured(run: Run, snapshot: Snapshot) -> bool:
    return _find_newest_distance(run, snapshot) < math.inf


def _find_newest_distance(run: Run, snapshot: Snapshot) -> float:
    """Return a run's newest distance to real images; infinity if it was not measured."""
    try:
        record = read_current_record(run, snapshot)
    except RunError:  # The page names the error once the run is chosen.
        return math.inf
    return get_distance(record.newest_evaluation) if record.is_measured else math.inf


def _add_run(run_name: str) -> None:
    names = [*st.session_state[CHOSEN_RUNS], run_name]
    st.session_state[CHOSEN_RUNS] = list(dict.fromkeys(names))  # A second click adds none.
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
