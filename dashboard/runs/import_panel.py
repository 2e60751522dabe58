"""Importing a run from the ZIP that Download ZIP makes."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.runs.last_action import Outcome, set_outcome
from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.export.archive import import_run

# Keys of the session.
_NUM_UPLOADS = "runs_num_uploads"


def render(trainer: Trainer) -> None:
    """Render the popover with the upload."""
    # Both keys change after an upload, which closes the popover and empties the uploader.
    key = f"import-{st.session_state.get(_NUM_UPLOADS, 0)}"
    with st.popover("Import", icon=":material/upload:", key=f"popover-{key}"):
        st.file_uploader(
            "The ZIP file of a run, from Download ZIP in its menu More",
            type="zip",
            key=key,
            on_change=_import,
            args=(trainer, key),
        )


@permissions.operators_only
def _import(trainer: Trainer, key: str) -> None:
    set_outcome(Outcome())
    file = st.session_state[key]
    if file is None:
        return
    try:
        room = trainer.limits.check_room_for_run(trainer.root)
        run = import_run(file, trainer.root, max_bytes=room)
    except RunError as error:
        set_outcome(Outcome(problem=f"{file.name} could not be imported: {error}"))
    else:
        set_outcome(Outcome(notice=f"Imported {run.read_label().title}."))
    st.session_state[_NUM_UPLOADS] = st.session_state.get(_NUM_UPLOADS, 0) + 1
