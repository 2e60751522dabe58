"""Compare: the better of several runs, their charts, what differs, their digits, and races."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.compare import overlay_panel, pair_panel, result_panel
from dashboard.compare.folds import fold
from dashboard.compare.run_choice import ask_for_runs
from dashboard.compare_results.raced import choose_sides
from dashboard.components.styling import apply_stylesheet
from dashboard.race import race_panel
from dashboard.run_facts.raced_runs import map_raced_runs
from dashboard.state.trainer import Trainer, get_trainer
from dashboard.tab import compare_address
from dashboard.tab.compare_request import (
    RACE_TAB,
    RUNS_TAB,
    TABS,
    find_race_of,
    is_comparison_requested,
)


def render_runs(trainer: Trainer) -> None:
    """Render the choice of runs and their comparison."""
    raced = map_raced_runs(trainer.root)
    chosen, colors, labels = ask_for_runs(trainer, raced)
    if not chosen:
        compare_address.write(shows_race=False)
        st.info("Choose two or more runs above to compare them.")
        return
    if race_name := find_race_of(chosen):
        st.button(
            "Back to the race",
            icon=":material/arrow_back:",
            type="tertiary",
            key="back-to-race",
            on_click=compare_address.open_race,
            args=(race_name,),
        )
    result_panel.render(trainer, chosen, colors, labels)
    with_pictures = {run.name: run for run in chosen if run.samples.list_steps()}
    if with_pictures:
        sides = choose_sides(raced, [*with_pictures])
        names_pair = compare_address.names_sides() or compare_address.links(compare_address.STEP)
        with fold("Pictures side by side", "photo_library", "compare-pair", is_open=names_pair):
            pair_panel.render(trainer, with_pictures, labels, sides, colors)
    overlay_panel.render(trainer, chosen, colors, labels)


apply_stylesheet("compare")
trainer = get_trainer()
with st.container(key="page-head"):
    st.title("Compare runs", anchor=False)
compare_address.restore(trainer)
if permissions.may_operate() or race_panel.has_races(trainer):
    if TABS not in st.session_state:  # Only when the page opens: a race may start at any time.
        shows_race = race_panel.is_racing(trainer) and not is_comparison_requested()
        st.session_state[TABS] = RACE_TAB if shows_race else RUNS_TAB
    runs_tab, race_tab = st.tabs([RUNS_TAB, RACE_TAB], key=TABS, on_change="rerun")
    if runs_tab.open:
        with runs_tab:
            render_runs(trainer)
    if race_tab.open:
        with race_tab:
            race_panel.render(trainer)
else:
    render_runs(trainer)
