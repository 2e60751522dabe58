"""Compare: several runs in one chart, what differs between them, and their digits side by side."""

from __future__ import annotations

import streamlit as st

from dashboard.compare import overlay_panel, pair_panel
from dashboard.shared import run_labels
from dashboard.state.trainer import process_trainer
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run

_NUM_DEFAULT = 3  # The newest runs are chosen at first.


def choose_runs(runs: dict[str, Run]) -> list[Run]:
    """Render the choice of runs; return the chosen ones."""
    default = list(runs)[:_NUM_DEFAULT]
    kept = [name for name in st.session_state.get("compare_runs", default) if name in runs]
    st.session_state["compare_runs"] = kept
    names = st.multiselect(
        "Runs",
        list(runs),
        key="compare_runs",
        persist_state="session",
        format_func=run_labels.label_runs(runs.values()).__getitem__,
    )
    return [runs[name] for name in names]


trainer = process_trainer()
st.title("Compare runs", anchor=False)
chosen = choose_runs({run.name: run for run in list_runs(trainer.root)[0]})
if not chosen:
    st.info("Choose at least one run.")
    st.stop()
overlay_panel.render(trainer, chosen)
st.subheader("Side by side", anchor=False)
with_pictures = {run.name: run for run in chosen if run.samples.list_steps()}
if with_pictures:
    pair_panel.render(with_pictures)
else:
    st.caption("None of these runs has pictures yet.")
