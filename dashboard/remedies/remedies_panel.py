"""The results of the tried remedies side by side, with buttons to adopt one."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import request_focus
from dashboard.components.plain_text import escape_markdown
from dashboard.remedies import remedy_cards
from dashboard.run_facts.sample_files import make_grid_png
from dashboard.runners.trial_runner import RunningTrial
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.current_training import describe_refusal
from dashboard.state.trainer import Trainer
from dashboard.tab import shown_run
from dashboard.tab.continue_run import continue_run, plan_more
from dashboard.wording.messages import announce, show_refusal
from dcgan.config.config_text import format_value
from dcgan.config.setting_info import get_setting_label
from dcgan.errors import RunError
from dcgan.remedies.adoption import adopt_trial
from dcgan.remedies.effects import find_best_remedy
from dcgan.remedies.plan import TRIAL_SECONDS, describe_trial
from dcgan.remedies.study import COLUMNS, ROWS, Study, Trial
from dcgan.remedies.study_files import delete_study, list_study_steps, read_study
from dcgan.runs.run_folder import Run


def read_running(running: RunningTrial) -> Study | None:
    """Return the study of the running trials; None before it is written."""
    return None if running.step is None else _read(running.run, running.step)


def render_running(snapshot: Snapshot, running: RunningTrial, study: Study | None) -> None:
    """Render the trials while they train: the results, the newest pictures, the trials to come."""
    with st.container(key="remedies"):
        name = "" if study is None else f": {describe_trial(study.trials[running.index])}"
        position = f"{running.index + 1} of {running.num_trials}"
        st.markdown(f"**Testing remedies, {position}{escape_markdown(name)}.**")
        seconds = TRIAL_SECONDS if study is None else study.seconds
        st.caption(
            f"Each trains for {seconds:g} s in a separate run; the tested run does not change. "
            "Stop training ends the test and keeps the results so far."
        )
        if study is None:  # It is written when the run is saved.
            return
        with remedy_cards.make_cards(study):
            newest_png = find_newest_png(running.run) if study.before is None else None
            remedy_cards.render_before(study, running.run, newest_png)
            for index, trial in enumerate(study.trials):
                is_current = index == running.index
                if trial.is_pending and not is_current:
                    continue
                with remedy_cards.make_card(index):
                    remedy_cards.render_trial(
                        study,
                        index,
                        running.run,
                        snapshot if is_current and trial.is_pending else None,
                    )
        remedy_cards.render_waiting(study, running.index)


def find_newest_png(run: Run) -> bytes | None:
    """Return a picture of the run's newest sample grid; None if there is none."""
    try:
        return make_grid_png(run, run.samples.list_steps()[-1], ROWS, COLUMNS)[0]
    except (IndexError, OSError, RunError):  # The picture comes with the measurement.
        return None


def render(trainer: Trainer, run: Run, step: int) -> None:
    """Render the results of trials at the run's newest step; older results are folded.

    Args:
        trainer: The trainer of this process.
        run: The shown run.
        step: Its newest step.
    """
    try:
        steps = list_study_steps(run)
    except OSError:  # The disk cannot be read; the pictures below show the error.
        return
    if not steps:
        return
    if step == steps[-1]:
        with st.container(key="remedies"):
            _render_results(trainer, run, step, may_be_primary=True)
        return
    folded = st.expander(
        f"Remedies that were tried at step {steps[-1]:,}", key="remedies-folded", on_change="rerun"
    )
    if folded.open:
        with folded:
            _render_results(trainer, run, steps[-1], may_be_primary=False)


def render_interrupted(trainer: Trainer) -> None:
    """Render a link to the newest run with pending trials, if there is one."""
    for run in permissions.list_runs(trainer.root)[0]:
        try:
            study = _find_pending(run)
        except (OSError, RunError):  # That run's page shows the error.
            continue
        if study is not None:
            _render_link(run, study)
            return


def _find_pending(run: Run) -> Study | None:
    """Return the study of the run's newest step if some of its trials are pending."""
    step = run.read_status().step
    if step not in list_study_steps(run):
        return None
    study = read_study(run, step)
    return study if study.pending_indices and not study.adopted else None


def _render_link(run: Run, study: Study) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="studies"):
        st.text(run.read_title(), width="content")
        st.caption(f"Not all of its remedies are tried: {remedy_cards.count_measured(study)}.")
        st.space("stretch")
        st.button(
            "Show the remedies",
            key="show-remedies",
            on_click=shown_run.request_run,
            args=(run.name,),
        )


