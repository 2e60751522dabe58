"""Deletion of runs: into the trash, restored from it, and for good."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.process import storage_limits
from dashboard.runs.last_action import Outcome, set_outcome
from dcgan.errors import RunError
from dcgan.runs.library import delete_run, empty_trash, list_deleted_runs, restore_run
from dcgan.runs.run_folder import Run
from dcgan.wording import quote_title


@permissions.owners_only
def delete(run: Run) -> None:
    """Move a run to the trash, and show a button that undoes it."""
    title = run.read_label().title
    try:
        trashed = delete_run(run)
    except RunError as error:
        set_outcome(Outcome(problem=f"{title} could not be deleted: {error}"))
    else:
        set_outcome(
            Outcome(notice=f"Deleted {quote_title(title)}.", undo=partial(_restore, trashed))
        )
        empty_trash(trashed.parent.parent)
        request_focus("undo")


@permissions.owners_only
def _restore(trashed: Path) -> None:
    try:
        run = restore_run(trashed)
        set_outcome(Outcome())
        request_focus(f"card-{run.name}")
    except RunError as error:
        set_outcome(Outcome(problem=f"The run could not be restored: {error}"))


def render_trash(root: Path) -> None:
    """Render the popover that empties the trash; nothing while it is empty."""
    deleted = list_deleted_runs(root)
    if not deleted:
        return
    with st.popover("Trash", icon=":material/delete:", key="trash"):
        runs = "The deleted run takes" if len(deleted) == 1 else f"{len(deleted)} deleted runs take"
        st.caption(
            f"{runs} room on the disk. Deleted runs are removed after a week. Emptying the trash "
            "cannot be undone."
        )
        st.button(
            "Empty the trash",
            icon=":material/delete_forever:",
            key="clear-trash",
            on_click=_empty_trash,
            args=(root,),
        )


@permissions.operators_only
def _empty_trash(root: Path) -> None:
    before = storage_limits.measure_usage(root).num_trash_bytes
    empty_trash(root, older_than_days=0)
    freed = before - storage_limits.measure_usage(root).num_trash_bytes
    freed_space = storage_limits.describe_bytes(freed)
    set_outcome(Outcome(notice=f"The trash is empty, which frees {freed_space}."))
