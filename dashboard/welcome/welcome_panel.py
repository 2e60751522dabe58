"""The welcome: the introduction, the included run's digits, and the last run after a restart.

The last run is the newest interrupted one that can be continued, or else the newest ended one.
"""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from dashboard.access import permissions
from dashboard.components.picture import render_picture
from dashboard.components.plain_text import escape_markdown, keep_together
from dashboard.run_facts import status_badge
from dashboard.run_facts.labels import is_experiment
from dashboard.run_facts.raced_runs import is_needed_unchanged
from dashboard.run_facts.run_summary import RunSummary, read_summary
from dashboard.run_facts.sample_files import make_grid_png
from dashboard.state.trainer import Trainer
from dashboard.tab import shown_run
from dashboard.tab.continue_run import continue_or_toast
from dashboard.tab.explore_request import request_writing
from dashboard.welcome import data_panel, quiz_panel
from dcgan import installation
from dcgan.durations import describe_seconds
from dcgan.errors import RunError
from dcgan.runs import run_folder
from dcgan.runs.library import find_number_writing_run
from dcgan.runs.manifest import State
from dcgan.runs.run_folder import Run

_ROWS, _COLUMNS = 4, 8  # At three times their size 672 by 336 pixels.


class _RankedRun(NamedTuple):
    """A run with its rank: `max` finds the person's last own run, or else the last included one."""

    is_no_experiment: bool
    is_own: bool
    updated: str  # Time of its last change.
    name: str
    run: Run


def render(trainer: Trainer, *, offers_last_run: bool) -> st.delta_generator.DeltaGenerator:
    """Render the introduction beside the included run's digits.

    Args:
        trainer: The trainer of this process.
        offers_last_run: Whether a line offers the last ended run, if none was interrupted.

    Returns:
        The container for the button that starts a run.
    """
    with st.container(key="welcome"):
        text_place, digits_place = st.columns([2, 3], gap="large", vertical_alignment="center")
        with text_place:
            st.title("Watch a network learn to write digits", anchor=False)
            st.markdown(
                "DCGAN Studio trains a GAN: two networks that play against each other, here on "
                "60,000 handwritten digits. The :orange[**generator**] draws, the "
                ":blue[**discriminator**] learns to recognize its drawings, and both get better."
            )
            st.markdown(_describe_start(trainer))
            with st.container(key="welcome-start"):
                start = st.container()
                # Before the digits: on a phone they are below it, and must not move when it comes.
                if offers_last_run:
                    _render_last_ended(trainer)
        with digits_place:
            _render_digits(trainer)
    return start


def _describe_start(trainer: Trainer) -> str:
    if not permissions.get_role().may_start:
        return (
            "Nothing is training at the moment. A run in training is shown on this page; earlier "
            "ones are under **Runs**."
        )
    times = (
        "The first pictures come within seconds, good digits after about a minute on a laptop. "
        "Each epoch shows all 60,000 digits once."
    )
    if trainer.demo is not None:  # The demo's bounds are at the top of each page.
        return times
    return f"{times} Your run is saved automatically. Stop and resume at any time."


def render_data(trainer: Trainer) -> None:
    """Render the view of MNIST, folded, beside the included run's digits if wanted."""
    with contextlib.suppress(RunError):
        data_panel.render_folded(trainer, _open_included(), "See the data: MNIST")


def _render_digits(trainer: Trainer) -> None:
    try:
        run = _open_included()
        step = run.samples.list_steps()[-1]
        png, size = make_grid_png(run, step, _ROWS, _COLUMNS)
    except (RunError, IndexError):
        st.caption(
            "The included digits are missing: restore the folder checkpoints/ from the download of "
            "this program. You can train without them."
        )
        return
    render_picture(
        png,
        size=size,
        scale=3,
        alt=f"{_ROWS * _COLUMNS} digits drawn by the generator that comes with the program, "
        f"step {step}",
        key="welcome-picture",
    )
    st.caption(
        "Nobody wrote these: a generator drew them after "
        f"{keep_together(describe_seconds(run.read_status().seconds))} of training."
    )
    with st.container(horizontal=True):
        quiz_panel.render(trainer, run)
        if (writing_run := find_number_writing_run(trainer.root)) is not None:
            render_write(writing_run)


def render_write(run: Run) -> None:
    """Render the button that opens Explore's tool to write numbers with this run's generator."""
    if st.button(
        "Write a number",
        icon=":material/edit:",
        key="welcome-write",
        help="Type a number, and a generator writes it in one handwriting.",
    ):
        request_writing(run)
        st.switch_page("app_pages/explore.py")


def render_interrupted(trainer: Trainer) -> None:
    """Render the newest interrupted run that can be continued; nothing without one."""
    summary = _find_interrupted(trainer)
    if summary is not None:
        _render_interrupted(trainer, summary)


def _render_last_ended(trainer: Trainer) -> None:
    """Render a line with the last ended run, unless an interrupted run is rendered."""
    if _find_interrupted(trainer) is not None:
        return
    last = max(_list_in_states(trainer, "finished", "stopped"), default=None)
    if last is not None:
        _render_last(trainer, last.run)


def _render_interrupted(trainer: Trainer, summary: RunSummary) -> None:
    step = max(summary.run.checkpoints.list_steps())
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="interrupted"):
        status_badge.render(summary.status)
        st.text(summary.title, width="content")
        st.caption(f"The program ended while it trained. It is saved up to step {step:,}.")
        st.space("stretch")
        st.button(
            "Continue this run",
            icon=":material/play_arrow:",
            key="continue-interrupted",
            on_click=continue_or_toast,
            args=(trainer, summary.run),
        )


def _render_last(trainer: Trainer, run: Run) -> None:
    try:
        summary = read_summary(run, trainer.snapshot())
    except RunError:  # Deleted since it was listed.
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="last-run"):
        kind = "Or look at a trained one" if run.is_read_only else "Last run"
        st.caption(f"{kind}: {escape_markdown(summary.title)}", width="content")
        st.button("Open", key="open-last", on_click=shown_run.request_run, args=(run.name,))
        may_continue = not summary.is_done and not is_needed_unchanged(run)
        if may_continue and run.checkpoints.list_steps():
            st.button(
                "Continue", key="continue-last", on_click=continue_or_toast, args=(trainer, run)
            )


def _find_interrupted(trainer: Trainer) -> RunSummary | None:
    snapshot = trainer.snapshot()
    for ranked in sorted(_list_in_states(trainer, "interrupted"), reverse=True):
        try:
            if ranked.run.checkpoints.list_steps():
                summary = read_summary(ranked.run, snapshot)
                if not summary.is_done:  # A run that ended after its last step needs no more.
                    return summary
        except RunError:
            continue
    return None


def _list_in_states(trainer: Trainer, *states: State) -> list[_RankedRun]:
    """List the runs in one of these states, in any order."""
    ranked_runs = []
    for run in permissions.list_runs(trainer.root)[0]:
        try:
            status = run.read_status()
        except RunError:  # Deleted or damaged since it was listed; the Runs page shows the error.
            continue
        if status.state in states:
            kind = not is_experiment(run), not run.is_read_only
            ranked_runs.append(_RankedRun(*kind, status.updated, run.name, run))
    return ranked_runs


def _open_included() -> Run:
    """Return the included run that learned the classes, as a run with the default settings does."""
    _, with_classes = installation.list_included_runs()
    return _open_once(with_classes)


@cache
def _open_once(path: Path) -> Run:
    """Open the included run once; its picture is cached with it."""
    return run_folder.open_run(path)
