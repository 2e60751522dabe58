"""The race of the compared runs' settings: its result, or a button that fills its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from dashboard.access import permissions
from dashboard.charts.compared_runs import ComparedRun
from dashboard.components.plain_text import TEXT_WIDTH, escape_markdown
from dashboard.race import race_panel
from dashboard.race.variants import find_variants, select_different
from dashboard.shared import compare_address
from dashboard.shared.raced_runs import RacedRun, find_common_race, read_races
from dashboard.state.trainer import Trainer
from dcgan.config.config_text import is_hidden_path
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import MAX_VARIANTS, MIN_VARIANTS
from dcgan.sweeps.race_verdict import judge_race


def render(
    trainer: Trainer, compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]
) -> None:
    """Render the result of an earlier race of the settings, or else the button that offers one.

    In place of the button there is a sentence if there are too many runs or another race trains.
    There is nothing if the runs are those of one race, if only their seeds or lengths differ, or if
    they learn from different pictures, which no race compares.

    Args:
        trainer: The trainer.
        compared: The runs, the best one first.
        raced: The runs of races by name.
    """
    runs = [
        compared[index].run for index in select_different([each.run.config for each in compared])
    ]
    if len(runs) < MIN_VARIANTS or not _may_race(compared, raced):
        return
    if found := _find_race(trainer.root, runs):
        _render_race(trainer, *found, runs)
    elif not permissions.may_operate():
        return
    elif len(runs) > MAX_VARIANTS:
        text = f"To race these settings for equal time, choose up to {MAX_VARIANTS} runs above."
        st.caption(text, width=TEXT_WIDTH)
    elif race_panel.is_racing(trainer):
        text = "These settings can race for equal time when the race that is on has ended."
        st.caption(text, width=TEXT_WIDTH)
    else:
        with st.container(horizontal=True, vertical_alignment="center", key="compare-race-offer"):
            _render_button("Race these settings", runs)
            text = "Trains them for equal time and says whether it is chance."
            st.caption(text, width="content")


def _find_race(root: Path, runs: Sequence[Run]) -> tuple[str, str] | None:
    """Return the name of the newest race that has compared the settings of runs, and its headline.

    Other variants of the race do not count. Until all runs of these were measured, there is none.
    """
    for race in read_races(root):
        if indices := find_variants(race, [run.config for run in runs]):
            selected = race.select_variants(indices)
            verdict = judge_race(selected)
            if verdict is not None and all(run.measurement is not None for run in selected.runs):
                return race.name, verdict.headline
    return None


def _render_race(trainer: Trainer, race_name: str, headline: str, runs: Sequence[Run]) -> None:
    with st.container(gap="xsmall", key="compare-raced"):
        text = escape_markdown(f"You raced these settings. {headline}")
        st.markdown(f":material/sports_score: {text}", width=TEXT_WIDTH)
        with st.container(horizontal=True):
            if st.button(
                "Show the race",
                key="show-race",
                on_click=compare_address.open_race,
                args=(race_name,),
            ):
                st.rerun()  # The whole page, with the other tab.
            if permissions.may_operate() and not race_panel.is_racing(trainer):
                _render_button("Race again", runs)


def _may_race(compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]) -> bool:
    """Return whether a race can train the settings of runs, and has not done so."""
    runs = [each.run for each in compared]
    have_raced = find_common_race([raced.get(run.name) for run in runs]) is not None
    have_other_pictures = len({run.dataset.fingerprint for run in runs}) > 1
    start_from_others = len({run.config.start_from for run in runs}) > 1
    are_hidden = any(is_hidden_path(run.config.dataset) for run in runs)
    return not (have_raced or have_other_pictures or start_from_others or are_hidden)


def _render_button(label: str, runs: Sequence[Run]) -> None:
    if st.button(
        label,
        icon=":material/sports_score:",
        key="race-these",
        help="Opens the form of a race with the settings of these runs. Nothing trains until you "
        "start the race.",
        on_click=_open_form,
        args=(runs,),
    ):
        st.rerun()  # The whole page, with the other tab.


@permissions.operators_only
def _open_form(runs: Sequence[Run]) -> None:
    race_panel.open_form(runs)
