"""Learn: what a GAN is, guided experiments, both networks layer by layer, and the glossary."""

from __future__ import annotations

import streamlit as st

from dashboard.experiments import (
    catalog,
    experiment_page,
    lesson_runs,
    list_panel,
    student_work,
    walk_address,
)
from dashboard.learn import collapse_explanation, explanations, losses_panel, terms_panel
from dashboard.learn.networks_panel import NetworksPanel
from dashboard.learn.settings_choice import ask_for_settings
from dashboard.state.trainer import get_trainer

lesson_runs.restore_work(get_trainer())
walk_address.restore_answer()
experiment = catalog.find_experiment(student_work.get_opened_key())
if experiment is not None:
    experiment_page.render(get_trainer(), experiment)
    st.stop()
explanations.render_introduction(is_folded=student_work.count_answered() > 0)
list_panel.render(get_trainer())
st.subheader("In detail", anchor=False)
st.caption("Down to the formulas. The experiments are enough for a first visit.")
config = ask_for_settings(get_trainer())
parts = {
    name: st.expander(title, icon=":material/school:", key=f"learn-{name}")
    for name, title in explanations.PARTS.items()
}
with parts["networks"]:
    networks = NetworksPanel()  # Filled last, as TensorFlow may still be loading.
with parts["step"]:
    explanations.render_training_step(config)
with parts["losses"]:
    losses_panel.render(config)
with parts["collapse"]:
    collapse_explanation.render()
with parts["words"]:
    terms_panel.render()
networks.fill(config)
