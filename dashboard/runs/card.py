"""A run on the shelf: its picture, where it stands, and what can be done with it.

Each widget's key holds the run's name, so that a card that moves takes its state along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from dashboard.components.picture import render_picture
from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dashboard.shared import branch_dialog, shown_run, status_badge, verdict_panel
from dashboard.shared.following import follow_external
from dashboard.shared.run_summary import RunSummary, newest_picture, read_summary
from dashboard.state.storage_limits import LimitError
from dashboard.state.trainer import Trainer
from dcgan.config_text import hide_path_in_text
from dcgan.errors import RunError
from dcgan.export.archive import export_run
from dcgan.export.report import html_report
from dcgan.export.tables import history_csv, history_parquet
from dcgan.runs.run_folder import Run

_SCALE = 2
_NOTE_CHARACTERS = 140  # Of a note in sight; a longer one would stretch its neighbours too.
_PICTURE_WIDTH = 236  # Pixels: four digits of 28 and the gaps of 2 between them, at that scale.


@dataclass(frozen=True)
class _Download:
    """A file that is made of a run when it is clicked."""

    what: str
    suffix: str
    mime: str
    icon: str
    help: str
    make: Callable[[Run], bytes | str]
    needs_weights: bool = False


_DOWNLOADS = (
    _Download(
        "ZIP",
        "zip",
        "application/zip",
        ":material/folder_zip:",
        "The whole run: settings, history, grids and the newest weights.",
        export_run,
        needs_weights=True,
    ),
    _Download(
        "report",
        "html",
        "text/html",
        ":material/article:",
        "Pictures, curves, figures and settings as one page, which opens anywhere.",
        html_report,
    ),
    _Download(
        "CSV",
        "csv",
        "text/csv",
        ":material/table:",
        "The history as a table, for a spreadsheet.",
        history_csv,
    ),
    _Download(
        "Parquet",
        "parquet",
        "application/vnd.apache.parquet",
        ":material/table_chart:",
        "The history as a table with types, for pandas and the like.",
        history_parquet,
    ),
)


def render(
    run: Run,
    trainer: Trainer,
    *,
    on_delete: Callable[[Run], None],
    on_rename: Callable[[Run, str, str], None],
) -> None:
    """Draw a run's card.

    Args:
        run: The run.
        trainer: The process's trainer; it may be training this very run.
        on_delete: Called with the run when its deletion is asked for.
        on_rename: Called with the run, its new title and its note.
    """
    try:
        entry = read_summary(run, trainer.snapshot())
    except RunError as error:  # Deleted or damaged by another since the shelf was listed.
        st.caption(escape_markdown(str(error)))
        return
    with st.container(border=True, key=f"card-{run.name}", height="stretch"):
        if entry.is_active:
            st.fragment(_watch)(run, trainer)
        else:
            _show(entry)
        st.space("stretch")
        _actions(entry, trainer, on_delete, on_rename)


def _watch(run: Run, trainer: Trainer) -> None:
    """Show a run that is being trained, by this process or another, and follow it to its end."""
    now, _ = follow_external(trainer, run.name, key=f"news-{run.name}")
    try:
        entry = read_summary(run, now)
    except RunError:
        st.rerun()
    if not entry.is_active:
        st.rerun()
    _show(entry, verdict_panel.headline(now) if entry.is_here else "")


def _show(entry: RunSummary, verdict: str = "") -> None:
    with st.container(horizontal=True, gap="small"):
        with st.container(width=_PICTURE_WIDTH, gap=None):
            _picture(entry)
        with st.container(width="stretch", gap="xsmall"):
            _badges(entry)
            st.markdown(f"**{escape_markdown(entry.title)}**")
            if verdict:
                st.markdown(verdict)
            _facts(entry)


def _picture(entry: RunSummary) -> None:
    picture = newest_picture(entry.run)
    if picture is None:
        st.caption("No digits yet")
        return
    render_picture(
        picture.png,
        size=picture.size,
        alt=f"Digits of {entry.title}, step {picture.step}",
        key=f"picture-{entry.run.name}",
        scale=_SCALE,
    )


def _badges(entry: RunSummary) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        status_badge.render(entry.state)
        if entry.run.is_read_only:
            st.badge("Comes with the program", icon=":material/package_2:", color="gray")


def _facts(entry: RunSummary) -> None:
    st.caption(entry.describe_length())
    if entry.last is not None:
        st.markdown(
            f":small[Loss: :orange[generator] {entry.last.generator_loss:.2f}, "
            f":blue[discriminator] {entry.last.discriminator_loss:.2f}]",
            help="Of the last steps. Good runs stay away from 0 on both sides; 0.69 is a network "
            "that can only guess.",
        )
    st.caption(
        escape_markdown(
            f"{entry.describe_data()}. {entry.describe_settings()}. Begun {entry.describe_day()}."
        ),
        help=escape_markdown(entry.run.dataset.note) or None,
    )
    if entry.message:
        message = entry.message
        if not access.may_operate():
            message = hide_path_in_text(message, entry.run.config)
        st.markdown(f":small[:red[{escape_markdown(message)}]]")
    if entry.note:
        is_long = len(entry.note) > _NOTE_CHARACTERS
        shown = entry.note[:_NOTE_CHARACTERS].rstrip() + "…" if is_long else entry.note
        st.text(shown, help=escape_markdown(entry.note) if is_long else None)


# What can be done.


def _actions(
    entry: RunSummary,
    trainer: Trainer,
    on_delete: Callable[[Run], None],
    on_rename: Callable[[Run, str, str], None],
) -> None:
    run = entry.run
    has_checkpoint = bool(run.checkpoints.list_steps())
    problem = ""
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(
            "Open in Explore",
            key=f"explore-{run.name}",
            disabled=not has_checkpoint,
            help=None if has_checkpoint else "It has no checkpoint yet.",
        ):
            st.session_state["explore_run"] = run.name
            st.switch_page("app_pages/explore.py")
        if entry.is_active:
            if st.button("Watch", key=f"watch-{run.name}"):
                shown_run.ask_for(shown_run.OWN if entry.is_here else run.name)
                st.switch_page("app_pages/train.py")
        elif has_checkpoint and access.may_operate():
            if run.is_read_only or entry.is_done:
                with st.popover("Continue", key=f"plan-{run.name}"):
                    _plan(entry, trainer)
            elif st.button("Continue", key=f"continue-{run.name}"):
                problem = _go_on(run, trainer, None)
        _more(entry, trainer, on_delete, on_rename)
    if problem:
        st.error(problem, icon=":material/error:")


def _plan(entry: RunSummary, trainer: Trainer) -> None:
    """Ask how many epochs more, as nothing is left of what was planned."""
    run = entry.run
    if run.is_read_only:
        st.caption("A copy of it is trained on; the run itself stays as it came.")
    else:
        st.caption("What was planned is done.")
    epochs = st.number_input(
        "More epochs", 1, 100_000, 5, key=f"epochs-{run.name}", help="Passes over the data."
    )
    if st.button("Continue training", key=f"continue-{run.name}", width="stretch"):
        st.error(_go_on(run, trainer, epochs), icon=":material/error:")


@access.operators_only
def _go_on(run: Run, trainer: Trainer, epochs: int | None) -> str:
    """Continue a run and show the page that watches it; says why not where it cannot."""
    try:
        if trainer.resume_run(run, epochs=epochs):
            st.switch_page("app_pages/train.py")
    except LimitError as error:
        return escape_markdown(str(error))
    return branch_dialog.BUSY


def _more(
    entry: RunSummary,
    trainer: Trainer,
    on_delete: Callable[[Run], None],
    on_rename: Callable[[Run, str, str], None],
) -> None:
    run = entry.run
    menu_key = f"more-{run.name}"

    def make_way() -> None:
        st.session_state[menu_key] = False  # Or it would stay in front of the dialog.
        branch_dialog.open_anew(run)

    with st.popover("More", key=menu_key, on_change="rerun"):
        menu = st.container(gap="xsmall")
        may_operate = access.may_operate()
        if may_operate and menu.button(
            "Start anew with these settings",
            icon=":material/restart_alt:",
            key=f"anew-{run.name}",
            type="tertiary",
        ):
            st.session_state["form_config"] = run.config
            st.session_state["form_source"] = entry.title
            st.switch_page("app_pages/train.py")
        if may_operate and menu.button(
            "Branch with other settings",
            icon=":material/call_split:",
            key=f"branch-{run.name}",
            type="tertiary",
            on_click=make_way,
            disabled=not run.checkpoints.list_steps(),
        ):
            branch_dialog.ask(trainer, run)
        for download in _DOWNLOADS:
            menu.download_button(
                f"Download {download.what}",
                partial(download.make, run),
                file_name=f"{run.name}.{download.suffix}",
                mime=download.mime,
                icon=download.icon,
                on_click="ignore",
                key=f"{download.suffix}-{run.name}",
                type="tertiary",
                disabled=download.needs_weights and not run.checkpoints.list_steps(),
                help=download.help,
            )
        if run.is_read_only or not may_operate:
            return
        menu.button(
            "Delete",
            icon=":material/delete:",
            key=f"delete-{run.name}",
            type="tertiary",
            on_click=on_delete,
            args=(run,),
            disabled=entry.is_active,
            help="Stop it first." if entry.is_active else "Can be undone.",
        )
        _label_form(entry, on_rename)


def _label_form(entry: RunSummary, on_rename: Callable[[Run, str, str], None]) -> None:
    run = entry.run
    title_key, note_key = f"title-{run.name}", f"note-{run.name}"

    def save() -> None:
        on_rename(run, st.session_state[title_key], st.session_state[note_key])

    with st.form(f"label-{run.name}", border=False):
        st.text_input(
            "Name",
            "" if entry.title == run.name else entry.title,
            max_chars=80,
            placeholder=run.name,
            key=title_key,
        )
        st.text_area("Note", entry.note, max_chars=2000, height=100, key=note_key)
        st.form_submit_button("Save name and note", on_click=save)
