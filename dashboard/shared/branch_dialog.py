"""A branch: a run of its own that begins where another stood, with settings of its own."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dashboard.shared import settings_form
from dashboard.shared.run_summary import best_checkpoint_words, checkpoint_words
from dashboard.state.storage_limits import LimitError
from dashboard.state.trainer import Trainer
from dcgan.config import settings_that_change
from dcgan.runs.run_folder import Run

BUSY = "A run is training already. Stop it or wait until it is done, then try again."

_OPENING = "branch_opening"


@dataclass(frozen=True)
class _Opening:
    """One time that the dialog is open; its fields know nothing of what was typed before.

    Attributes:
        number: Makes the fields its own.
        steps: The checkpoints of that moment, newest first. Of one that is gone when it is sent,
            the run says so, where a list read anew would quietly choose another.
    """

    number: int
    steps: list[int]


def open_anew(run: Run) -> None:
    """Make ready for the next dialog."""
    last: _Opening | None = st.session_state.get(_OPENING)
    number = 0 if last is None else last.number + 1
    st.session_state[_OPENING] = _Opening(number, run.checkpoints.list_steps()[::-1])


@st.dialog("Branch this run", width="large")
@access.operators_only
def ask(trainer: Trainer, run: Run) -> None:
    """Ask from which checkpoint, with which settings and how long; start it."""
    st.caption(
        f"A new run begins where {run.read_label().title} stood at a checkpoint, and trains on "
        "with settings of its own. The run itself stays as it is."
    )
    opening: _Opening = st.session_state[_OPENING]
    own = f"{run.name}_{opening.number}"
    with st.form(f"branch-{own}", border=False):
        with st.container(horizontal=True):
            step = st.selectbox(
                "Checkpoint",
                opening.steps,
                format_func=checkpoint_words,
                width=settings_form.FIELD_WIDTH,
                key=f"branch-step-{own}",
                help=best_checkpoint_words(run) or None,
            )
            epochs = st.number_input(
                "More epochs",
                1,
                100_000,
                5,
                key=f"branch-epochs-{own}",
                width=settings_form.FIELD_WIDTH,
                help="Passes over the data.",
            )
        names = settings_that_change("in_branch")
        values = settings_form.render_fields(names, run.config, f"branch_{own}")
        is_sent = st.form_submit_button("Start the branch", type="primary")
    if not is_sent or settings_form.changed_config(run.config, values) is None:
        return
    problem = BUSY
    try:
        if trainer.resume_run(run, step=step, epochs=epochs, changes=values, branch=True):
            st.switch_page("app_pages/train.py")
    except LimitError as error:
        problem = escape_markdown(str(error))
    st.error(problem, icon=":material/error:")
