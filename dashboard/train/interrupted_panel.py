"""The newest interrupted run, offered on the Train page after a restart."""

from __future__ import annotations

import streamlit as st

from dashboard.shared import status_badge
from dashboard.shared.continue_run import continue_or_toast
from dashboard.shared.run_summary import RunSummary, read_summary
from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.runs.library import list_runs


def render(trainer: Trainer) -> None:
    """Render the newest interrupted run that can be continued, if there is one."""
    summary = _find_interrupted(trainer)
    if summary is None:
        return
    step = max(summary.run.checkpoints.list_steps())
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="interrupted"):
        status_badge.render(summary.status)
        st.text(summary.title, width="content")
        st.caption(f"The program ended while it trained. It is saved up to step {step:,}.")
        st.space("stretch")
        st.button(
            "Continue this run",
            icon=":material/play_arrow:",
            key="continue-interrupted",
            on_click=continue_or_toast,
            args=(trainer, summary.run),
        )


def _find_interrupted(trainer: Trainer) -> RunSummary | None:
    snapshot = trainer.snapshot()
    found = []
    for run in list_runs(trainer.root)[0]:
        try:
            status = run.read_status()
            if status.state == "interrupted" and run.checkpoints.list_steps():
                summary = read_summary(run, snapshot)
                if not summary.is_done:  # Interrupted after the last step, nothing is left to do.
                    found.append((status.updated, summary))
        except RunError:  # Deleted or damaged since it was listed; the Runs page shows the error.
            continue
    return max(found, key=lambda pair: pair[0])[1] if found else None
