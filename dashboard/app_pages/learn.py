"""Learn: what a GAN is, the two networks layer by layer, a training step, and the glossary."""

from __future__ import annotations

import streamlit as st

from dashboard.learn import lessons, terms_panel
from dashboard.learn.networks_panel import NetworksPanel
from dashboard.learn.run_choice import choose_settings
from dashboard.state.trainer import process_trainer

lessons.render_introduction()
st.subheader("The two networks", anchor=False)
config = choose_settings(process_trainer())
# Filled last, as TensorFlow may still be loading.
networks = NetworksPanel()
lessons.render_training_step(config)
lessons.render_losses(config)
terms_panel.render()
networks.fill(config)
