"""Train: start a run, watch it learn, download its pictures.

A run that another process trains can be watched here, but not paused or stopped.
"""

from __future__ import annotations

import streamlit as st

from dashboard.components.styling import apply_stylesheet
from dashboard.remedies import remedies_panel
from dashboard.state.trainer import get_trainer
from dashboard.tab import shown_run
from dashboard.train import folded_panel, new_run_panel, sample_panel, watched_run_panel
from dashboard.train.page_state import PageState
from dashboard.tuning import tuning_panel
from dashboard.welcome import quiz_panel, welcome_panel
from dcgan.runs.library import can_write_numbers

apply_stylesheet("train_phone")
trainer = get_trainer()
# Elements above the run come and go, so they are in a container. Otherwise the run's position would
# change, and Streamlit would build its charts and its poll anew.
above_run = st.container(key="above-run")
with above_run:
    page_state = PageState.read(trainer, shown_run.ask_for_run(trainer))
snapshot = page_state.snapshot
watched_run_panel.toast_end(trainer)

run_page = st.container(key="run-page")
welcome_place = above_run.empty()  # Can be cleared before the page of a run is rendered.
with run_page:
    form_place = st.container(key="run-form")
if snapshot.phase == "idle":
    with welcome_place.container():
        new_run_panel.render_with_welcome(trainer, page_state)
        if page_state.may_operate:
            remedies_panel.render_interrupted(trainer)
            tuning_panel.render_newest(trainer)
else:
    welcome_place.empty()
    if not snapshot.is_active or page_state.demo is not None:
        # A run in training shows one more number in the form's usual place: the form is above it.
        with above_run if snapshot.is_active else form_place:
            new_run_panel.render_above_run(trainer, page_state)
            if not snapshot.is_active:
                tuning_panel.render_newest(trainer)

has_pictures = snapshot.run is not None and snapshot.sample is not None and snapshot.run.exists()
with run_page:
    watched_run_panel.watch(trainer, page_state)
    if snapshot.run is not None and has_pictures and not page_state.has_trials:
        with st.container(key="run-play", horizontal=True, gap="xsmall"):
            if can_write_numbers(snapshot.run):
                welcome_panel.render_write(snapshot.run)
            quiz_panel.render(trainer, snapshot.run)
            sample_panel.render_film(snapshot.run)
        with st.container(key="run-downloads", horizontal=True, gap="xsmall"):
            sample_panel.render_downloads(snapshot.run)
if snapshot.phase == "idle":
    welcome_panel.render_data(trainer)
else:
    with run_page, st.container(key="run-extras"):
        folded_panel.render(trainer, page_state)
