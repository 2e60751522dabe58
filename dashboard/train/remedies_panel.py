"""The results of the tried remedies side by side, with buttons to adopt one."""

from __future__ import annotations

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dashboard.shared import shown_run
from dashboard.shared.continue_run import continue_or_toast
from dashboard.state.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dashboard.state.trial_runner import Trying
from dashboard.train import remedy_cards
from dcgan.errors import RunError
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from dcgan.trials.adoption import adopt_trial
from dcgan.trials.plan import describe_trial
from dcgan.trials.records import (
    TrialRecord,
    delete_record,
    list_records,
    read_record,
)

_ERROR_ICON = ":material/error:"


def share_done(snapshot: Snapshot) -> float:
    """Return how much of the current trial is done, in [0, 1]."""
    config, first = snapshot.config, snapshot.num_earlier
    if config is None or config.max_seconds is None or len(snapshot.history) <= first + 1:
        return 0.0
    begun = snapshot.history[first].seconds  # The time limit counts from the first step.
    length = config.max_seconds - begun
    return min(1.0, (snapshot.history[-1].seconds - begun) / length) if length > 0 else 1.0


def render_trying(snapshot: Snapshot, trying: Trying) -> None:
    """Render the trials while they train: the newest digits, and the results so far."""
    record = None if trying.step is None else _read(trying.run, trying.step)
    with st.container(key="remedies"):
        title = escape_markdown(trying.run.read_label().title)
        if record is None:
            st.markdown(f"**Trying the remedies for {title}.** Saving the run first.")
            return
        name = describe_trial(record.trials[trying.number])
        st.markdown(
            f"**Trying the remedies for {title}: {trying.number + 1} of {len(record.trials)}, "
            f"{escape_markdown(name)}.** Each trains for {record.seconds:g} s from step "
            f"{record.step:,}. Stop training ends the trials and keeps the results so far."
        )
        config = trying.run.config
        with remedy_cards.cards():
            remedy_cards.render_before(record, config)
            for number, trial in enumerate(record.trials):
                with remedy_cards.card(number):
                    is_current = number == trying.number and trial.is_open
                    remedy_cards.render_trial(
                        record, number, config, snapshot if is_current else None
                    )


def render(trainer: Trainer, run: Run, step: int) -> None:
    """Render the results of the newest step, or else the newest ones, folded.

    Args:
        trainer: The trainer of this process.
        run: The shown run.
        step: Its newest step.
    """
    try:
        steps = list_records(run)
    except OSError:  # The disk cannot be read; the pictures below show the error.
        return
    if not steps:
        return
    if step == steps[-1]:
        with st.container(key="remedies"):
            _render_results(trainer, run, step)
        return
    folded = st.expander(
        f"Remedies that were tried at step {steps[-1]:,}", key="remedies-folded", on_change="rerun"
    )
    if folded.open:
        with folded:
            _render_results(trainer, run, steps[-1])


def render_interrupted(trainer: Trainer) -> None:
    """Render a try that was stopped, or interrupted by a restart of the server, if there is one."""
    for run in list_runs(trainer.root)[0]:
        try:
            record = _find_unfinished(run)
        except (OSError, RunError):  # The page of the run shows it.
            continue
        if record is not None:
            _render_link(run, record)
            return


def _find_unfinished(run: Run) -> TrialRecord | None:
    """Return the record of the run's newest step if some of its trials are missing."""
    step = run.read_status().step
    if step not in list_records(run):
        return None
    record = read_record(run, step)
    return record if record.open_numbers and not record.adopted else None


def _render_link(run: Run, record: TrialRecord) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="tries"):
        st.text(run.read_label().title, width="content")
        st.caption(f"Not all of its remedies are tried: {remedy_cards.count_measured(record)}.")
        st.space("stretch")
        st.button(
            "Show the remedies",
            key="show-remedies",
            on_click=shown_run.request_run,
            args=(run.name,),
        )


def _render_results(trainer: Trainer, run: Run, step: int) -> None:
    record = _read(run, step)
    if record is None:
        return
    st.markdown(remedy_cards.summarize(record))
    is_free = not trainer.snapshot().is_active
    may_choose = access.may_operate() and is_free and not record.adopted
    with remedy_cards.cards():
        remedy_cards.render_before(record, run.config)
        for number, trial in enumerate(record.trials):
            with remedy_cards.card(number):
                remedy_cards.render_trial(record, number, run.config, None)
                if may_choose and trial.kind == "nothing":
                    st.button(
                        "Continue unchanged",
                        key=f"unchanged-{run.name}",
                        on_click=_continue,
                        args=(trainer, run),
                    )
                elif may_choose and number in record.adoptable_numbers:
                    st.button(
                        "Adopt",
                        icon=":material/call_split:",
                        key=f"adopt-{run.name}-{number}",
                        on_click=_adopt,
                        args=(trainer, run, step, number),
                        help=f"{describe_trial(trial)}: makes a new run from this result and "
                        "trains it further. The old run does not change.",
                    )
    st.caption(remedy_cards.explain(record))
    if may_choose:
        with st.container(horizontal=True):
            if record.open_numbers:
                st.button(
                    "Try the rest",
                    icon=":material/science:",
                    key=f"try-rest-{run.name}",
                    on_click=_try_rest,
                    args=(trainer, run, step),
                )
            st.button(
                "Delete these results",
                icon=":material/delete:",
                key=f"delete-tries-{run.name}",
                type="tertiary",
                on_click=_delete,
                args=(run, step),
            )


def _read(run: Run, step: int) -> TrialRecord | None:
    """Return a record; None, with the reason on the page, if it cannot be read."""
    try:
        return read_record(run, step)
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=_ERROR_ICON)
        return None


@access.operators_only
def _adopt(trainer: Trainer, run: Run, step: int, number: int) -> None:
    if trainer.snapshot().is_active:  # Another tab has started a run.
        st.toast("A run is training already. Stop it first.", icon=_ERROR_ICON)
        return
    try:
        trainer.limits.check_room_for_run(trainer.root)
        adopted = adopt_trial(run, step, number)
    except RunError as error:
        st.toast(escape_markdown(str(error)), icon=_ERROR_ICON, duration="long")
        return
    _continue(trainer, adopted)


@access.operators_only
def _continue(trainer: Trainer, run: Run) -> None:
    """Train a run to its planned end; if that is reached, train for the same length again."""
    config, status = run.config, run.read_status()
    is_done = config.is_done(status.step, status.seconds, run.dataset.num_images)
    continue_or_toast(
        trainer,
        run,
        epochs=config.epochs if is_done else None,
        seconds=config.max_seconds if is_done and config.epochs is None else None,
    )


@access.operators_only
def _try_rest(trainer: Trainer, run: Run, step: int) -> None:
    try:
        if not trainer.try_rest(run, step):
            st.toast("A run is training already. Stop it first.", icon=_ERROR_ICON)
    except RunError as error:
        st.toast(escape_markdown(str(error)), icon=_ERROR_ICON, duration="long")


@access.operators_only
def _delete(run: Run, step: int) -> None:
    try:
        delete_record(run, step)
    except RunError as error:
        st.toast(escape_markdown(str(error)), icon=_ERROR_ICON, duration="long")
