"""Train: start a run, watch it learn, take its pictures home.

It shows the run that is or was trained here, or one that another process trains: that one can be
watched and not commanded.
"""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dashboard.shared import charts_panel, settings_form, shown_run, verdict_panel
from dashboard.shared.following import follow_external
from dashboard.state.storage_limits import LimitError
from dashboard.state.trainer import process_trainer
from dashboard.train import (
    interrupted_panel,
    quality_panel,
    queue_panel,
    sample_panel,
    status_panel,
    steering_panel,
)
from dashboard.train.welcome_panel import render_welcome
from dcgan.config_text import hide_dataset_path
from dcgan.errors import RunError

trainer = process_trainer()
may_operate = access.may_operate()
shown = shown_run.choose(trainer)
at_start = shown.snapshot
is_own_active = trainer.snapshot().is_active


@st.fragment
def watch() -> None:
    """Show the run as it is now, again with each news of it; the page follows its begin and end."""
    own, external = follow_external(trainer, shown.name)
    what = shown_run.see(shown.name, own, external)
    now = what.snapshot
    if what.stage != shown.stage or own.is_active != is_own_active:
        if at_start.is_active and what.name == shown.name and not now.is_active:
            st.session_state["ended"] = now.phase
        st.rerun()
    st.set_page_config(page_title=status_panel.title(now))
    if now.phase == "idle":
        queue_panel.render_problems(trainer)
        render_welcome()
        queue_panel.render(trainer)
        return
    with st.container(key="status"):
        status_panel.render(trainer, now)
    # Each in a place of its own, which is there from the beginning: what comes in between would
    # make all below it anew, and charts with it.
    with st.container():
        verdict_panel.render(trainer, now)
    with st.container():
        queue_panel.render_problems(trainer)
    if now.run is None:
        queue_panel.render(trainer)
        return
    # The digits get the larger part: in a window of 1,280 pixels they are enlarged three times.
    left, right = st.columns([2, 1], gap="medium")
    with left:
        sample_panel.render(now.run)
    with right:
        options = charts_panel.choose_options()
        charts_panel.render(now, options)
        quality_panel.render(trainer, now, options)
    charts_panel.render_more(now, options)
    queue_panel.render(trainer)


def _show_settings() -> None:
    if at_start.config is not None:
        with st.expander("Settings of this run", icon=":material/list:"):
            if at_start.run is not None and at_start.run.dataset.note:
                st.caption(escape_markdown(at_start.run.dataset.note))
            settings_form.show(
                at_start.config if may_operate else hide_dataset_path(at_start.config)
            )


@access.operators_only
def follow_order(order: settings_form.Order | None) -> None:
    """Start what a person asks for, or let it wait for its turn."""
    if order is None:
        return
    if order.is_for_later:
        try:
            trainer.queue_runner.add(order.configs)
        except RunError as error:
            st.error(escape_markdown(str(error)), icon=":material/error:")
            return
    else:
        try:
            if not trainer.start(order.configs[0]):
                st.toast("A run was already training; here it is.", icon=":material/info:")
        except LimitError as error:
            st.error(escape_markdown(str(error)), icon=":material/error:")
            return
    st.rerun()


ended = st.session_state.pop("ended", None)
if ended == "finished":
    st.toast("Training is done. The run is saved.", icon=":material/check:")
elif ended == "stopped":
    below = " The settings of the next stand below." if "form_source" in st.session_state else ""
    st.toast(f"Stopped. The run is saved.{below}", icon=":material/check:")
elif ended == "interrupted":
    st.toast("The process that trained it has ended without a word.", icon=":material/bolt:")

if at_start.phase == "idle" and may_operate:
    interrupted_panel.render(trainer)
watch()
if at_start.run is not None and at_start.sample is not None and at_start.run.exists():
    sample_panel.render_downloads(at_start.run)

if is_own_active:
    if at_start.is_here and at_start.run is not None and may_operate:
        steering = st.expander(
            "Steer this run", icon=":material/tune:", key="steer", on_change="rerun"
        )
        if steering.open:
            with steering:
                steering_panel.render(trainer, at_start.run)
    _show_settings()
    if may_operate:
        another = st.expander(
            "Queue another run",
            icon=":material/playlist_add:",
            key="queue-another",
            on_change="rerun",
        )
        if another.open:
            with another:
                follow_order(settings_form.render(may_start=False))
elif at_start.is_active:  # ExternalRuns: that keeps nobody from training here.
    _show_settings()
    if may_operate:
        another = st.expander(
            "Train another run here", icon=":material/add:", key="train-here", on_change="rerun"
        )
        if another.open:
            with another:
                follow_order(settings_form.render())
else:
    if at_start.phase != "idle":
        _show_settings()
    if may_operate:
        if at_start.phase != "idle":
            st.subheader("Train another", anchor=False)
        follow_order(settings_form.render())
