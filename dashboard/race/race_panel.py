"""The race on the Compare page: its form, its progress, and its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import streamlit as st

from dashboard.access import permissions
from dashboard.compare_results.explanations import explain_chance_in, list_settings_in
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import TEXT_WIDTH, escape_markdown
from dashboard.race import (
    again,
    progress_panel,
    race_cards,
    race_chart,
    race_choice,
    race_form,
    winner_buttons,
)
from dashboard.race.measurement_text import describe_measurement
from dashboard.race.progress import RaceProgress, compute_progress, describe_missing, is_late
from dashboard.race.speed_swings import describe_swings
from dashboard.shared import compare_address
from dashboard.shared.compare_request import RACE_TAB, TABS, request_comparison
from dashboard.shared.following import follow
from dashboard.shared.glossary import explain_settings
from dashboard.shared.messages import render_run_error, show_refusal
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.race_commands import list_waiting_indices, train_missing
from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run, open_run
from dcgan.sweeps.race import Race, list_races, read_race
from dcgan.sweeps.race_verdict import RaceVerdict, judge_race

_FORM_WIDTH = 640
_HEAD_COLUMNS = (3, 1.3)  # Widths of the verdict and of the choice of a race.

# Keys of the session.
_SHOWS_FORM = "race-form-fold"  # Whether the form of another race is open; key of its expander.


@st.fragment
def render(trainer: Trainer) -> None:
    """Render the newest race, or an earlier one that is chosen, and the form of another."""
    names = list_races(trainer.root)
    with st.container(key="race"):
        shown_race = ""
        if names:
            shown_race = _render_race(trainer, names)
        elif permissions.may_operate():
            st.markdown(
                "Trains two to four variants for the same time, each with one or more seeds, and "
                "compares how near their pictures are to real ones.",
                width=TEXT_WIDTH,
            )
            race_form.render(trainer)
        compare_address.write(shows_race=True, race_name=shown_race)


def open_form(runs: Sequence[Run]) -> None:
    """Open the tab of races with the form, filled with the settings of runs.

    Args:
        runs: Two to four runs with different settings.
    """
    race_form.fill_form_with_runs(runs)
    st.session_state[TABS] = RACE_TAB
    st.session_state[_SHOWS_FORM] = True
    request_focus(race_form.START_BUTTON)


def has_races(trainer: Trainer) -> bool:
    """Return whether there is a race to show."""
    return bool(list_races(trainer.root))


def is_racing(trainer: Trainer) -> bool:
    """Return whether runs of a race train or wait."""
    return bool(race_choice.find_active(trainer, list_races(trainer.root)))


def _render_race(trainer: Trainer, names: list[str]) -> str:
    """Render the progress of a race while it is active, its verdict, cards and chart.

    Returns:
        The name of the race.
    """
    snapshot = follow(trainer, key="news-race")
    active = race_choice.find_active(trainer, names)
    has_choice = len(names) > 1 and not active
    head, choice_place = st.columns(_HEAD_COLUMNS) if has_choice else (st.container(),) * 2
    with choice_place:
        name = race_choice.choose_race(trainer, names, active)
    with st.container():
        if active and name != active:
            race_choice.render_active_race()
        try:
            race = read_race(trainer.root, name)
        except RunError as error:
            with head:
                render_run_error(error, None)
            _render_form_button(None)
            _render_form(trainer)
        else:
            _render_result(trainer, race, snapshot, active, head)
    return name


def _render_result(
    trainer: Trainer,
    race: Race,
    snapshot: Snapshot,
    active: str,
    head: st.delta_generator.DeltaGenerator,
) -> None:
    """Render a race.

    Args:
        trainer: The trainer.
        race: The race.
        snapshot: The trainer's snapshot.
        active: Name of the race of which runs train or wait, this one or another; "" without any.
            Meanwhile nothing offers to train.
        head: The place of the verdict, beside the choice of a race.
    """
    is_active = race.name == active
    progress = compute_progress(race, list_waiting_indices(trainer, race), snapshot)
    runs = _open_runs(trainer, race)
    if is_active:
        st.session_state.pop(_SHOWS_FORM, None)
        run = None if progress.current_index is None else runs.get(progress.current_index)
        is_run_late = is_late(run, snapshot, datetime.now(UTC))
        progress_panel.render(trainer, race, progress, is_late=is_run_late)
    verdict = judge_race(race)
    swings = describe_swings(race, runs)
    if verdict is not None:
        with head:
            _render_verdict(race, verdict, swings, is_active=is_active)
    winner = None if verdict is None else verdict.winner
    if not is_active:
        if not active:
            _render_missing(trainer, race, progress, runs)
        may_train = not active and permissions.may_operate()
        with st.container(horizontal=True, key="race-next"):
            # The page has one primary button: that of the form, or else the best next step.
            has_primary = st.session_state.get(_SHOWS_FORM, False)
            if verdict is not None and may_train:
                is_offered = _offer_again(
                    trainer, race, verdict, swings, is_primary=not has_primary
                )
                has_primary = has_primary or is_offered
            run = None if winner is None else winner_buttons.find_winners_run(race, runs, winner)
            if winner is not None and may_train:
                shown = None if snapshot.is_active else run
                winner_buttons.render_new_run(race, winner, shown, is_primary=not has_primary)
            if winner is not None and run is not None:
                winner_buttons.render_open(race, winner, run)
            if winner is not None and swings and not (verdict and verdict.caution) and may_train:
                again.render_same(trainer, race, is_primary=False)
            if len(runs) > 1:
                _render_comparison(race, list(runs.values()))
            if not active:
                _render_form_button(race)
    if not active:
        _render_form(trainer)
    with st.container(key="race-result", gap="medium"):
        race_cards.render(race, runs, progress, winner, snapshot)
        race_chart.render(race, runs, progress, winner, snapshot)
    text = describe_measurement(race, was_busy=bool(swings))
    st.caption(escape_markdown(text), width=TEXT_WIDTH)


def _render_verdict(race: Race, verdict: RaceVerdict, swings: str, *, is_active: bool) -> None:
    """Render the verdict, and a warning if the race may have been unfair.

    Args:
        race: The race.
        verdict: Its verdict.
        swings: How other programs changed the speed of its runs; "" if they did not.
        is_active: Whether runs of it train or wait.
    """
    so_far = "So far: " if is_active else ""
    st.subheader(escape_markdown(so_far + verdict.headline), anchor=False)
    if caution := verdict.caution or swings:
        st.warning(escape_markdown(caution), icon=":material/warning:", width=TEXT_WIDTH)
    explanations = [
        explain_chance_in(verdict.reason, race.metric, race.num_seeds),
        explain_settings(list_settings_in(verdict.reason)),
    ]
    explanation = "\n\n".join(filter(None, explanations))
    st.markdown(escape_markdown(verdict.reason), width=TEXT_WIDTH, help=explanation or None)


def _offer_again(
    trainer: Trainer, race: Race, verdict: RaceVerdict, swings: str, *, is_primary: bool
) -> bool:
    """Render the button that races again if the race was unfair or not clear.

    Returns:
        Whether there is one, as the page's best next step.
    """
    if verdict.caution or (swings and verdict.winner is None):
        again.render_same(trainer, race, is_primary=is_primary)
        return True
    plan = again.plan_longer(race) if again.may_become_clear(race, verdict) else None
    if plan is not None:
        again.render_longer(trainer, race, plan, is_primary=is_primary)
    return plan is not None


def _render_form_button(race: Race | None) -> None:
    """Render the button that opens the form, with the settings of a race if there is one."""
    if (
        permissions.may_operate()
        and not st.session_state.get(_SHOWS_FORM, False)
        and st.button(
            "Another race",
            icon=":material/sports_score:",
            key="another-race",
        )
    ):
        st.session_state[_SHOWS_FORM] = True
        if race is not None:
            race_form.fill_form(race)
        request_focus(_SHOWS_FORM)
        st.rerun()  # The whole page, which moves the focus.


def _render_form(trainer: Trainer) -> None:
    """Render the form of another race once it was opened; folded, it is gone again."""
    if not permissions.may_operate() or not st.session_state.get(_SHOWS_FORM, False):
        return
    form = st.expander(
        "Another race",
        icon=":material/sports_score:",
        key=_SHOWS_FORM,
        width=_FORM_WIDTH,
        on_change="rerun",
    )
    with form:
        race_form.render(trainer)


def _open_runs(trainer: Trainer, race: Race) -> dict[int, Run]:
    """Return the runs that have a folder, by index."""
    runs = {}
    for index, race_run in enumerate(race.runs):
        if race_run.folder:
            try:
                runs[index] = open_run(trainer.root / race_run.folder)
            except RunError:  # Deleted or damaged; its measurement stays.
                continue
    return runs


def _render_missing(
    trainer: Trainer, race: Race, progress: RaceProgress, runs: Mapping[int, Run]
) -> None:
    """Render what is missing of a race that has ended, with a button that trains it."""
    missing = progress.list_indices("missing", "failed")
    if not missing:
        return
    was_interrupted = any(_was_interrupted(runs[index]) for index in missing if index in runs)
    text = describe_missing(progress, was_interrupted=was_interrupted)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/info: {text}", width="content")
        if permissions.may_operate():
            st.button(
                "Train the missing runs",
                icon=":material/play_arrow:",
                key="train-missing",
                on_click=_train_missing,
                args=(trainer, race, missing),
            )


def _was_interrupted(run: Run) -> bool:
    try:
        return run.read_status().state == "interrupted"
    except RunError:  # Deleted meanwhile.
        return False


@permissions.operators_only
def _train_missing(trainer: Trainer, race: Race, missing: list[int]) -> None:
    try:
        train_missing(trainer, race, missing)
    except RunError as error:
        show_refusal(error)


def _render_comparison(race: Race, runs: Sequence[Run]) -> None:
    """Render the button that shows the runs of a race in the first tab of Compare."""
    if st.button(
        "Compare in detail",
        icon=":material/compare_arrows:",
        key="compare-race",
        help="Shows these runs in the first tab: charts over time, settings, and pictures side "
        "by side.",
        on_click=request_comparison,
        args=(runs, race.name),
    ):
        st.rerun()  # The whole page, with the other tab.
