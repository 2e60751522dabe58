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
from dashboard.race.problems import find_shared_problem
from dashboard.race.progress import (
    RaceProgress,
    compute_progress,
    describe_missing,
    is_late,
    list_interrupted,
)
from dashboard.race.speed_swings import describe_swings
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.race_commands import list_waiting_indices, train_missing
from dashboard.state.trainer import Trainer
from dashboard.tab import compare_address
from dashboard.tab.compare_request import RACE_TAB, TABS, request_comparison
from dashboard.tab.following import follow
from dashboard.wording.glossary import explain_settings
from dashboard.wording.messages import render_run_error, show_refusal
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run, open_run
from dcgan.sweeps.race import Race, list_races, read_race
from dcgan.sweeps.race_results import list_variant_results
from dcgan.sweeps.race_verdict import RaceVerdict, judge_race
from dcgan.wording import name_middle

_HEAD_COLUMNS = (3, 1.3)  # Widths of the verdict and of the choice of a race.

# Keys of the session.
_SHOWS_FORM = "race_shows_form"  # Whether the form of another race is in the place of the result.


@st.fragment
def render(trainer: Trainer) -> None:
    """Render the newest race, or an earlier one that is chosen, and the form of another."""
    names = list_races(trainer.root)
    with st.container(key="race"):
        shown_race = ""
        if race_choice.follow_link(names) or race_choice.find_active(trainer, names):
            st.session_state.pop(_SHOWS_FORM, None)
        if names and not _is_form_open():
            shown_race = _render_race(trainer, names)
        elif permissions.may_operate():
            _render_form(trainer, has_result=bool(names))
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
        run = None if progress.current_index is None else runs.get(progress.current_index)
        is_run_late = is_late(run, snapshot, datetime.now(UTC))
        interrupted = list_interrupted(progress, runs)
        progress_panel.render(trainer, race, progress, interrupted, is_late=is_run_late)
    swings = describe_swings(race, runs)
    verdict = judge_race(race, is_doubtful=bool(swings))
    if verdict is not None:
        with head:
            _render_verdict(race, verdict, swings, is_active=is_active)
    winner = None if verdict is None else verdict.winner
    if not is_active:
        if not active:
            with head if verdict is None else st.container():
                _render_missing(trainer, race, progress, runs, is_primary=verdict is None)
        may_train = not active and permissions.may_operate()
        with st.container(horizontal=True, key="race-next"):
            # One primary button, the best next step; all others are quiet.
            has_primary = False
            if verdict is not None and may_train:
                has_primary = _offer_again(trainer, race, verdict, swings)
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
    if len(progress.list_indices("failed")) == len(race.runs) and not runs:
        return  # Cards would be empty.
    with st.container(key="race-result", gap="medium"):
        race_cards.render(race, runs, progress, winner, snapshot)
        race_chart.render(race, runs, progress, winner, snapshot)
    text = describe_measurement(race, was_busy=bool(swings))
    st.caption(escape_markdown(text), width=TEXT_WIDTH)


def _render_verdict(race: Race, verdict: RaceVerdict, swings: str, *, is_active: bool) -> None:
    """Render the headline, and below it the evidence and why the race may have been unfair.

    Args:
        race: The race.
        verdict: Its verdict.
        swings: How other programs changed the speed of its runs; "" if they did not.
        is_active: Whether runs of it train or wait.
    """
    headline = verdict.headline
    if is_active:
        headline = f"So far: {headline[0].lower()}{headline[1:]}"
    st.subheader(escape_markdown(headline), anchor=False)
    explanations = [
        explain_chance_in(verdict.reason, race.metric, race.num_seeds),
        explain_settings(list_settings_in(verdict.reason)),
    ]
    explanation = "\n\n".join(filter(None, explanations))
    text = verdict.reason
    num_compared = len(list_variant_results(race)[0].distances)
    if num_compared > 1:
        middle = name_middle(num_compared)
        text += f" The headline has the {middle} of each setting's {num_compared} runs."
    elif sum(run.measurement is not None for run in race.runs) > len(race.variant_labels):
        text += " The headline has the one seed with which all settings were measured."
    with st.container(gap="xsmall"):
        st.markdown(escape_markdown(text), width=TEXT_WIDTH, help=explanation or None)
        if caution := verdict.caution or swings:
            icon = ":orange[:material/warning:]"
            st.markdown(f"{icon} {escape_markdown(caution)}", width=TEXT_WIDTH)


def _offer_again(trainer: Trainer, race: Race, verdict: RaceVerdict, swings: str) -> bool:
    """Render the primary button that races again if the race was unfair or not clear.

    Returns:
        Whether there is one.
    """
    if verdict.caution or (swings and verdict.winner is None):
        again.render_same(trainer, race, is_primary=True)
        return True
    plan = again.plan_longer(race) if again.may_become_clear(race, verdict) else None
    if plan is not None:
        again.render_longer(trainer, race, plan)
    return plan is not None


def _render_form_button(race: Race | None) -> None:
    """Render the button that opens the form, with the settings of a race if there is one."""
    if permissions.may_operate() and st.button(
        "Another race", type="tertiary", icon=":material/sports_score:", key="another-race"
    ):
        st.session_state[_SHOWS_FORM] = True
        if race is not None:
            race_form.fill_form(race)
        request_focus("race")
        st.rerun()  # The whole page, which moves the focus.


def _is_form_open() -> bool:
    return permissions.may_operate() and bool(st.session_state.get(_SHOWS_FORM, False))


def _render_form(trainer: Trainer, *, has_result: bool) -> None:
    """Render the form in the place of a result, with a button that leads back to the result."""
    if has_result:
        st.button(
            "Back to the result",
            icon=":material/arrow_back:",
            type="tertiary",
            key="close-race-form",
            on_click=_close_form,
        )
    else:
        st.markdown(
            "Trains two to four settings for the same time, one run after the other, and compares "
            "how near their pictures are to real ones.",
            width=TEXT_WIDTH,
        )
    race_form.render(trainer)


def _close_form() -> None:
    st.session_state.pop(_SHOWS_FORM, None)  # A second click finds none.
    request_focus("race")


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
    trainer: Trainer,
    race: Race,
    progress: RaceProgress,
    runs: Mapping[int, Run],
    *,
    is_primary: bool,
) -> None:
    """Render what is missing of a race that has ended, with a button that trains it."""
    missing = progress.list_indices("missing", "failed")
    if not missing:
        return
    was_interrupted = bool(list_interrupted(progress, runs))
    text = describe_missing(progress, was_interrupted=was_interrupted)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/info: {text}", width="content")
        if permissions.may_operate():
            st.button(
                "Train the missing runs",
                type="primary" if is_primary else "secondary",
                icon=":material/play_arrow:",
                key="train-missing",
                on_click=_train_missing,
                args=(trainer, race, missing),
            )
    if problem := find_shared_problem(race, progress):
        st.markdown(escape_markdown(problem), width=TEXT_WIDTH)


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
        type="tertiary",
        icon=":material/compare_arrows:",
        key="compare-race",
        help="Shows these runs in the first tab: charts over time, settings, and pictures side "
        "by side.",
        on_click=request_comparison,
        args=(runs, race.name),
    ):
        st.rerun()  # The whole page, with the other tab.
