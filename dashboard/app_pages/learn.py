"""Learn: what a GAN is, guided experiments, both networks layer by layer, and the glossary."""

from __future__ import annotations

import streamlit as st

from dashboard.learn import (
    collapse_lesson,
    experiment_page,
    experiments,
    lesson_panel,
    lessons,
    notes,
    terms_panel,
)
from dashboard.learn.networks_panel import NetworksPanel
from dashboard.learn.run_choice import choose_settings
from dashboard.state.trainer import process_trainer

experiment = experiments.find(notes.read_address())
if experiment is not None:
    experiment_page.render(process_trainer(), experiment)
    st.stop()
lessons.render_introduction()
lesson_panel.render(process_trainer())
st.subheader("The two networks", anchor=False)
config = choose_settings(process_trainer())
# Filled last, as TensorFlow may still be loading.
networks = NetworksPanel()
lessons.render_training_step(config)
lessons.render_losses(config)
collapse_lesson.render()
terms_panel.render()
networks.fill(config)
