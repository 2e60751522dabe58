"""The buttons that lead from a race to its winner: a new run with its settings, and its own run."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.forms import settings_form
from dashboard.tab import shown_run
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import Race
from dcgan.wording import quote_title

_MAX_BUTTON_LABEL = 40  # Characters of a variant that fit into a button on a phone.


def find_winners_run(race: Race, runs: Mapping[int, Run], winner: int) -> Run | None:
    """Return the winner's run with the smallest distance; None if all of them were deleted.

    Args:
        race: The race.
        runs: The runs that have a folder, by index.
        winner: Index of the variant that won.
    """
    distances = {
        index: measurement.metrics[race.metric]
        for index, race_run in enumerate(race.runs)
        if race_run.variant_index == winner
        and index in runs
        and (measurement := race_run.measurement) is not None
    }
    return runs[min(distances, key=distances.__getitem__)] if distances else None


def render_new_run(race: Race, winner: int, run: Run | None, *, is_primary: bool) -> None:
    """Render the button that fills the form of a new run with the winner's settings.

    Args:
        race: The race.
        winner: Index of the variant that won.
        run: Its run, which the Train page then shows; None to leave what that page shows.
        is_primary: Whether this is the page's primary button.
    """
    label = race.variant_labels[winner]
    if st.button(
        f"Train with {_name_winner(label)}",
        type="primary" if is_primary else "tertiary",
        icon=":material/restart_alt:",
        key="train-winner",
        help="Fills the form of the Train page; nothing starts yet.",
    ):
        config = next(run.config for run in race.runs if run.variant_index == winner)
        usual = TrainingConfig()
        settings_form.fill_form(
            config.replace(epochs=usual.epochs, max_seconds=usual.max_seconds),
            f"{label}, of the race",
        )
        if run is not None:
            shown_run.request_run(run.name)
        st.switch_page("app_pages/train.py")


def render_open(race: Race, winner: int, run: Run) -> None:
    """Render the button that opens the winner's run on the Train page."""
    if st.button(
        f"Open {_name_winner(race.variant_labels[winner])}",
        type="tertiary",
        icon=":material/monitoring:",
        key="open-winner",
        help="Its losses, verdict and film on the Train page.",
    ):
        shown_run.request_run(run.name)
        request_focus("status")
        st.switch_page("app_pages/train.py")


def _name_winner(label: str) -> str:
    name = quote_title(label) if len(label) <= _MAX_BUTTON_LABEL else "the nearest settings"
    return escape_markdown(name)
