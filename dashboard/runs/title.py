"""A run's name and note: the form that changes them, and the note on the card."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.run_facts.run_summary import RunSummary
from dashboard.runs.last_action import Outcome, set_outcome
from dcgan.errors import RunError
from dcgan.runs.manifest import MAX_NOTE, MAX_TITLE
from dcgan.runs.naming.titles import has_own_title, make_title
from dcgan.runs.run_folder import Run

# Keys of the session.
_NUM_SAVED = "runs_num_saved"
_PROBLEM = "runs_rename_problem"  # Name of a run, and why its label was not saved.

_MAX_NOTE_SHOWN = 140  # Characters; a longer note would make the other cards of the row taller.


def render_rename(summary: RunSummary) -> None:
    """Render the menu with the form, which lies over the cards and moves none of them."""
    run = summary.run
    if not permissions.may_change(run):
        return
    # All keys change when a name is saved, which closes the menu and fills the form again.
    key = f"{run.name}-{st.session_state.get(_NUM_SAVED, 0)}"
    title_key, note_key = f"title-{key}", f"note-{key}"
    with (
        st.popover(
            "Name and note",
            icon=":material/edit:",
            help="Name and note",
            type="tertiary",
            key=f"rename-{key}",
            on_change=request_focus,
            args=(title_key,),
        ),
        st.form(f"label-{key}", border=False),
    ):
        st.caption(f"Run: {escape_markdown(summary.title)}")  # On a phone the menu covers the card.
        st.text_input(
            "Name",
            summary.title,
            placeholder=make_title(run.name, run.config, run.dataset),
            key=title_key,
        )
        st.text_area("Note", summary.note, height=100, key=note_key)
        run_name, problem = st.session_state.get(_PROBLEM, ("", ""))
        if run_name == run.name:
            st.error(escape_markdown(problem), icon=":material/error:")
        st.form_submit_button("Save", on_click=_save, args=(run, title_key, note_key))


def render_note(summary: RunSummary) -> None:
    """Render the note; a long one is cut, and its help text is the whole."""
    if summary.note:
        is_long = len(summary.note) > _MAX_NOTE_SHOWN
        shown = summary.note[:_MAX_NOTE_SHOWN].rstrip() + "…" if is_long else summary.note
        st.caption(escape_markdown(shown), help=escape_markdown(summary.note) if is_long else None)


@permissions.owners_only
def _save(run: Run, title_key: str, note_key: str) -> None:
    title, note = st.session_state[title_key].strip(), st.session_state[note_key].strip()
    for label, text, max_length in (("name", title, MAX_TITLE), ("note", note, MAX_NOTE)):
        if len(text) > max_length:
            st.session_state[_PROBLEM] = (
                run.name,
                f"This {label} has {len(text):,} characters; shorten it to {max_length:,} or "
                "fewer.",
            )
            return
    try:
        if title == run.read_title():  # Nobody typed it: the program or a race made it.
            title = run.read_label().title if has_own_title(run.path) else ""
        run.write_label(title, note)
    except RunError as error:
        st.session_state[_PROBLEM] = run.name, f"The name and the note were not saved: {error}"
        return
    st.session_state.pop(_PROBLEM, None)
    st.session_state[_NUM_SAVED] = st.session_state.get(_NUM_SAVED, 0) + 1
    set_outcome(Outcome())
    request_focus(f"card-{run.name}")
