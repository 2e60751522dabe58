"""The newest interrupted run, or else the last one, offered on the Train page after a restart."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.shared import shown_run, status_badge
from dashboard.shared.continue_run import continue_or_toast
from dashboard.shared.run_summary import RunSummary, read_summary
from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.runs.library import list_runs
from dcgan.runs.manifest import State
from dcgan.runs.run_folder import Run


def render(trainer: Trainer, line: st.delta_generator.DeltaGenerator) -> None:
    """Render the newest interrupted run that can be continued, or a line with the last ended one.

    Args:
        trainer: The trainer of this process.
        line: The place of the line.
    """
    summary = _find_interrupted(trainer)
    if summary is not None:
        _render_interrupted(trainer, summary)
    elif (last := max(_list_by_time(trainer, "finished", "stopped"), default=None)) is not None:
        with line:
            _render_last(trainer, last[-1])


def _render_interrupted(trainer: Trainer, summary: RunSummary) -> None:
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


def _render_last(trainer: Trainer, run: Run) -> None:
    try:
        summary = read_summary(run, trainer.snapshot())
    except RunError:  # Deleted since it was listed.
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="last-run"):
        kind = "Included run" if run.is_read_only else "Last run"
        st.caption(f"{kind}: {escape_markdown(summary.title)}", width="content")
        st.button("Open", key="open-last", on_click=shown_run.request_run, args=(run.name,))
        if not summary.is_done and run.checkpoints.list_steps():
            st.button(
                "Continue", key="continue-last", on_click=continue_or_toast, args=(trainer, run)
            )


def _find_interrupted(trainer: Trainer) -> RunSummary | None:
    snapshot = trainer.snapshot()
    for *_, run in sorted(_list_by_time(trainer, "interrupted"), reverse=True):
        try:
            if run.checkpoints.list_steps():
                summary = read_summary(run, snapshot)
                if not summary.is_done:  # Interrupted after the last step, nothing is left to do.
                    return summary
        except RunError:
            continue
    return None


def _list_by_time(trainer: Trainer, *states: State) -> list[tuple[bool, str, str, Run]]:
    """List the runs in one of these states, in any order.

    Returns:
        For each whether it is the person's own, the time of its last change, its name and the run:
        the largest is the last of the person's own, or of the included ones if there is none.
    """
    found = []
    for run in list_runs(trainer.root)[0]:
        try:
            status = run.read_status()
        except RunError:  # Deleted or damaged since it was listed; the Runs page shows the error.
            continue
        if status.state in states:
            found.append((not run.is_read_only, status.updated, run.name, run))
    return found
