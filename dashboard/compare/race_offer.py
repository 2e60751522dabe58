"""The button that fills the form of a race with the settings of the compared runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.access import permissions
from dashboard.charts.compared_runs import ComparedRun
from dashboard.components.plain_text import TEXT_WIDTH
from dashboard.race import race_panel
from dashboard.race.variants import select_different
from dashboard.shared.raced_runs import RacedRun, find_common_race
from dashboard.state.trainer import Trainer
from dcgan.config.config_text import is_hidden_path
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import MAX_VARIANTS, MIN_VARIANTS


def render(
    trainer: Trainer, compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]
) -> None:
    """Render the button, or a sentence if there are too many runs or another race trains.

    There is nothing if the runs have raced already, if only their seeds or lengths differ, or if
    they learn from different pictures, which no race compares.

    Args:
        trainer: The trainer.
        compared: The runs, the best one first.
        raced: The runs of races by name.
    """
    if not permissions.may_operate() or not _may_race(compared, raced):
        return
    runs = [
        compared[index].run for index in select_different([each.run.config for each in compared])
    ]
    if len(runs) < MIN_VARIANTS:
        return
    if len(runs) > MAX_VARIANTS:
        text = f"To race these settings for equal time, choose up to {MAX_VARIANTS} runs above."
        st.caption(text, width=TEXT_WIDTH)
    elif race_panel.is_racing(trainer):
        text = "These settings can race for equal time when the race that is on has ended."
        st.caption(text, width=TEXT_WIDTH)
    else:
        _render_button(runs)


def _may_race(compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]) -> bool:
    """Return whether a race can train the settings of runs, and has not done so."""
    runs = [each.run for each in compared]
    have_raced = find_common_race([raced.get(run.name) for run in runs]) is not None
    have_other_pictures = len({run.dataset.fingerprint for run in runs}) > 1
    start_from_others = len({run.config.start_from for run in runs}) > 1
    are_hidden = any(is_hidden_path(run.config.dataset) for run in runs)
    return not (have_raced or have_other_pictures or start_from_others or are_hidden)


def _render_button(runs: Sequence[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="compare-race-offer"):
        if st.button(
            "Race these settings",
            icon=":material/sports_score:",
            key="race-these",
            help="Opens the form of a race with the settings of these runs. Nothing trains until "
            "you start the race.",
            on_click=_open_form,
            args=(runs,),
        ):
            st.rerun()  # The whole page, with the other tab.
        st.caption("Trains them for equal time and says whether it is chance.", width="content")


@permissions.operators_only
def _open_form(runs: Sequence[Run]) -> None:
    race_panel.open_form(runs)
