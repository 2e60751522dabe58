"""Runs: all runs as cards, to open, continue, download, import or delete."""

from __future__ import annotations

import math

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.components.styling import apply_stylesheet
from dashboard.runs import card, deletion, import_panel, last_action, order
from dashboard.state.trainer import get_trainer
from dcgan.runs.library import list_deleted_runs
from dcgan.runs.run_folder import Run

# Keys of the session.
_PAGE_NUMBER = "runs_page"

_RUNS_PER_PAGE = 12


def ask_for_page(runs: list[Run]) -> list[Run]:
    """Render the choice of a page, if there are several; return the runs of the chosen one."""
    num_pages = math.ceil(len(runs) / _RUNS_PER_PAGE)
    if num_pages < 2:
        return runs
    if st.session_state.get(_PAGE_NUMBER, 1) > num_pages:  # The last run of a page was deleted.
        st.session_state[_PAGE_NUMBER] = num_pages
    with st.container(horizontal_alignment="center"):
        page = st.pagination(num_pages, key=_PAGE_NUMBER)
    return runs[(page - 1) * _RUNS_PER_PAGE : page * _RUNS_PER_PAGE]


apply_stylesheet("runs")
trainer = get_trainer()
runs, problems = permissions.list_runs(trainer.root)
may_operate = permissions.may_operate()

with st.container(horizontal=True, vertical_alignment="center", key="page-head"):
    st.title("Runs", anchor=False, width="content")
    last_action.render_notice()  # Beside the heading, so that nothing below moves.
    if may_operate:
        st.space("stretch")
        deletion.render_trash(trainer.root)
        import_panel.render(trainer)
last_action.render_problem()
trial = trainer.trial_runner.running
if trial is not None:
    title = escape_markdown(trial.run.read_title())
    st.caption(f":material/science: {trial.describe()} The remedies are for **{title}**.")

tuning = trainer.tuning_runner.running
if tuning is not None:
    st.caption(f":material/science: {tuning.describe()} Its runs are not listed here.")

if all(run.is_read_only for run in runs):
    with st.container(border=True, key="empty-library"):
        if not may_operate:
            st.markdown("**No runs yet.** Each run is saved here automatically.")
        elif num_deleted := len(list_deleted_runs(trainer.root)):
            st.markdown(f"**No runs left.** The trash has {num_deleted}.")
        else:
            st.markdown(
                "**No runs of your own yet.** Each run is saved here automatically: explore it, "
                "continue it, or take it to another computer."
            )
        if may_operate and st.button(
            "Train the first one", type="primary", icon=":material/model_training:", key="first"
        ):
            st.switch_page("app_pages/train.py")

ranking = order.rank_runs(runs, trainer.snapshot())
places = ranking.list_places()
runs = order.ask_for_order(runs, ranking)
cards = st.container()
runs_of_page = ask_for_page(runs)
with cards, st.grid(3, min_column_width=460):
    for run in runs_of_page:
        card.render(run, trainer, places.get(run.name, ""))

for problem in problems:
    st.caption(f":material/warning: {escape_markdown(problem)}")
