"""The choice of the run whose settings the Learn page explains."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.forms import settings_form
from dashboard.run_facts.labels import label_runs, shorten_labels
from dashboard.state.trainer import Trainer
from dcgan.config.named_datasets import NAMED_SETS, select_class_names
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DCGANError

_FORM = "form"  # The option for the settings of the form.
# Keys of the session.
_LEARN_CHOICE = "learn_choice"


def ask_for_settings(trainer: Trainer) -> TrainingConfig:
    """Render the choice of a run; return its settings. Unreadable runs are left out."""
    form_config = _predict_classes(settings_form.get_config())
    labels = {_FORM: "The settings of the Train page"}
    configs = {_FORM: form_config}
    snapshot = permissions.hide_others_ended_run(trainer.snapshot())
    default_key = _FORM
    trial = trainer.trial_runner.running
    if trial is not None:  # A trial's own run is temporary, so the tested run is listed instead.
        default_key = str(trial.run.path)
        configs[default_key] = trial.run.config
        labels[default_key] = f"{trial.run.read_label().title} (its remedies are being tested)"
    elif snapshot.run is not None and snapshot.config is not None:
        default_key = str(snapshot.run.path)
        configs[default_key] = snapshot.config
        state = "training now" if snapshot.is_active else "trained last"
        if snapshot.is_paused:
            state = "paused"
        labels[default_key] = f"{snapshot.run.read_label().title} ({state})"
    try:
        runs, _ = permissions.list_runs(trainer.root)
    except (DCGANError, OSError):
        runs = []
        st.caption("The saved runs could not be read.")
    titles = label_runs(runs)
    for run in runs:
        key = str(run.path)
        if key not in configs:
            configs[key] = run.config
            labels[key] = titles[run.name]
    chosen = st.session_state.get(_LEARN_CHOICE)
    # Set it each time: the browser keeps the old label of a run that was renamed, and sends it.
    st.session_state[_LEARN_CHOICE] = chosen if chosen in configs else default_key
    chosen = st.selectbox(
        "Show networks of",
        list(configs),
        format_func=shorten_labels(labels).__getitem__,
        key=_LEARN_CHOICE,
        width=420,
        help="A saved run, the one that trains or is paused, or what the form on the Train page "
        "would start.",
    )
    return configs[chosen]


def _predict_classes(config: TrainingConfig) -> TrainingConfig:
    """Add the classes that a run of a named set would learn; own pictures are not read for it."""
    if config.dataset not in NAMED_SETS:
        return config
    return config.with_learned_classes(select_class_names(config.dataset, config.only_classes))
