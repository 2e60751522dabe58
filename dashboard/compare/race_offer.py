"""The race of the compared runs' settings: an earlier one, or a button that fills its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from dashboard.access import permissions
from dashboard.charts.compared_runs import ComparedRun
from dashboard.race import race_panel
from dashboard.race.variants import find_variants, select_different
from dashboard.run_facts.raced_runs import RacedRun, find_common_race, read_races
from dashboard.state.trainer import Trainer
from dashboard.tab import compare_address
from dcgan.config.config_text import is_hidden_path
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import MAX_VARIANTS, MIN_VARIANTS
from dcgan.sweeps.race_verdict import judge_race


@dataclass(frozen=True)
class RaceOffer:
    """The race of the settings of some runs.

    Attributes:
        runs: A run of each setting; empty if no race compares them.
        race_name, headline: Name and verdict of the newest race that has trained these settings;
            "" without one.
        obstacle: A sentence on why no race can start now; "" if one can.
    """

    runs: tuple[Run, ...] = ()
    race_name: str = ""
    headline: str = ""
    obstacle: str = ""

    @property
    def may_start(self) -> bool:
        """Whether the form of a race can be opened with these settings."""
        return bool(self.runs) and not self.obstacle


def find_offer(
    trainer: Trainer, compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]
) -> RaceOffer:
    """Find the race of the settings of runs: an earlier one, or one that can start.

    There is none if the runs are those of one race, if only their seeds or lengths differ, or if
    they learn from different pictures, which no race compares.

    Args:
        trainer: The trainer.
        compared: The runs, the best one first.
        raced: The runs of races by name.
    """
    runs = tuple(
        compared[index].run for index in select_different([each.run.config for each in compared])
    )
    if len(runs) < MIN_VARIANTS or not _may_race(compared, raced):
        return RaceOffer()
    obstacle = ""
    if len(runs) > MAX_VARIANTS:
        obstacle = f"To race these settings for equal time, choose up to {MAX_VARIANTS} runs above."
    elif race_panel.is_racing(trainer):
        obstacle = "These settings can race for equal time when the current race has ended."
    race_name, headline = _find_race(trainer.root, runs) or ("", "")
    return RaceOffer(runs, race_name, headline, obstacle)


def render_quietly(offer: RaceOffer, *, is_shown: bool) -> None:
    """Render the buttons of a race that are not the next step.

    Args:
        offer: The race.
        is_shown: Whether the next step is a button of this race already.
    """
    if offer.race_name:
        if not is_shown:
            render_show_button(offer, is_primary=False)
        if permissions.may_operate() and offer.may_start:
            _render_button("Race again", offer.runs, is_primary=False)
    elif permissions.may_operate() and offer.may_start and not is_shown:
        render_start_button(offer, is_primary=False)


def render_show_button(offer: RaceOffer, *, is_primary: bool) -> None:
    """Render the button that shows the earlier race of the settings."""
    if st.button(
        "Show the race",
        type=_choose_type(is_primary=is_primary),
        key="show-race",
        on_click=compare_address.open_race,
        args=(offer.race_name,),
    ):
        st.rerun()  # The whole page, with the other tab.


def render_start_button(offer: RaceOffer, *, is_primary: bool) -> None:
    """Render the button that fills the form of a race with the settings."""
    _render_button("Race these settings", offer.runs, is_primary=is_primary)


def _choose_type(*, is_primary: bool) -> Literal["primary", "tertiary"]:
    return "primary" if is_primary else "tertiary"


def _find_race(root: Path, runs: Sequence[Run]) -> tuple[str, str] | None:
    """Return the name of the newest race that has compared the settings of runs, and its headline.

    Other variants of the race do not count. Until all runs of these were measured, there is none.
    """
    for race in read_races(root):
        if indices := find_variants(race, [run.config for run in runs]):
            selected = race.select_variants(indices)
            verdict = judge_race(selected)
            if verdict is not None and all(run.measurement is not None for run in selected.runs):
                doubt = (
                    " The computer was busy."
                    if verdict.caution and verdict.winner is not None
                    else ""
                )
                return race.name, f"{verdict.headline}{doubt}"
    return None


def _may_race(compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]) -> bool:
    """Return whether a race can train the settings of runs, and has not done so."""
    runs = [each.run for each in compared]
    have_raced = find_common_race([raced.get(run.name) for run in runs]) is not None
    have_other_pictures = len({run.dataset.fingerprint for run in runs}) > 1
    start_from_others = len({run.config.start_from for run in runs}) > 1
    are_hidden = any(is_hidden_path(run.config.dataset) for run in runs)
    return not (have_raced or have_other_pictures or start_from_others or are_hidden)


def _render_button(label: str, runs: Sequence[Run], *, is_primary: bool) -> None:
    if st.button(
        label,
        icon=":material/sports_score:",
        type=_choose_type(is_primary=is_primary),
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
