"""Runs: the shelf of what was trained, to open, continue, take along, bring in or delete."""

from __future__ import annotations

import math
from pathlib import Path

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.runs import card
from dashboard.server import access
from dashboard.state import storage_limits
from dashboard.state.storage_limits import describe_bytes
from dashboard.state.trainer import process_trainer
from dcgan.errors import RunError
from dcgan.export.archive import import_run
from dcgan.runs.library import delete_run, deleted_runs, empty_trash, list_runs, restore_run
from dcgan.runs.run_folder import Run

_RUNS_A_PAGE = 12

trainer = process_trainer()


@access.operators_only
def take_in() -> None:
    """Put the ZIP that was just uploaded on the shelf."""
    _forget_last_action()
    file = st.session_state[upload_key()]
    if file is None:
        return
    try:
        room = trainer.limits.check_room_for_run(trainer.root)
        run = import_run(file, trainer.root, max_bytes=room)
    except RunError as error:
        st.session_state["runs_problem"] = f"{file.name} could not be imported: {error}"
    else:
        st.session_state["runs_notice"] = f"Imported {run.read_label().title}."
    st.session_state["runs_uploads"] = st.session_state.get("runs_uploads", 0) + 1


def upload_key() -> str:
    """Return the uploader's key; a new one after each file, so that it is empty again."""
    return f"import-{st.session_state.get('runs_uploads', 0)}"


@access.operators_only
def delete(run: Run) -> None:
    """Put a run into the trash, and offer to take it back."""
    _forget_last_action()
    title = run.read_label().title
    try:
        st.session_state["runs_deleted"] = (delete_run(run), title)
        empty_trash(trainer.root)
    except RunError as error:
        st.session_state["runs_problem"] = f"{title} could not be deleted: {error}"


@access.operators_only
def undo(trashed: Path) -> None:
    """Take a run back out of the trash."""
    _forget_last_action()
    try:
        restore_run(trashed)
    except RunError as error:
        st.session_state["runs_problem"] = f"It could not be taken back: {error}"


@access.operators_only
def clear_trash() -> None:
    """Remove the deleted runs for good, all that are there now."""
    _forget_last_action()
    before = storage_limits.measure(trainer.root).num_trash_bytes
    empty_trash(trainer.root, older_than_days=0)
    freed = before - storage_limits.measure(trainer.root).num_trash_bytes
    st.session_state["runs_notice"] = f"The trash is empty, which frees {describe_bytes(freed)}."


def render_trash() -> None:
    """Offer the room that deleted runs take; nothing where there are none."""
    deleted = deleted_runs(trainer.root)
    if not deleted:
        return
    with st.popover("Trash", icon=":material/delete:", key="trash"):
        runs = "The deleted run takes" if len(deleted) == 1 else f"{len(deleted)} deleted runs take"
        st.caption(
            f"{runs} room on the disk until a week has passed. What is removed for good cannot be "
            "taken back, by anybody."
        )
        st.button(
            "Empty the trash",
            icon=":material/delete_forever:",
            key="clear-trash",
            on_click=clear_trash,
        )


@access.operators_only
def rename(run: Run, title: str, note: str) -> None:
    """Keep a person's name and note for a run."""
    _forget_last_action()
    try:
        run.write_label(title, note)
    except RunError as error:
        st.session_state["runs_problem"] = f"The name could not be saved: {error}"


def _forget_last_action() -> None:
    for key in ("runs_deleted", "runs_notice", "runs_problem"):
        st.session_state.pop(key, None)


def render_last_action() -> None:
    """Say what the last action did, with the way back."""
    if "runs_deleted" in st.session_state:
        trashed, title = st.session_state["runs_deleted"]
        st.markdown(f"Deleted {escape_markdown(title)}.", width="content")
        st.button("Undo", icon=":material/undo:", key="undo", on_click=undo, args=(trashed,))
    if "runs_notice" in st.session_state:
        st.markdown(escape_markdown(st.session_state["runs_notice"]), width="content")


def page_of(runs: list[Run]) -> list[Run]:
    """Return the runs of the chosen page; the choice is drawn where there is one."""
    num_pages = math.ceil(len(runs) / _RUNS_A_PAGE)
    if num_pages < 2:
        return runs
    if st.session_state.get("runs_page", 1) > num_pages:  # The last one on a page was deleted.
        st.session_state["runs_page"] = num_pages
    with st.container(horizontal_alignment="center"):
        page = st.pagination(num_pages, key="runs_page")
    return runs[(page - 1) * _RUNS_A_PAGE : page * _RUNS_A_PAGE]


runs, problems = list_runs(trainer.root)
may_operate = access.may_operate()

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Runs", anchor=False, width="content")
    render_last_action()  # Beside the heading, so that nothing below moves.
    if may_operate:
        st.space("stretch")
        render_trash()
        # A new key with each file closes it, so that what came of it is seen.
        with st.popover("Import", icon=":material/upload:", key=f"popover-{upload_key()}"):
            st.file_uploader(
                "A run's ZIP, as Download ZIP gives it",
                type="zip",
                key=upload_key(),
                on_change=take_in,
            )
if "runs_problem" in st.session_state:
    st.error(escape_markdown(st.session_state["runs_problem"]), icon=":material/error:")

if not any(not run.is_read_only for run in runs):
    with st.container(border=True, key="empty-shelf"):
        st.markdown(
            "**No runs of your own yet.** What you train is kept here by itself: to explore it, "
            "continue it, or take it to another machine."
            if may_operate
            else "**No runs yet.** What is trained is kept here by itself."
        )
        if may_operate and st.button(
            "Train the first one", type="primary", icon=":material/model_training:", key="first"
        ):
            st.switch_page("app_pages/train.py")

places = st.container()
shown = page_of(runs)
with places, st.grid(2, min_column_width=460):
    for run in shown:
        card.render(run, trainer, on_delete=delete, on_rename=rename)

for problem in problems:
    st.caption(f":material/warning: {escape_markdown(problem)}")
