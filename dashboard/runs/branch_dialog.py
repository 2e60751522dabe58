"""The dialog that starts a branch: a new run from a checkpoint of another, with other settings."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.forms import setting_fields
from dashboard.run_facts.labels import describe_best_checkpoint, label_checkpoint
from dashboard.state.current_training import describe_refusal
from dashboard.state.trainer import Trainer
from dashboard.tab.continue_run import continue_run
from dashboard.wording.glossary import explain
from dcgan.config.setting_info import list_settings_that_change
from dcgan.config.training_config import MAX_SECONDS_UNTIL_CONVERGED, TrainingConfig
from dcgan.runs.run_folder import Run

# Keys of the session.
_COUNT = "branch_count"  # How often the dialog was opened.
_OPENING = "branch_opening"  # Missing while it is closed.


@dataclass(frozen=True)
class _Opening:
    """The open dialog.

    Attributes:
        run_name: Name of the run.
        steps: The checkpoints when the dialog was opened, newest first. The list does not change
            while the dialog is open: a checkpoint that is deleted meanwhile gives an error, and
            no other one takes its place.
    """

    run_name: str
    steps: list[int]


def open_dialog(run: Run) -> None:
    """Open the dialog for a run, as the callback of a button."""
    st.session_state[_COUNT] = count_openings() + 1
    st.session_state[_OPENING] = _Opening(run.name, run.checkpoints.list_steps()[::-1])


def count_openings() -> int:
    """Return how often the dialog was opened in this tab.

    A key with this number gives an element a new state: its first values, a closed menu.
    """
    count: int = st.session_state.get(_COUNT, 0)
    return count


def render(trainer: Trainer, run: Run) -> None:
    """Render the dialog while it is open for a run.

    Call it outside of fragments: each run of the whole script must open the dialog again, or it
    closes.
    """
    opening: _Opening | None = st.session_state.get(_OPENING)
    if opening is not None and opening.run_name == run.name and permissions.may_operate():
        _show(trainer, run, opening.steps)


def _close() -> None:
    st.session_state.pop(_OPENING, None)


@st.dialog("Branch this run", width="large", on_dismiss=_close)
@permissions.operators_only
def _show(trainer: Trainer, run: Run, steps: list[int]) -> None:
    """Show checkpoint, settings, epochs, and the button that starts the branch."""
    title = escape_markdown(run.read_label().title)
    st.caption(
        f"A new run starts from a checkpoint of {title}, with other settings. The old run is not "
        "changed."
    )
    if trainer.snapshot().is_active:
        st.info(escape_markdown(describe_refusal(trainer)), icon=":material/model_training:")
    key = f"{run.name}_{count_openings()}"
    with st.form(f"branch-{key}", border=False):
        with st.container(horizontal=True):
            step = st.selectbox(
                "Checkpoint",
                steps,
                format_func=label_checkpoint,
                width=setting_fields.FIELD_WIDTH,
                key=f"branch-step-{key}",
                help=describe_best_checkpoint(run) or None,
            )
            epochs = st.number_input(
                "More epochs",
                1,
                100_000,
                _choose_epochs(run.config),
                key=f"branch-epochs-{key}",
                width=setting_fields.FIELD_WIDTH,
                help=explain("epoch"),
                placeholder="As planned",
            )
        names = list_settings_that_change("in_branch")
        values = setting_fields.render_fields(names, run.config, f"branch_{key}")
        is_sent = st.form_submit_button("Start the branch", type="primary")
    if not is_sent or setting_fields.replace_settings(run.config, values) is None:
        return
    seconds = None
    is_switched_on = values["until_converged"] and not run.config.until_converged
    if is_switched_on and epochs == _choose_epochs(run.config):
        # The suggested epochs would end most branches before they stop improving.
        epochs, seconds = None, MAX_SECONDS_UNTIL_CONVERGED
    problem = continue_run(
        trainer, run, branch_step=step, epochs=epochs, seconds=seconds, changes=values
    )
    if not problem:
        _close()
        st.switch_page("app_pages/train.py")
    st.error(problem, icon=":material/error:")


def _choose_epochs(config: TrainingConfig) -> int | None:
    """Return the epochs that the dialog suggests; None for what is left of the plan."""
    if config.until_converged:
        return config.epochs
    return config.epochs or TrainingConfig().epochs
