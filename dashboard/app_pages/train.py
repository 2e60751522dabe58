"""Train: start a run, watch it learn, download its pictures.

A run that another process trains can be watched here, but not paused or stopped.
"""

from __future__ import annotations

import streamlit as st

from dashboard.remedies import remedies_panel
from dashboard.shared import shown_run
from dashboard.state.trainer import get_trainer
from dashboard.train import folded_panel, new_run_panel, sample_panel, watched_run_panel
from dashboard.train.page_start import PageStart
from dashboard.welcome import quiz_panel, welcome_panel

trainer = get_trainer()
# What comes and goes above the run has a place of its own, so that the run keeps its position:
# Streamlit would otherwise replace it, and with it the charts and the poll that follows it.
above_run = st.container(key="above-run")
with above_run:
    at_start = PageStart.read(trainer, shown_run.ask_for_run(trainer))
snapshot = at_start.snapshot
watched_run_panel.toast_end(trainer)

run_page = st.container(key="run-page")
welcome_place = above_run.empty()  # Cleared at once, not when the whole page of a run is there.
with run_page:
    form_place = st.container(key="run-form")
if snapshot.phase == "idle":
    with welcome_place.container():
        new_run_panel.render_with_welcome(trainer, at_start)
        if at_start.may_operate:
            remedies_panel.render_interrupted(trainer)
else:
    welcome_place.empty()
    if not snapshot.is_active or at_start.demo is not None:
        # A run in training has a fourth number where the form is otherwise.
        with above_run if snapshot.is_active else form_place:
            new_run_panel.render_above_run(trainer, at_start)

has_pictures = snapshot.run is not None and snapshot.sample is not None and snapshot.run.exists()
with run_page:
    watched_run_panel.watch(trainer, at_start)
    if snapshot.run is not None and has_pictures and not at_start.has_trials:
        with st.container(key="run-play", horizontal=True, gap="xsmall"):
            quiz_panel.render(trainer, snapshot.run)
            sample_panel.render_film(snapshot.run)
        with st.container(key="run-downloads", horizontal=True, gap="xsmall"):
            sample_panel.render_downloads(snapshot.run)
if snapshot.phase == "idle":
    welcome_panel.render_data(trainer)
else:
    with run_page, st.container(key="run-extras"):
        folded_panel.render(trainer, at_start)
