"""The buttons of a run's card: Explore, Open, Continue, and the menu."""

from __future__ import annotations

import math

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.forms import settings_form
from dashboard.run_facts import folder_name
from dashboard.run_facts.run_summary import RunSummary
from dashboard.runs import branch_dialog, downloads
from dashboard.runs.deletion import delete
from dashboard.state.current_training import describe_refusal
from dashboard.state.trainer import Trainer
from dashboard.tab import shown_run
from dashboard.tab.compare_request import request_comparison
from dashboard.tab.continue_run import continue_run, plan_as_long_again
from dashboard.tab.explore_request import request_generator
from dashboard.wording.glossary import explain
from dcgan.config.setting_info import get_setting_schema
from dcgan.runs.run_folder import Run

_MIN_MINUTES = 0.1


def render(summary: RunSummary, trainer: Trainer) -> None:
    """Render the buttons.

    Each key holds the run's name, so that widgets keep their state when a card moves.
    """
    run = summary.run
    has_checkpoint = bool(run.checkpoints.list_steps())
    problem = ""
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(
            "Explore",
            key=f"explore-{run.name}",
            disabled=not has_checkpoint,
            help=None if has_checkpoint else "It has no checkpoint yet.",
        ):
            request_generator(run)
            st.switch_page("app_pages/explore.py")
        is_here = summary.is_of_this_process and summary.is_active
        if st.button(
            "Open",
            key=f"watch-{run.name}",
            help="Its pictures, charts and verdict on the Train page.",
        ):
            shown_run.request_run(shown_run.OWN if is_here else run.name)
            if not summary.is_active:
                request_focus("status")  # The title of the run, with its verdict and charts below.
            st.switch_page("app_pages/train.py")
        if not summary.is_active and has_checkpoint and permissions.may_operate():
            is_training = trainer.snapshot().is_active
            obstacle = escape_markdown(describe_refusal(trainer)) if is_training else None
            if run.is_read_only or summary.is_done:
                with st.popover("Continue", key=f"plan-{run.name}", help=obstacle):
                    _render_plan(summary, trainer)
            elif st.button("Continue", key=f"continue-{run.name}", help=obstacle):
                problem = _continue_and_watch(run, trainer, None)
        _render_menu(summary)
    branch_dialog.render(trainer, run)
    if problem:
        st.error(problem, icon=":material/error:")


def _render_plan(summary: RunSummary, trainer: Trainer) -> None:
    """Render the choice of more training for a run whose plan is done, in epochs or minutes."""
    run = summary.run
    st.caption(f"Run: {escape_markdown(summary.title)}")  # On a phone the menu covers the card.
    if run.is_read_only:
        st.caption("This trains a copy. The included run stays as it is.")
    elif summary.convergence_text:
        st.caption("It stopped improving; more training may still help a little.")
    else:
        st.caption("The planned training is done.")
    epochs, seconds = plan_as_long_again(run.config, summary.seconds)
    if seconds is not None:
        # The limit of the setting applies to the whole training, not to the added time.
        max_minutes = (get_setting_schema("max_seconds")["maximum"] - summary.seconds) / 60
        max_minutes = max(_MIN_MINUTES, math.floor(10 * max_minutes) / 10)
        seconds = 60 * st.number_input(
            "More minutes",
            _MIN_MINUTES,
            max_minutes,
            min(max_minutes, max(_MIN_MINUTES, round(seconds / 60, 1))),
            format="%g",
            key=f"minutes-{run.name}",
            help=explain("time_limit"),
        )
    else:
        epochs = st.number_input(
            "More epochs",
            1,
            100_000,
            epochs,
            key=f"epochs-{run.name}",
            help=explain("epoch"),
        )
    if st.button("Continue training", key=f"continue-{run.name}", width="stretch"):
        st.error(_continue_and_watch(run, trainer, epochs, seconds), icon=":material/error:")


def _continue_and_watch(
    run: Run, trainer: Trainer, epochs: int | None, seconds: float | None = None
) -> str:
    """Continue a run and switch to the Train page, or return why it cannot be continued."""
    problem = continue_run(trainer, run, epochs=epochs, seconds=seconds)
    if not problem:
        st.switch_page("app_pages/train.py")
    return problem


def _render_menu(summary: RunSummary) -> None:
    run = summary.run
    # A new key closes the menu, which would otherwise cover the dialog.
    menu_key = f"more-{run.name}-{branch_dialog.count_openings()}"
    with st.popover("More", key=menu_key), st.container(gap=None):
        may_operate = permissions.may_operate()
        st.caption(f"Run: {escape_markdown(summary.title)}")
        if st.button(
            "Compare with another run",
            icon=":material/compare_arrows:",
            key=f"compare-{run.name}",
            type="tertiary",
        ):
            request_comparison([run])
            st.switch_page("app_pages/compare.py")
        if may_operate and st.button(
            "Start again with these settings",
            icon=":material/restart_alt:",
            key=f"restart-{run.name}",
            type="tertiary",
        ):
            settings_form.fill_form(run.config, summary.title)
            st.switch_page("app_pages/train.py")
        if may_operate:
            st.button(
                "Branch with other settings",
                icon=":material/call_split:",
                key=f"branch-{run.name}",
                type="tertiary",
                on_click=branch_dialog.open_dialog,
                args=(run,),
                disabled=not run.checkpoints.list_steps(),
            )
        downloads.render(run)
        st.caption(f"Started {summary.describe_day()}.")
        folder_name.render(run)
        if permissions.may_change(run):
            st.divider()
            st.button(
                "Delete",
                icon=":material/delete:",
                key=f"delete-{run.name}",
                type="tertiary",
                on_click=delete,
                args=(run,),
                disabled=summary.is_active,
                help="Stop it first." if summary.is_active else "Can be undone.",
            )
