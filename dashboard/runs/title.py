"""A run's name and note on its card, and the form that changes them in place."""

from __future__ import annotations

import streamlit as st

from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.runs.last_action import Outcome, set_outcome
from dashboard.server import access
from dashboard.shared.run_summary import RunSummary
from dcgan.errors import RunError
from dcgan.runs.manifest import MAX_NOTE, MAX_TITLE
from dcgan.runs.run_folder import Run
from dcgan.runs.titles import has_own_title, make_title

# Keys of the session.
_EDITED = "runs_edited"  # Name of the run whose form is open.
_PROBLEM = "runs_edited_problem"

_MAX_NOTE_SHOWN = 140  # Characters; a longer note would make the other cards of the row taller.


def render_title(summary: RunSummary) -> None:
    """Render the name, or the open form."""
    if _may_edit(summary) and _is_edited(summary):
        _render_form(summary)
    else:
        st.markdown(f"**{escape_markdown(summary.title)}**")


def render_rename(summary: RunSummary) -> None:
    """Render the button that opens the form, unless it is open."""
    if _may_edit(summary) and not _is_edited(summary):
        st.button(
            "Rename",
            icon=":material/edit:",
            type="tertiary",
            key=f"rename-{summary.run.name}",
            on_click=_open,
            args=(summary.run, summary.title),
        )


def _may_edit(summary: RunSummary) -> bool:
    return access.may_change(summary.run)


def _is_edited(summary: RunSummary) -> bool:
    # Streamlit drops the state of a field when another page is shown: the form is then closed.
    is_on_page = _make_title_key(summary.run) in st.session_state
    return is_on_page and bool(st.session_state.get(_EDITED) == summary.run.name)


def _make_title_key(run: Run) -> str:
    return f"title-{run.name}"


def render_note(summary: RunSummary) -> None:
    """Render the note, unless the form shows it."""
    if summary.note and not _is_edited(summary):
        is_long = len(summary.note) > _MAX_NOTE_SHOWN
        shown = summary.note[:_MAX_NOTE_SHOWN].rstrip() + "…" if is_long else summary.note
        st.caption(escape_markdown(shown), help=escape_markdown(summary.note) if is_long else None)


def _render_form(summary: RunSummary) -> None:
    run = summary.run
    title_key, note_key = _make_title_key(run), f"note-{run.name}"
    with st.form(f"label-{run.name}", border=False):
        st.text_input(
            "Name",
            placeholder=make_title(run.name, run.config.dataset, run.dataset.name),
            key=title_key,
        )
        st.text_area("Note", summary.note, height=100, key=note_key)
        if problem := st.session_state.get(_PROBLEM):
            st.error(escape_markdown(problem), icon=":material/error:")
        with st.container(horizontal=True, gap="xsmall"):
            st.form_submit_button("Save", on_click=_save, args=(run, title_key, note_key))
            st.form_submit_button("Cancel", on_click=_close, args=(run,))


def _open(run: Run, title: str) -> None:
    st.session_state[_EDITED] = run.name
    st.session_state[_make_title_key(run)] = title
    st.session_state.pop(_PROBLEM, None)
    request_focus(_make_title_key(run))


def _close(run: Run) -> None:
    st.session_state.pop(_EDITED, None)
    st.session_state.pop(_PROBLEM, None)
    request_focus(f"card-{run.name}")


@access.owners_only
def _save(run: Run, title_key: str, note_key: str) -> None:
    entries = (
        ("name", st.session_state[title_key].strip(), MAX_TITLE),
        ("note", st.session_state[note_key].strip(), MAX_NOTE),
    )
    for label, text, max_length in entries:
        if len(text) > max_length:
            st.session_state[_PROBLEM] = (
                f"This {label} has {len(text):,} characters; shorten it to {max_length:,} or fewer."
            )
            return
    title, note = (text for _, text, _ in entries)
    try:
        # A title that the program made is not saved as a person's.
        is_made = not has_own_title(run.path) and title == run.read_label().title
        run.write_label("" if is_made else title, note)
    except RunError as error:
        st.session_state[_PROBLEM] = f"The name and the note were not saved: {error}"
        return
    set_outcome(Outcome())
    _close(run)
