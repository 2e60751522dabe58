"""Steering a run in training: change its settings, or return to an earlier checkpoint."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.access import permissions
from dashboard.forms import setting_fields
from dashboard.run_facts.labels import describe_best_checkpoint, label_checkpoint
from dashboard.state.trainer import Trainer
from dashboard.tab.following import follow
from dcgan.config.setting_info import get_setting_label, list_settings_that_change
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.run_folder import Run

# Keys of the session.
_STEERING_FORM = "steering_form"
_SENT = "steering_sent"  # Run and version of the form that was sent.


@dataclass
class _Form:
    """The state of the settings form in this tab.

    Attributes:
        run_name: Name of the run.
        base: Settings that the fields start with, or that were sent last.
        rendered: The run's settings when the form was last rendered; `base` is ahead of them until
            a change takes effect.
        version: Part of the fields' keys; a new version gives them new values.
    """

    run_name: str
    base: TrainingConfig
    rendered: TrainingConfig
    version: int = 0


def render(trainer: Trainer, run: Run) -> None:
    """Render the settings that may change during training, and the choice of a checkpoint."""
    with st.container(key="steering"):
        _render_settings(trainer, run)
        _render_checkpoints(trainer, run, _list_earlier(trainer, run))


@st.fragment
@permissions.operators_only
def _render_settings(trainer: Trainer, run: Run) -> None:
    names = list_settings_that_change("live")
    form = _update_form(run, _get_config(trainer, run))
    with st.form("steering-form", border=False):
        values = setting_fields.render_fields(names, form.base, f"steering_{form.version}")
        st.form_submit_button(
            "Apply",
            icon=":material/tune:",
            on_click=_record_click,
            args=(run.name, form.version),
        )
    st.caption(
        "The run uses the new values within a second; their effect shows after a few hundred "
        "steps. A dotted line marks the change on the charts."
    )
    if not _is_being_sent(form):
        return
    del st.session_state[_SENT]
    changed = setting_fields.replace_settings(form.base, values)
    if changed is not None:
        # Only settings that were changed in this tab: another tab may have changed others.
        changes = {
            name: getattr(changed, name)
            for name in names
            if getattr(changed, name) != getattr(form.base, name)
        }
        if trainer.change_settings(run, changes):
            form.base = changed
            labels = ", ".join(map(get_setting_label, changes))
            st.toast(f"Applied: {labels}." if labels else "The run has these settings already.")


def _update_form(run: Run, config: TrainingConfig) -> _Form:
    """Return the form's state; a new state if another tab has changed the settings."""
    form: _Form | None = st.session_state.get(_STEERING_FORM)
    if form is not None and form.run_name == run.name:
        is_changed = form.rendered != config and form.base != config
        form.rendered = config
        if not is_changed or _is_being_sent(form):
            return form
    form = _Form(run.name, config, config, 0 if form is None else form.version + 1)
    st.session_state[_STEERING_FORM] = form
    return form


def _record_click(run_name: str, version: int) -> None:
    # In a callback, as the script may be restarted before it reaches the form.
    st.session_state[_SENT] = (run_name, version)


def _is_being_sent(form: _Form) -> bool:
    return bool(st.session_state.get(_SENT) == (form.run_name, form.version))


def _get_config(trainer: Trainer, run: Run) -> TrainingConfig:
    return trainer.snapshot().config or run.config


def _list_earlier(trainer: Trainer, run: Run) -> list[int]:
    """Return the steps of the checkpoints but that of the current step, newest first."""
    now = trainer.snapshot().step  # A paused run has a checkpoint of this step.
    return [step for step in run.checkpoints.list_steps()[::-1] if step != now]


@st.fragment
def _render_checkpoints(trainer: Trainer, run: Run, offered: list[int]) -> None:
    """Render the choice of a checkpoint and the button that returns to it.

    Args:
        trainer: The trainer of the run.
        run: The run.
        offered: Steps of the checkpoints when the whole page was rendered, newest first. They stay
            the same while the run saves others, because Streamlit closes an open list whose
            entries change.
    """
    follow(trainer, key="news-checkpoints")
    form: _Form = st.session_state[_STEERING_FORM]
    saved = _list_earlier(trainer, run)
    has_returned = saved[:1] < offered[:1]  # To an older checkpoint: the newer ones are deleted.
    if form.rendered != _get_config(trainer, run) or has_returned or (saved and not offered):
        st.rerun()  # Only now: if the form itself followed the trainer, its errors would vanish.
    if not offered:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        step = st.selectbox(
            "Return to a checkpoint",
            offered,
            format_func=label_checkpoint,
            width=setting_fields.FIELD_WIDTH,
            key=f"roll-back-step-{run.name}",
            help="Everything after it is deleted: numbers, pictures and checkpoints.",
        )
        # The step is part of the label and the key, so that a click does what the label says.
        st.button(
            f"Return to step {step:,}",
            icon=":material/undo:",
            key=f"roll-back-{run.name}-{step}",
            on_click=permissions.operators_only(trainer.roll_back),
            args=(run, step),
            disabled=step not in saved,
        )
        if saved != offered and st.button(
            "Update the list", icon=":material/refresh:", type="tertiary", key="update-checkpoints"
        ):
            st.rerun()
    if step not in saved:
        st.caption(f"Step {step:,} is no longer saved. Choose another one.")
    elif best := describe_best_checkpoint(run):
        st.caption(best)
