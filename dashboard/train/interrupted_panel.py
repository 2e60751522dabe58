"""What a restart finds: a run that was cut short, and one button that goes on with it."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dashboard.shared import branch_dialog, status_badge
from dashboard.shared.run_summary import RunSummary, read_summary
from dashboard.state.storage_limits import LimitError
from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run


def render(trainer: Trainer) -> None:
    """Draw the newest interrupted run, if there is one that can go on."""
    entry = _newest_interrupted(trainer)
    if entry is None:
        return
    step = max(entry.run.checkpoints.list_steps())
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="interrupted"):
        status_badge.render(entry.state)
        st.text(entry.title, width="content")
        st.caption(f"The program ended while it trained. All up to step {step:,} is saved.")
        st.space("stretch")
        st.button(
            "Continue this run",
            icon=":material/play_arrow:",
            key="continue-interrupted",
            on_click=_continue,
            args=(trainer, entry.run),
        )


@access.operators_only
def _continue(trainer: Trainer, run: Run) -> None:
    try:
        if not trainer.resume_run(run):
            st.toast(branch_dialog.BUSY, icon=":material/info:")
    except LimitError as error:
        st.toast(escape_markdown(str(error)), icon=":material/error:", duration="long")


def _newest_interrupted(trainer: Trainer) -> RunSummary | None:
    now = trainer.snapshot()
    found = []
    for run in list_runs(trainer.root)[0]:
        try:
            status = run.read_status()
            if status.state == "interrupted" and run.checkpoints.list_steps():
                entry = read_summary(run, now)
                if not entry.is_done:  # A death after the last step leaves nothing to go on with.
                    found.append((status.updated, entry))
        except RunError:  # Deleted or damaged since it was listed: the shelf says so.
            continue
    return max(found, key=lambda pair: pair[0])[1] if found else None