def _render_results(trainer: Trainer, run: Run, step: int, *, may_be_primary: bool) -> None:
    study = _read(run, step)
    if study is None:
        return
    st.markdown(remedy_cards.summarize(study, run.dataset.num_images))
    is_free = not trainer.snapshot().is_active
    may_choose = permissions.may_operate() and is_free and not study.adopted
    if may_choose:
        _render_choice(trainer, run, study, may_be_primary=may_be_primary)
    with remedy_cards.make_cards(study):
        remedy_cards.render_before(study, run)
        for index in remedy_cards.sort_trials(study):
            with remedy_cards.make_card(index):
                remedy_cards.render_trial(study, index, run, None)
    if explanation := remedy_cards.explain(study):
        st.caption(explanation)


def _render_choice(trainer: Trainer, run: Run, study: Study, *, may_be_primary: bool) -> None:
    """Render the button of the remedy that helped most, and all other choices in a menu."""
    step, best = study.step, find_best_remedy(study)
    with st.container(horizontal=True):
        if best is not None and study.trials[best].is_adoptable:
            trial = study.trials[best]
            st.button(
                "Continue with this",
                icon=":material/call_split:",
                key=f"adopt-{run.name}-{best}",
                type="primary" if may_be_primary else "secondary",
                on_click=_adopt,
                args=(trainer, run, step, best),
                help=f"{describe_trial(trial)}: makes a new run from this result and trains it "
                "further. The old run does not change.",
            )
        if study.pending_indices:
            st.button(
                "Try the rest",
                icon=":material/science:",
                key=f"try-pending-{run.name}",
                on_click=_try_pending,
                args=(trainer, run, step),
            )
        with st.popover("Other ways to continue", icon=":material/more_horiz:"):
            for index in remedy_cards.sort_trials(study):
                trial = study.trials[index]
                if trial.kind == "baseline":
                    st.button(
                        "Continue unchanged",
                        key=f"unchanged-{run.name}",
                        type="tertiary",
                        on_click=_continue_unchanged,
                        args=(trainer, run),
                    )
                elif trial.is_adoptable and index != best:
                    st.button(
                        f"Continue with “{describe_trial(trial)}”",
                        key=f"adopt-{run.name}-{index}",
                        type="tertiary",
                        on_click=_adopt,
                        args=(trainer, run, step, index),
                    )
            st.button(
                "Delete these results",
                icon=":material/delete:",
                key=f"delete-study-{run.name}",
                type="tertiary",
                on_click=_delete,
                args=(run, step),
            )


def _read(run: Run, step: int) -> Study | None:
    """Return a study; None, with the reason on the page, if it cannot be read."""
    try:
        return read_study(run, step)
    except RunError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return None


@permissions.operators_only
def _adopt(trainer: Trainer, run: Run, step: int, index: int) -> None:
    if trainer.snapshot().is_active:  # Another tab has started a run.
        show_refusal(describe_refusal(trainer))
        return
    try:
        trainer.limits.check_room_for_run(trainer.root)
        announcement = describe_continuation(read_study(run, step).trials[index])
        adopted = adopt_trial(run, step, index)
    except RunError as error:
        show_refusal(error)
        return
    _continue(trainer, adopted, announcement)


@permissions.operators_only
def _continue_unchanged(trainer: Trainer, run: Run) -> None:
    _continue(trainer, run, f"Continues from step {run.read_status().step:,} without a change.")


def describe_continuation(trial: Trial) -> str:
    """Describe what an adopted trial trains from now on."""
    step = 0 if trial.result is None else trial.result.step
    if trial.kind == "rolled_back":
        return f"Continues from step {step:,}, after the return to step {trial.step or 0:,}."
    changes = ", ".join(
        f"{get_setting_label(name)} {format_value(name, value)}"
        for name, value in trial.changes.items()
    )
    return f"Continues from step {step:,} with {changes}."


@permissions.operators_only
def _continue(trainer: Trainer, run: Run, announcement: str) -> None:
    """Train a run to its planned end, or if that is reached, for the same length again.

    Args:
        trainer: The trainer of this process.
        run: The run.
        announcement: A sentence at the top of the page on how the run continues.
    """
    status = run.read_status()
    epochs, seconds = plan_more(run, status.step, status.seconds)
    if problem := continue_run(trainer, run, epochs=epochs, seconds=seconds):
        st.toast(problem, icon=":material/error:", duration="long")
        return
    announce(run, announcement)
    request_focus("status")  # The button was in the cards, further down.


@permissions.operators_only
def _try_pending(trainer: Trainer, run: Run, step: int) -> None:
    try:
        if not trainer.try_pending_remedies(run, step):
            show_refusal(describe_refusal(trainer))
    except RunError as error:
        show_refusal(error)


@permissions.operators_only
def _delete(run: Run, step: int) -> None:
    try:
        delete_study(run, step)
    except RunError as error:
        show_refusal(error)
