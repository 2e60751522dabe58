"""Steering a run while it trains: other settings, or back to an earlier checkpoint."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.server import access
from dashboard.shared import settings_form
from dashboard.shared.following import follow
from dashboard.shared.run_summary import best_checkpoint_words, checkpoint_words
from dashboard.state.trainer import Trainer
from dcgan.config import TrainingConfig, settings_that_change
from dcgan.runs.run_folder import Run

_SENT = "steering-send"


@dataclass
class _Form:
    """What the form in this tab holds.

    Attributes:
        run: Its name.
        base: What its fields begin with, or what was sent last.
        seen: The run's config when the form was last drawn; `base` is ahead of it while a change
            is on its way.
        number: A new one gives the fields new values.
    """

    run: str
    base: TrainingConfig
    seen: TrainingConfig
    number: int = 0


def render(trainer: Trainer, run: Run) -> None:
    """Draw the settings that may change now, and the checkpoints that it can go back to."""
    with st.container(key="steering"):
        _render_changes(trainer, run)
        _render_checkpoints(trainer, run)


@st.fragment
@access.operators_only
def _render_changes(trainer: Trainer, run: Run) -> None:
    names = settings_that_change("live")
    form = _form_of(run, _config_now(trainer, run))
    with st.form("steering-form", border=False):
        values = settings_form.render_fields(names, form.base, f"steering_{form.number}")
        st.form_submit_button(
            "Change now", icon=":material/tune:", on_click=_send, args=(run.name, form.number)
        )
    st.caption(
        "Takes effect with the next report, is saved with the run and marked on the charts with a "
        "dotted line."
    )
    if not _is_being_sent(form):
        return
    del st.session_state[_SENT]
    changed = settings_form.changed_config(form.base, values)
    if changed is not None:
        # Only what was changed here: another tab may have changed the rest.
        changes = {
            name: getattr(changed, name)
            for name in names
            if getattr(changed, name) != getattr(form.base, name)
        }
        if trainer.change_settings(run, changes):
            form.base = changed


def _form_of(run: Run, now: TrainingConfig) -> _Form:
    """Return what the form holds; taken anew where the run was changed elsewhere."""
    form: _Form | None = st.session_state.get("steering_form")
    if form is not None and form.run == run.name:
        is_changed = form.seen != now and form.base != now
        form.seen = now
        if not is_changed or _is_being_sent(form):
            return form
    form = _Form(run.name, now, now, 0 if form is None else form.number + 1)
    st.session_state["steering_form"] = form
    return form


def _send(run: str, number: int) -> None:
    # Noted by the click itself: the page may be drawn anew before the form comes to read it.
    st.session_state[_SENT] = (run, number)


def _is_being_sent(form: _Form) -> bool:
    return bool(st.session_state.get(_SENT) == (form.run, form.number))


def _config_now(trainer: Trainer, run: Run) -> TrainingConfig:
    return trainer.snapshot().config or run.config


@st.fragment
def _render_checkpoints(trainer: Trainer, run: Run) -> None:
    follow(trainer, key="news-checkpoints")
    form: _Form = st.session_state["steering_form"]
    if form.seen != _config_now(trainer, run):
        st.rerun()  # The form does not look by itself: what it says of a refused value stays.
    steps = run.checkpoints.list_steps()[::-1]
    if not steps:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        step = st.selectbox(
            "Go back to a checkpoint",
            steps,
            format_func=checkpoint_words,
            width=settings_form.FIELD_WIDTH,
            key=f"roll-back-step-{run.name}",
            help="What came after it is forgotten: numbers, pictures and checkpoints.",
        )
        # Its step is in its name: what is done is what was read.
        st.button(
            f"Go back to step {step:,}",
            icon=":material/undo:",
            key=f"roll-back-{run.name}-{step}",
            on_click=access.operators_only(trainer.roll_back),
            args=(run, step),
        )
    if best := best_checkpoint_words(run):
        st.caption(best)
