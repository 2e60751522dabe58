"""The answer of an experiment: the prediction, the run's result, the reason and the next step."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import TEXT_WIDTH, escape_markdown
from dashboard.experiments import student_work
from dashboard.experiments.catalog import find_next_experiment
from dashboard.experiments.experiment import Experiment
from dashboard.experiments.student_work import StudentWork
from dashboard.snapshots.snapshot import Phase, Snapshot
from dashboard.state.race_commands import continue_race, list_missing_indices
from dashboard.state.trainer import Trainer
from dashboard.tab import compare_address
from dashboard.tab.continue_run import continue_or_toast
from dashboard.wording.messages import show_refusal
from dcgan.errors import RunError
from dcgan.sweeps.race import Race, read_race

# What happened to a run that ended before its last step, by its phase.
_ENDINGS: dict[Phase, str] = {
    "finished": "reached its time limit",
    "stopped": "was stopped",
    "failed": "failed",
    "interrupted": "was interrupted",
}


def render(experiment: Experiment, work: StudentWork) -> None:
    """Render the answer in the work on an experiment; nothing before there is one."""
    if work.answer is None:
        return
    with st.container(border=True), st.container(width=TEXT_WIDTH):
        st.markdown(describe_outcome(experiment, work))
        st.markdown("\n".join(f"- {escape_markdown(finding)}" for finding in work.answer.findings))
        if work.is_answered and work.ended is not None and work.numbers is None:
            st.caption(_describe_early_end(experiment, work.ended))


def render_reason(experiment: Experiment, work: StudentWork) -> None:
    """Render why the usual result comes, and what to talk about; nothing without an answer."""
    if work.answer is None or work.needs_another_run:
        return
    with st.container(width=TEXT_WIDTH):
        st.markdown(f"**Why.** {experiment.explanation}")
        if experiment.follow_up:
            st.markdown(f":material/forum: **To talk about.** {experiment.follow_up}")


def describe_outcome(experiment: Experiment, work: StudentWork) -> str:
    """Return a sentence, as Markdown, that compares the prediction with the run."""
    outcome = None if work.answer is None else work.answer.outcome
    if outcome is None:
        return ":material/help: **This run gives no clear answer.**"
    shown = experiment.predictions[outcome]
    if work.prediction is None:
        text = f"**The run shows:** {shown}."
    elif work.prediction == outcome:
        text = f":green[:material/check_circle:] **As you predicted:** {shown}."
    else:
        text = (
            f"You predicted: {experiment.predictions[work.prediction]}. **What happened:** {shown}."
        )
    if outcome != experiment.expected:
        text += (
            f" Usually the result is: {experiment.predictions[experiment.expected]}. Chance plays "
            "a part, so another run can differ."
        )
    return text


def _describe_early_end(experiment: Experiment, ended: Snapshot) -> str:
    planned = ended.planned_steps
    of_planned = "" if planned is None else f" of {planned:,}"
    if student_work.has_early_answer(experiment, ended):
        return (
            f"The run made {ended.step:,}{of_planned} steps. All its pictures were the same by "
            "then, so more steps would not change the answer."
        )
    return (
        f"The run made {ended.step:,}{of_planned} steps and {_ENDINGS[ended.phase]}, so part of "
        "any difference may come from its shorter training."
    )


def render_next_step(experiment: Experiment, work: StudentWork) -> None:
    """Render the button of the next experiment; nothing before there is an answer."""
    if work.answer is None:
        return
    next_experiment = find_next_experiment(experiment)
    if next_experiment is not None:
        st.button(
            f"Next: {next_experiment.title}",
            type="secondary" if work.needs_another_run else "primary",
            icon=":material/arrow_forward:",
            key="experiment-next",
            on_click=student_work.open_experiment,
            args=(next_experiment,),
        )
    else:
        st.button(
            "Back to the list and the worksheet",
            type="primary",
            icon=":material/checklist:",
            key="experiment-finish",
            on_click=student_work.open_experiment,
            args=(None,),
        )


def render_continue(trainer: Trainer) -> None:
    """Render the button that continues the run or race stopped for an experiment, if any."""
    interrupted = student_work.get_interrupted()
    if interrupted is None or trainer.snapshot().is_active or not permissions.may_operate():
        return
    if isinstance(interrupted, Race):
        if not _can_continue(trainer, interrupted):
            student_work.forget_interrupted()
        elif st.button(
            "Continue the race", icon=":material/play_circle:", key="experiment-continue"
        ):
            _continue_race(trainer, interrupted)
        return
    if not interrupted.exists():
        return
    label = f"Continue {escape_markdown(interrupted.read_title())}"
    if st.button(label, icon=":material/play_circle:", key="experiment-continue"):
        student_work.forget_interrupted()
        continue_or_toast(trainer, interrupted)
        st.switch_page("app_pages/train.py")


def _can_continue(trainer: Trainer, race: Race) -> bool:
    """Return whether a race lacks runs: it may have been continued on another page, or deleted."""
    try:
        return bool(list_missing_indices(read_race(trainer.root, race.name)))
    except RunError:
        return False


@permissions.operators_only
def _continue_race(trainer: Trainer, race: Race) -> None:
    try:
        continue_race(trainer, read_race(trainer.root, race.name))
    except RunError as error:
        show_refusal(error)
        return
    student_work.forget_interrupted()
    compare_address.open_race(race.name)
    st.switch_page("app_pages/compare.py")
