"""The start of a run: the button with its form on the welcome, above a run or folded below it."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.forms import settings_form
from dashboard.forms.settings_form import Place
from dashboard.run_facts import verdict_state
from dashboard.state.current_training import describe_refusal
from dashboard.state.trainer import Trainer
from dashboard.state.tuning_commands import start_tuning
from dashboard.train import status_panel, visitor_panel
from dashboard.train.page_state import PageState
from dashboard.welcome import welcome_panel
from dashboard.wording.messages import show_refusal
from dcgan.errors import DatasetError, RunError


def render_with_welcome(trainer: Trainer, page_state: PageState) -> None:
    """Render the welcome, and for those who may start a run its button with the settings below."""
    button_place = welcome_panel.render(trainer, offers_last_run=page_state.is_form_at_top)
    settings_place = st.container()
    if page_state.demo is not None:
        with button_place:
            visitor_panel.render(trainer, page_state.demo)
    if not page_state.is_form_at_top:
        return
    with settings_place:
        request = settings_form.render(button_place, Place.WELCOME)
        welcome_panel.render_interrupted(trainer)
    with button_place:
        _start_or_queue(trainer, request)


def render_above_run(trainer: Trainer, page_state: PageState) -> None:
    """Render the button beside the settings, above a run that has ended or is another visitor's."""
    if page_state.demo is not None:
        visitor_panel.render(trainer, page_state.demo)
    if not page_state.is_form_at_top:
        return
    snapshot = page_state.snapshot
    button_place, settings_place = st.columns([1, 3])
    with settings_place:
        request = settings_form.render(
            button_place,
            Place.BESIDE_RUN,
            is_primary=not status_panel.choose_primary_button(snapshot)
            and not verdict_state.has_primary_action(snapshot)
            and (not snapshot.is_measuring or settings_form.shows_settings_of_a_run()),
            offers_preset=True,
        )
    with button_place:
        _start_or_queue(trainer, request)


def render_folded(
    trainer: Trainer, page_state: PageState, label: str, icon: str, key: str, *, may_start: bool
) -> None:
    """Render the form folded below a run; its fields only if it is open.

    Args:
        trainer: The trainer of this process.
        page_state: The state with which the page is rendered.
        label, icon, key: Label, icon and key of the expander.
        may_start: Whether the form can start a run; otherwise it adds runs to the queue.
    """
    if settings_form.is_filled():  # For example by the Runs page.
        st.session_state[key] = True
    expander = st.expander(label, icon=icon, key=key, on_change="rerun")
    if expander.open:
        with expander:
            request = (
                settings_form.render(
                    st.container(), Place.BELOW_RUN, is_primary=not page_state.has_remedy
                )
                if may_start
                else settings_form.render_for_queue()
            )
            _start_or_queue(trainer, request)


@permissions.operators_only
def _start_or_queue(trainer: Trainer, request: settings_form.TrainingRequest | None) -> None:
    """Start the requested run, or add the requested runs to the queue."""
    if request is None:
        return
    try:
        if request.tuning_minutes:
            if not start_tuning(trainer, request.configs[0], request.tuning_minutes):
                show_refusal(describe_refusal(trainer))
        elif request.is_for_later:
            trainer.queue_runner.add_configs(request.configs)
        elif not trainer.start(request.configs[0], title=request.title):
            st.toast("A run was already training; here it is.", icon=":material/info:")
    except (RunError, DatasetError) as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    request_focus("status")
    st.rerun()
